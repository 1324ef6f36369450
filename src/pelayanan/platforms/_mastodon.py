"""What is sent to Mastodon and comes back: wire shapes, refusals, texts and their comparison."""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ValidationError

from pelayanan.errors import AuthError, ConfigError, PlatformError, ReauthRequiredError
from pelayanan.models import Answer, Author, Mention, Sent
from pelayanan.models import Attachment as Attached
from pelayanan.platforms._mastodon_text import bare, shown
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Items, Page, Unreadable, sift
from pelayanan.protocol.request import Response, classify_status

_LOOPBACK = {"localhost", "127.0.0.1"}
_MEDIA_TYPES = {"image": "image/*", "gifv": "video/*", "video": "video/*", "audio": "audio/*"}
_VISIBLE = re.compile(r"[!-~]{1,200}")  # what may stand in a header as it is

T = TypeVar("T", Mention, Answer)
W = TypeVar("W", bound="_Item")


class _Item(BaseModel):
    id: str


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


class _Status(_Item):
    visibility: str = ""
    spoiler_text: str = ""
    url: str | None = None
    in_reply_to_id: str | None = None
    account: Account | None = None
    media_attachments: list[Attachment] = []
    mentions: list[Account] = []


class Status(_Status):
    content: str = ""
    created_at: AwareDatetime | None = None  # a notification has one of its own


class Posted(_Status):
    content: str  # without it nobody can tell whether an answer stands
    created_at: AwareDatetime

    def by(self, account: Account) -> bool:
        """Whether this account wrote it."""
        return self.account is not None and self.account.id == account.id


class Notification(_Item):
    type: str = "mention"
    created_at: AwareDatetime | None = None
    account: Account | None = None
    status: Status | None = None


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


def classify(operation: str, response: Response) -> PlatformError | None:
    """Map a refusal; where its reason decides what to do, the server's own words are kept."""
    error = classify_status(operation, response)
    if response.status == 401:  # tokens do not expire by themselves: somebody revoked this one
        return ReauthRequiredError("the token is not valid", operation=operation, status=401)
    if error is not None and response.status in {403, 422}:
        kind = AuthError if response.status == 403 else type(error)
        said = f"HTTP {response.status}: {_reason(response)}".rstrip(": ")
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


def page(
    form: str,
    seen: str,
    found: Sequence[W | Unreadable],
    to: Callable[[W], T | Unreadable | None],
) -> Page[T]:
    """Turn a listing after the id `seen` into a page: oldest first, each record once."""
    kept: dict[object, T | Unreadable] = {}
    for item in sorted(found, key=lambda one: id_order(one.id)):
        record = item if isinstance(item, Unreadable) else to(item)
        if record is not None:
            bad = isinstance(record, Unreadable)
            kept.setdefault((bad, record.id) if record.id else object(), record)
    newest = max([seen, *(item.id for item in found)], key=id_order)
    items, unreadable = sift(kept.values())
    return Page(items, f"{form}:{newest}", more=newest != seen, unreadable=unreadable)


def mention_of(found: Notification) -> Mention | Unreadable | None:
    """The message a notification tells of; ``None`` where there is none, or not any more."""
    status = found.status
    if found.type != "mention" or status is None:
        return None
    created_at = status.created_at or found.created_at
    if created_at is None:
        return Unreadable(found.id, "status.created_at (missing)")
    author = found.account or status.account or Account(id="", acct="")
    return Mention(
        platform="mastodon",
        id=status.id,
        author=Author(id=author.id, handle=author.acct, name=author.display_name),
        text=status_text(status),
        created_at=created_at,
        url=status.url,
        thread=status.in_reply_to_id or status.id,
        reply_to=status.in_reply_to_id or "",
        private=status.visibility == "direct",
        automatic=author.bot,
        attachments=tuple(_attached(file) for file in status.media_attachments),
        ref={"visibility": status.visibility},
    )


def answer_of(found: Posted) -> Answer | None:
    """What the account said to somebody; ``None`` where a status answers nobody."""
    if not found.in_reply_to_id:
        return None
    return Answer(
        platform="mastodon",
        id=found.id,
        to=found.in_reply_to_id,
        text=status_text(found),
        created_at=found.created_at,
        thread=found.in_reply_to_id,
        url=found.url,
        private=found.visibility == "direct",
    )


def sent_of(found: Posted) -> Sent:
    """The proof that a status stands."""
    return Sent(id=found.id, url=found.url, at=found.created_at, confirmed=True)


def status_text(status: Status | Posted) -> str:
    """What people read: the content warning, then the text."""
    return "\n".join(filter(None, [status.spoiler_text.strip(), shown(status.content)]))


def _attached(file: Attachment) -> Attached:
    media_type = _MEDIA_TYPES.get(file.type, "application/octet-stream")
    return Attached(media_type=media_type, url=file.url or "", alt=file.description or "")


def answered(mention: Mention) -> str:
    """How far an answer may be seen: never farther than the message.

    Followers of the citizen are not those of the agency, so that what only followers may read is
    answered directly.
    """
    seen = mention.ref.get("visibility", "")
    return seen if seen in {"public", "unlisted"} and not mention.private else "direct"


def says(status: Posted, text: str) -> bool:
    """Whether a status has this text."""
    return bare(status_text(status)) == bare(text)


def may_answer(status: Posted, mention: Mention) -> bool:
    """Whether an own status may have answered a message that is gone, and its id with it."""
    to_author = mention.author.id in {account.id for account in status.mentions}
    return status.in_reply_to_id == mention.id or (status.in_reply_to_id is None and to_author)


def readable(found: Sequence[W | Unreadable]) -> list[W]:
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
