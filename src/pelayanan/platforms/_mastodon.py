"""What is sent to Mastodon and comes back: wire shapes, refusals, texts and their comparison."""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ValidationError

from pelayanan.errors import AuthError, ConfigError, PlatformError, ReauthRequiredError
from pelayanan.models import Answer, Mention, Sent
from pelayanan.platforms._mastodon_text import bare, warned
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Items, Page, Unreadable, sift
from pelayanan.protocol.request import Response, classify_status

_LOOPBACK = {"localhost", "127.0.0.1"}
_VISIBLE = re.compile(r"[!-~]{1,200}")  # what may stand in a header as it is

T = TypeVar("T", Mention, Answer)


class Account(BaseModel):
    id: str
    acct: str
    display_name: str = ""
    bot: bool = False


class Attachment(BaseModel):
    id: str
    type: str = "unknown"
    url: str | None = None
    description: str | None = None


class Posted(BaseModel):
    id: str
    visibility: str = ""
    spoiler_text: str = ""
    url: str | None = None
    in_reply_to_id: str | None = None
    account: Account | None = None
    mentions: list[Account] = []
    content: str  # without it nobody can tell whether an answer stands
    created_at: AwareDatetime

    def by(self, account: Account) -> bool:
        """Whether this account wrote it."""
        return self.account is not None and self.account.id == account.id


class Context(BaseModel):
    descendants: Items[Posted]


class _StatusLimits(BaseModel):
    max_characters: int = 500
    characters_reserved_per_url: int = 23
    max_media_attachments: int = 4


class _MediaLimits(BaseModel):
    image_size_limit: int | None = None
    video_size_limit: int | None = None
    description_limit: int | None = None


class Configuration(BaseModel):
    statuses: _StatusLimits = _StatusLimits()
    media_attachments: _MediaLimits = _MediaLimits()


class Instance(BaseModel):
    version: str = ""
    configuration: Configuration = Configuration()


class Application(BaseModel):
    scopes: list[str] | None = None  # told since 4.3


class _Failure(BaseModel):
    error: str = ""


def server_url(server: str) -> str:
    """The base of all addresses; raises `ConfigError` where a token would travel in the open."""
    parts = urlsplit(server)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (safe and parts.hostname) or parts.path.strip("/") or parts.query or "@" in parts.netloc:
        raise ConfigError('server must be like "https://sosial.example.go.id"')
    return f"{parts.scheme}://{parts.netloc}"


def classify(operation: str, response: Response, *, token: str = "") -> PlatformError | None:
    """Map a refusal; where its reason decides what to do, the server's own words are kept.

    Words that repeat the token are dropped.
    """
    error = classify_status(operation, response)
    if response.status == 401:  # tokens do not expire by themselves: somebody revoked this one
        return ReauthRequiredError("the token is not valid", operation=operation, status=401)
    if error is not None and response.status in {403, 422}:
        kind = AuthError if response.status == 403 else type(error)
        reason = _reason(response)
        reason = "" if token and token in reason else reason
        said = f"HTTP {response.status}: {reason}".rstrip(": ")
        return kind(said, operation=operation, status=response.status)
    return error


def _reason(response: Response) -> str:
    try:
        return " ".join(_Failure.model_validate_json(response.body).error.split())[:120]
    except ValidationError:
        return ""


def idempotency_key(key: str) -> str:
    """The key as a header may carry it. The server keeps keys apart by account."""
    return key if _VISIBLE.fullmatch(key) else sha256(key.encode()).hexdigest()


def id_order(identifier: str) -> tuple[int, str]:
    """Ids are opaque and grow: they sort by length, then as text (API guidelines, pagination)."""
    return len(identifier), identifier


def page(form: str, seen: str, found: Iterable[tuple[str, T | Unreadable | None]]) -> Page[T]:
    """Turn a listing after the id `seen` into a page: oldest first, each record once.

    Args:
        form: Platform and format of the cursor.
        seen: Up to where the pages before told.
        found: The id of each item in the listing, and what it tells, if anything.
    """
    listed: list[tuple[str, T | Unreadable | None]] = list(found)
    listed.sort(key=lambda one: id_order(one[0]))
    kept: dict[object, T | Unreadable] = {}
    for _, record in listed:
        if record is not None:
            bad = isinstance(record, Unreadable)
            kept.setdefault((bad, record.id) if record.id else object(), record)
    newest = max([seen, *(one for one, _ in listed[-1:])], key=id_order)
    items, unreadable = sift(kept.values())
    return Page(items, f"{form}:{newest}", more=newest != seen, unreadable=unreadable)


def answers(
    listed: Iterable[Posted | Unreadable],
) -> Iterator[tuple[str, Answer | Unreadable | None]]:
    """What the account said to somebody, each with its id; ``None``: it answers nobody."""
    for one in listed:
        yield one.id, one if isinstance(one, Unreadable) else _answer(one)


def _answer(found: Posted) -> Answer | None:
    if not found.in_reply_to_id:
        return None
    return Answer(
        platform="mastodon",
        id=found.id,
        to=found.in_reply_to_id,
        text=_text(found),
        created_at=found.created_at,
        thread=found.in_reply_to_id,
        url=found.url,
        private=found.visibility == "direct",
    )


def sent_of(found: Posted) -> Sent:
    """The proof that a status stands."""
    return Sent(id=found.id, url=found.url, at=found.created_at, confirmed=True)


def _text(status: Posted) -> str:
    return warned(status.spoiler_text, status.content)


def answered(mention: Mention) -> str:
    """How far an answer may be seen: never farther than the message.

    Followers of the citizen are not those of the agency, so that what only followers may read is
    answered directly.
    """
    seen = mention.ref.get("visibility", "")
    return seen if seen in {"public", "unlisted"} and not mention.private else "direct"


def says(status: Posted, text: str) -> bool:
    """Whether a status has this text."""
    return bare(_text(status)) == bare(text)


def may_answer(status: Posted, mention: Mention) -> bool:
    """Whether an own status may have answered a message that is gone, and its id with it."""
    to_author = mention.author.id in {account.id for account in status.mentions}
    return status.in_reply_to_id == mention.id or (status.in_reply_to_id is None and to_author)


def readable(found: Sequence[Posted | Unreadable]) -> list[Posted]:
    """What could be read."""
    return [one for one in found if not isinstance(one, Unreadable)]


def media_refusal(media: Sequence[MediaFile], limits: Configuration) -> str:
    """Why the server would not take these files; empty if it would."""
    kinds = [file.media_type.partition("/")[0] for file in media]
    most = limits.statuses.max_media_attachments
    if len(media) > (1 if "video" in kinds else most):
        return f"a status takes up to {most} images or one video"
    sizes = {
        "image": limits.media_attachments.image_size_limit,
        "video": limits.media_attachments.video_size_limit,
    }
    for file, kind in zip(media, kinds, strict=True):
        if kind not in sizes:
            return f"{file.media_type} is neither image nor video"
        if file.size_bytes > (sizes[kind] or file.size_bytes):
            return f"{file.filename} has {file.size_bytes} bytes, the server takes {sizes[kind]}"
        if len(file.alt) > (limits.media_attachments.description_limit or len(file.alt)):
            return f"the alt text of {file.filename} is longer than the server takes"
    return ""
