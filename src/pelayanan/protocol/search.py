"""What is searched for: words and hashtags, never persons, the same on every platform."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from unicodedata import category, normalize

from pelayanan.errors import ConfigError

__all__ = ["Query", "person_in"]

_HANDLE = re.compile(r"@\w|\bdid:\w")
_OPERATOR = re.compile(r"(?<!\w)[^\W\d]\w*:\S")
_ADDRESS = re.compile(
    r"\w://|(?<!\S)www\.|(?<![\w.-])(?:[\w-]+\.){2,}[^\W\d_]{2}|\.[^\W\d_]{2,}/\w"
)
_LONG = re.compile(r"\d{9}")  # without its first 0 a telephone number has no form
_WORD = re.compile(r"#?\w+(?:[-'’]\w+)*")  # noqa: RUF001  as typed


def person_in(text: str) -> str:
    """Why a text would look for a person, empty if it does not.

    Handles, mail addresses, NIK, NIP and telephone numbers are known by their form; names of
    people are not, so that a person answers for what is watched.

    Example:
        >>> person_in("@wati"), person_in("WA 0812-0000-0001"), person_in("#bansos bengkulu")
        ('it holds the name of an account', 'it holds a phone number', '')
    """
    from pelayanan.text.personal import find_personal  # noqa: PLC0415  slow to load, seldom used

    told = {"phone": "a phone number", "email": "a mail address", "nip": "a NIP"}
    plain = _plain(text)
    for form in (plain, re.sub(r"[^\w#]+", " ", plain)):  # also in the words that will be asked for
        for found in find_personal(form):
            return f"it holds {told.get(found.kind, 'a NIK or its like')}"
    if _HANDLE.search(plain):
        return "it holds the name of an account"
    return "it holds a long number" if _LONG.search(plain) else ""


def _plain(text: str) -> str:
    """Without wide forms and what is not seen, behind which a name could hide."""
    seen = (sign for sign in normalize("NFKC", text) if category(sign) != "Cf")
    return "".join(seen)


@dataclass(frozen=True, slots=True)
class Query:
    """Words and hashtags that a message must have, all of them, in any order and case."""

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a query.

        Raises:
            ConfigError: It has no words, looks for a person, or speaks a platform's own search
                language (``from:``), which would.

        Example:
            >>> Query.of("Bansos #Bengkulu")
            Query(words=('bansos',), tags=('bengkulu',))
        """
        text = _plain(text)
        if why := person_in(text):
            raise ConfigError(f"nobody is searched for by person ({why}): give words or places")
        if _OPERATOR.search(text) or _ADDRESS.search(text):
            raise ConfigError("a search takes words and hashtags only, no addresses or operators")
        found = [word.casefold() for word in _WORD.findall(text)]
        if not found:
            raise ConfigError("there is nothing to search for: give words or a hashtag")
        words = tuple(dict.fromkeys(word for word in found if not word.startswith("#")))
        return cls(words, tuple(dict.fromkeys(word[1:] for word in found if word.startswith("#"))))

    @property
    def text(self) -> str:
        """Its words, then its hashtags, as most platforms take them (lower case: no ``OR``)."""
        return " ".join([*self.words, *(f"#{tag}" for tag in self.tags)])

    def form(self, platform: str) -> str:
        """Platform and format of its cursors: with another query they cannot be read."""
        return f"{platform}/search/1-{sha256(self.text.encode()).hexdigest()[:8]}"

    def fits(self, text: str) -> bool:
        """Whether a text has all of it; a word may go on (``bansosnya``), a hashtag may not.

        Example:
            >>> Query.of("bansos").fits("Bansosnya belum"), Query.of("#bansos").fits("bansos")
            (True, False)
        """
        told = text.casefold()
        return all(_has(told, word) for word in self.words) and all(
            _has(told, f"#{tag}", whole=True) for tag in self.tags
        )


def _has(text: str, word: str, *, whole: bool = False) -> bool:
    end = r"(?!\w)" if whole else ""
    return bool(re.search(rf"(?<!\w){re.escape(word)}{end}", text))
