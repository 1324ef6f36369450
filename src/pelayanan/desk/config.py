"""What a province configures, in ``pelayanan.toml`` or in code."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from pelayanan.desk._lines import Place, line_of, shown
from pelayanan.desk.watching import ListeningConfig, WatchConfig
from pelayanan.errors import ConfigError
from pelayanan.models import Agency, Kind

__all__ = ["AccountConfig", "Config"]


_YEARS = range(2000, 2076)  # no platform is older, no calendar reaches further


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProvinceConfig(_Part):
    """Attributes: timezone is that of the agencies (WIB, WITA or WIT)."""

    name: str = "Provinsi"
    timezone: str = "Asia/Jakarta"

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in {"Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"}:
            raise ValueError("use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)")
        return name


class StoreConfig(_Part):
    """Where things are kept; paths are relative to the configuration's folder.

    Attributes:
        url: ``sqlite:///pelayanan.db`` or ``postgresql://user@host/database``; one with a password
            in it is named ``env:NAME`` or ``file:PATH``.
        schema_name: PostgreSQL only (``schema`` in the file): where our tables live.
        media: Folder of photos and videos.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    url: str = "sqlite:///pelayanan.db"
    schema_name: str | None = Field(default=None, alias="schema")
    media: str = "media"


class CalendarConfig(_Part):
    """Attributes: overrides is a file of days that a decree added, removed or moved."""

    overrides: str | None = None


class ScoreConfig(_Part):
    """Attributes: profile is chosen for all agencies before a period begins (score.md, 5)."""

    definition: str = "idt/1"
    profile: Literal["dasar", "lengkap"] = "dasar"


class ReplyConfig(_Part):
    """Rules for what goes out.

    Attributes:
        own_contacts: The agencies' own phone numbers and addresses, which a reply may show.
        two_persons: Kinds whose replies another person than the writer must approve.
    """

    own_contacts: tuple[str, ...] = ()
    two_persons: tuple[Kind, ...] = (Kind.PENGADUAN_PENGAWASAN,)


class ReportConfig(_Part):
    """Attributes: account is the mailbox that sends reports; default: the only one there is."""

    account: str | None = None


class AccountConfig(BaseModel):
    """One account; what only its platform knows (server, handle, token …) stands beside.

    Attributes:
        since: From when its messages count (`before_start` before); default: when the desk first
            saw the account.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    key: str
    agency: str
    platform: str
    since: date | None = None

    @field_validator("since")
    @classmethod
    def _of_our_days(cls, day: date | None) -> date | None:
        if day is not None and not _YEARS.start <= day.year < _YEARS.stop:
            raise ValueError("no calendar knows this year: give a date such as 2026-01-31")
        return day

    @property
    def fields(self) -> dict[str, Any]:
        """What the platform's class is made with."""
        return dict(self.model_extra or {})


