"""What a province configures, in ``pelayanan.toml`` or in code."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pelayanan.errors import ConfigError
from pelayanan.models import Agency

__all__ = ["AccountConfig", "Config"]


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
        url: ``sqlite:///pelayanan.db`` or ``postgresql://user@host/database``.
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
    definition: str = "idt/1"


class ReplyConfig(_Part):
    """Rules for what goes out.

    Attributes:
        own_contacts: The agencies' own phone numbers and addresses, which a reply may show.
        two_persons: Kinds whose replies another person than the writer must approve.
    """

    own_contacts: tuple[str, ...] = ()
    two_persons: tuple[str, ...] = ("pengaduan_pengawasan",)


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
    agencies: tuple[Agency, ...] = ()
    accounts: tuple[AccountConfig, ...] = ()
    folder: Path = Path()

    @model_validator(mode="after")
    def _joined(self) -> Self:
        agencies = [agency.key for agency in self.agencies]
        keys = [account.key for account in self.accounts]
        for name, found in (("agencies", agencies), ("accounts", keys)):
            if doubled := sorted({key for key in found if found.count(key) > 1}):
                raise ValueError(f"{name}: the key {doubled[0]!r} is there twice")
        for key in (*agencies, *keys):
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
                raise ValueError(f"the key {key[:40]!r} may have only a-z, 0-9, - and _")
        for account in self.accounts:
            if account.agency not in agencies:
                raise ValueError(f"account {account.key!r}: no agency has key {account.agency!r}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The agencies' time zone."""
        return ZoneInfo(self.province.timezone)

    def place(self, name: str) -> Path:
        """A path of the configuration, relative to its folder."""
        return self.folder / name

    @classmethod
    def of(cls, values: Mapping[str, Any], *, folder: Path | str = ".") -> Self:
        """Make a configuration from plain values."""
        try:
            return cls.model_validate({**values, "folder": Path(folder)})
        except ValidationError as error:
            raise ConfigError(_told(error)) from None

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read ``pelayanan.toml``; errors name the line."""
        place = Path(path)
        try:
            text = place.read_text("utf-8")
            values = tomllib.loads(text)
        except FileNotFoundError:
            raise ConfigError(f"{place} is not there: make one with `pelayanan init`") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{place}: {error}") from None
        try:
            return cls.model_validate({**values, "folder": place.parent})
        except ValidationError as error:
            raise ConfigError(f"{place}{_line(text, error)}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = "is not known here" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{where}: {what}".removeprefix(": ").replace("Value error, ", "")


def _line(text: str, error: ValidationError) -> str:
    """`` line 7`` if the place of the first error can be found in the text."""
    location = error.errors()[0]["loc"]
    names = [part for part in location if isinstance(part, str)]
    number = next((part for part in location if isinstance(part, int)), 0)
    if not names:
        return ""
    table = re.compile(rf"^\s*\[\[?\s*{re.escape(names[0])}\s*\]\]?")
    seen, start = -1, 0
    for at, line in enumerate(text.splitlines(), 1):
        if table.match(line):
            seen += 1
            start = at
        elif (
            seen == number and len(names) > 1 and re.match(rf"\s*{re.escape(names[-1])}\s*=", line)
        ):
            return f" line {at}"
        elif seen > number:
            break
    return f" line {start}" if seen >= 0 else ""
