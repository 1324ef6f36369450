"""Numbers of people as values: checked once, shown nowhere.

They are no `str`, so that no format string, log line or JSON writer gets at the digits by accident;
`reveal` is the only way to them. The same holds for errors of pydantic about them.
"""

import re
from abc import abstractmethod
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from pelayanan.text.numbers import nik_problem, nip_problem

__all__ = ["NIK", "NIP"]

_ROUNDED = "a spreadsheet made a number of it and may have rounded it: take it as text"
_RETYPE = "type it again from the card into a column formatted as text"


class _Number:
    """What NIK and NIP share: checking, hiding, comparing."""

    __slots__ = ("_digits",)
    _length: ClassVar[int]
    _digits: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_digits", self._checked(value))

    @classmethod
    def _checked(cls, value: object) -> str:
        digits = cls._bare(value)
        problem = "" if digits.isdigit() and digits.isascii() else "it has more than digits"
        if not problem and len(digits) == cls._length - 1:
            problem = f"a digit is lost, perhaps a leading zero in a spreadsheet: {_RETYPE}"
        problem = problem or cls._problem(digits)
        if problem:
            raise ValueError(f"not a {cls.__name__}: {problem}")
        return digits

    @staticmethod
    @abstractmethod
    def _problem(digits: str) -> str: ...

    @classmethod
    def _bare(cls, value: object) -> str:
        if not isinstance(value, str):  # also what no checker sees: a cell of a data frame
            kind = type(value).__name__
            reason = _ROUNDED if kind.startswith(("int", "float", "uint")) else "it is no text"
            raise ValueError(f"not a {cls.__name__}: {reason}")  # noqa: TRY004  one error for users
        text = value.strip().removeprefix("'")  # Excel marks text so
        if re.fullmatch(r"\d+\.0+", text) or re.fullmatch(r"[\d.,]+\s*[eE]\s*\+?\d+", text):
            raise ValueError(f"not a {cls.__name__}: {_ROUNDED}; {_RETYPE}")
        return re.sub(r"[\s.\-\u2010-\u2015]", "", text)

    def reveal(self) -> str:
        """The digits, for the one place that needs them: never for logs, files or screens."""
        return self._digits

    def masked(self) -> str:
        """The form that may be shown in public: which number it is, none of its digits."""
        return f"[{type(self).__name__}]"

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._digits == other._digits

    def __hash__(self) -> int:
        return hash((type(self), self._digits))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self._digits,)

    @classmethod
    def _parse(cls, value: object) -> Self:
        try:
            return value if isinstance(value, cls) else cls(value)  # type: ignore[arg-type]  # checked there
        except ValueError as error:
            reason = PydanticCustomError("personal_number", "{reason}", {"reason": str(error)})
            hidden = f"[{cls.__name__}]"  # pydantic would print what was put in
        raise ValidationError.from_exception_data(
            cls.__name__, [{"type": reason, "input": hidden}]
        ) from None

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        """Read from text; write into JSON as the masked form, like a secret."""
        return core_schema.no_info_plain_validator_function(
            cls._parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls.masked, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "title": cls.__name__, "writeOnly": True}


class NIK(_Number):
    """Nomor Induk Kependudukan: 16 digits, the number of a resident.

    Blanks, dots and dashes are dropped. The kecamatan is not checked, and neither place of living
    nor century of birth can be read from it.

    Raises:
        ValueError: With the reason, never with the number.

    Source:
        reference: indonesia.md, 3.1.

    Example:
        >>> nik = NIK("1771 0141 0190 0001")
        >>> print(nik, [nik], nik.reveal()[:2])
        [NIK] [<NIK>] 17
    """

    __slots__ = ()
    _length = 16

    @staticmethod
    def _problem(digits: str) -> str:
        return nik_problem(digits)


class NIP(_Number):
    """Nomor Induk Pegawai: 18 digits, the number of a civil servant (PNS or PPPK).

    Raises:
        ValueError: With the reason, never with the number.

    Source:
        reference: indonesia.md, 3.1.

    Example:
        >>> NIP("19770312 200312 2 007").masked()
        '[NIP]'
    """

    __slots__ = ()
    _length = 18

    @staticmethod
    def _problem(digits: str) -> str:
        return nip_problem(digits)