class Config(_Part):
    """A whole configuration.

    Raises:
        ConfigError: From `read` and `of`: something is missing, unknown or doubled.
    """

    province: ProvinceConfig = ProvinceConfig()
    store: StoreConfig = StoreConfig()
    calendar: CalendarConfig = CalendarConfig()
    score: ScoreConfig = ScoreConfig()
    reply: ReplyConfig = ReplyConfig()
    report: ReportConfig = ReportConfig()
    agencies: tuple[Agency, ...] = ()
    accounts: tuple[AccountConfig, ...] = ()
    listening: ListeningConfig = ListeningConfig()
    watch: tuple[WatchConfig, ...] = ()
    folder: Path = Path()
    _source: Path | None = PrivateAttr(default=None)
    _text: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _agencies_have_known_fields(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A slip must not be ignored here, though records ignore what newer programs add."""
        found: Any = values.get("agencies")
        for number, agency in enumerate(found if hasattr(found, "__iter__") else ()):
            for name in getattr(agency, "keys", tuple)():
                if name not in Agency.model_fields:
                    raise _wrong(("agencies", number, name), _unknown(Agency))
        return values

    @model_validator(mode="after")
    def _joined(self) -> Self:
        agencies = [agency.key for agency in self.agencies]
        keys = [account.key for account in self.accounts]
        for name, found in (("agencies", agencies), ("accounts", keys)):
            for number, key in enumerate(found):
                place = name, number, "key"
                if key in found[:number]:
                    raise _wrong(place, f"the key {key!r} is there twice: give each its own")
                if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
                    raise _wrong(place, f"the key {key[:40]!r} may have only a-z, 0-9, - and _")
        known = ", ".join(agencies) or "none yet: add [[agencies]]"
        for number, account in enumerate(self.accounts):
            if account.agency not in agencies:
                told = f"no agency has key {account.agency!r}; there are {known}"
                raise _wrong(("accounts", number, "agency"), told)
        if self.report.account is not None and self.report.account not in keys:
            told = f"no account has key {self.report.account!r}; there are {_named(keys)}"
            raise _wrong(("report", "account"), told)
        for number, agency in enumerate(self.agencies):
            if agency.successor is not None and agency.successor not in agencies:
                told = f"no agency has key {agency.successor!r}; there are {known}"
                raise _wrong(("agencies", number, "successor"), told)
        return self

    @model_validator(mode="after")
    def _follow_each_other(self) -> Self:
        heirs = {agency.key: agency.successor for agency in self.agencies}
        for number, agency in enumerate(self.agencies):
            first, last = agency.valid_from, agency.valid_to
            if first is not None and last is not None and last < first:
                told = "lies before valid_from: exchange them"
                raise _wrong(("agencies", number, "valid_to"), told)
            line, heir = [agency.key], agency.successor
            while heir is not None and heir not in line:
                line.append(heir)
                heir = heirs[heir]
            if heir == agency.key:
                told = f"{' → '.join((*line, agency.key))} goes round: name who took over last"
                raise _wrong(("agencies", number, "successor"), told)
        return self

    @model_validator(mode="after")
    def _watched(self) -> Self:
        keys = [account.key for account in self.accounts]
        for number, watch in enumerate(self.watch):
            if watch.account and watch.account not in keys:
                told = f"no account has key {watch.account[:40]!r}; there are {_named(keys)}"
                raise _wrong(("watch", number, "account"), told)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The agencies' time zone."""
        return ZoneInfo(self.province.timezone)

    def place(self, name: str) -> Path:
        """A path of the configuration, relative to its folder."""
        return self.folder / name

    def where(self, account: str, field: str = "") -> str:
        """Where an account, or a field of it, stands in the file: ``"…toml line 7: "``."""
        if self._source is None:
            return ""
        number = [each.key for each in self.accounts].index(account)
        line = line_of(self._text, ("accounts", number, field))
        return f"{self._source} line {line}: " if line else f"{self._source}: "

    @classmethod
    def of(cls, values: Mapping[str, Any], *, folder: Path | str = ".") -> Self:
        """Make a configuration from plain values."""
        try:
            return cls.model_validate({**values, "folder": Path(folder)})
        except ValidationError as error:
            raise ConfigError(_told(error.errors()[0])) from None

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read ``pelayanan.toml``; errors name the line."""
        place = Path(path)
        text = _text_of(place)
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{place}{_toml(str(error))}") from None
        try:
            made = cls.model_validate({**values, "folder": place.parent})
        except ValidationError as error:
            first = error.errors()[0]
            line = line_of(text, _place(first))
            raise ConfigError(f"{place}{f' line {line}' if line else ''}: {_told(first)}") from None
        if _PASSWORD.match(made.store.url):
            line = line_of(text, ("store", "url"))
            told = 'a password may not stand in the file: write url = "env:NAME" or "file:PATH"'
            raise ConfigError(f"{place} line {line}: store, url: {told}")
        made._source, made._text = place, text  # noqa: SLF001  our own
        return made


_PASSWORD = re.compile(r"\w[\w+]*://[^@]*:[^@]+@|.*[?&]password=", re.IGNORECASE)
_TOML = {
    "Cannot overwrite a value": "this key is there twice: remove one of them",
    "Cannot declare": "this table is there twice: put its keys together",
    "Invalid value": 'no value: text stands in "quotes", a date is written 2026-01-31',
}
_MESSAGES = {
    "missing": "is missing: add it",
    "string_type": 'must be text: put it into "quotes"',
    "tuple_type": "must be a list: put it into [ ]",
    "model_type": "must be a table: write it as [name]",
    "model_attributes_type": "must be a table: write it as [name]",
    "date_type": "must be a date such as 2026-01-31",
    "date_parsing": "must be a date such as 2026-01-31",
    "date_from_datetime_parsing": "must be a date such as 2026-01-31",
    "date_from_datetime_inexact": "must be a date such as 2026-01-31, without a time",
}


def _named(keys: Sequence[str]) -> str:
    return ", ".join(keys) or "none yet: add [[accounts]]"


def _wrong(place: Place, told: str) -> PydanticCustomError:
    return PydanticCustomError("config", "{told}", {"told": told, "place": tuple(place)})


def _unknown(part: type[BaseModel]) -> str:
    names = (field.alias or name for name, field in part.model_fields.items() if name != "folder")
    return f"is not known here: there are {', '.join(names)}"


def _place(error: ErrorDetails) -> Place:
    place: Place = error.get("ctx", {}).get("place", error["loc"])
    return place


def _told(error: ErrorDetails) -> str:
    """What is wrong and what to do, never with the value: it may be a secret."""
    place = _place(error)
    if error["type"] == "extra_forbidden":
        part = Config if len(place) == 1 else Config.model_fields[str(place[0])].annotation
        part = next(iter(get_args(part)), part)  # of a list of tables
        told = _unknown(part) if isinstance(part, type) and issubclass(part, BaseModel) else ""
    else:
        told = _MESSAGES.get(error["type"], error["msg"].removeprefix("Value error, "))
        if error["type"] == "tuple_type" and len(place) == 1:
            told = f"must be a list of tables: write each as [[{place[0]}]]"
    return f"{shown(place)}: {told}".removeprefix(": ")


def _toml(said: str) -> str:
    """`` line 7: …`` of what the reader of TOML says."""
    what, _, at = said.partition(" (at ")
    line = re.match(r"line (\d+)", at)
    told = next((ours for theirs, ours in _TOML.items() if what.startswith(theirs)), what)
    return f"{f' {line[0]}' if line else ''}: {told}"


def _text_of(place: Path) -> str:
    try:
        return place.read_text("utf-8-sig")  # some editors put a mark before the first letter
    except FileNotFoundError:
        raise ConfigError(f"{place} is not there: make one with `pelayanan init`") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{place} is not UTF-8: save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{place} cannot be read ({error.strerror}): check its rights") from None
