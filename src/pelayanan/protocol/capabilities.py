"""What a platform may be able to do. A platform implements only what it has.

There is no base class and no ``NotImplementedError``: asking a platform for something it cannot
do is an error of the type checker, not of the cron job at night.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast, runtime_checkable

from pelayanan.errors import UnsupportedError
from pelayanan.models import Answer, Check, Mention, Sent
from pelayanan.protocol.flow import Flow
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page

if TYPE_CHECKING:  # most programs hear of none
    from pelayanan.protocol.webhook import Pointer, WebhookEvents

__all__ = [
    "Account",
    "AnswerSource",
    "Capabilities",
    "Checkable",
    "CommentSource",
    "Identified",
    "KeyedWebhookSource",
    "Mailer",
    "MentionFetcher",
    "MentionSource",
    "PrivateReplier",
    "PublicationFinder",
    "Publisher",
    "Replier",
    "ReplyFinder",
    "SearchSource",
    "TextLimit",
    "WebhookSource",
    "names_of",
    "require",
]

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class TextLimit:
    """How long a text may be, in the platform's own counting (`pelayanan.text.length`)."""

    counter: Literal["characters", "graphemes", "bytes", "mastodon", "threads", "x", "none"]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What cannot be seen from the methods, as data (reference: platforms.md, 0.1).

    Attributes:
        text: Limits that a reply must keep, all of them.
        chat_text: The same for private messages, where they differ.
        media_text: The same for a publication with files, where they differ.
        media: How many files a publication takes, and which kinds.
        image_bytes: How large a photo may be; a larger one is made smaller on the way out.
        media_by: Whether files are uploaded, or fetched by the platform from an address.
        push_only: Messages come by webhook and cannot be fetched again.
        private: Whether every conversation is private (mail, chat).
        shared_ids: Whether another account of the platform can answer the same message, as after a
            hand-over: its id holds for all of them.
        reply_is_singleton: One reply a message; another overwrites it.
        reply_needs_invitation: Only who addressed the account can be answered.
        reply_parts: In how many parts, each below the one before, a long reply may go out.
        reply_names: Whether a reply begins with the author's name, which counts.
        reply_window: How long after the message a reply is possible; ``None`` is for ever.
        chat_window: The same for private messages, where it differs.
        private_reply_window: How long after a public message one private answer is possible
            (`PrivateReplier`).
        listing_lag: How long an own message may be missing from what `find_reply` reads: until then
            "not there" proves nothing, and nothing is sent again. No platform names a time: the
            five minutes that built-in ones have are caution, not a measurement.
        claimed_time: The time of an own answer is the word of the program that wrote it. Then a
            look that did not show it yet is kept beside it: what `answers` lists must show each
            answer, whatever its time, when `listing_lag` has passed.
        experimental: Built on second-hand evidence; to be compared with the platform before use.
        sweep: Whether reading the last days again shows edits that a cursor passes by, at no cost.
    """

    text: tuple[TextLimit, ...] = ()
    chat_text: tuple[TextLimit, ...] = ()
    media_text: tuple[TextLimit, ...] = ()
    media: dict[Literal["image", "video"], int] | None = None
    image_bytes: int | None = None
    media_by: Literal["bytes", "url"] = "bytes"
    push_only: bool = False
    private: bool = False
    shared_ids: bool = False
    reply_is_singleton: bool = False
    reply_needs_invitation: bool = False
    reply_parts: int = 1
    reply_names: bool = False
    reply_window: timedelta | None = None
    chat_window: timedelta | None = None
    private_reply_window: timedelta | None = None
    listing_lag: timedelta = timedelta()
    claimed_time: bool = False
    experimental: bool = False
    sweep: bool = False


@runtime_checkable
class Account(Protocol):
    """What every platform object is."""

    @property
    def name(self) -> str: ...

    @property
    def handle(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...


@runtime_checkable
class Identified(Account, Protocol):
    """A platform that names the account by an id beside its handle, in webhooks and as an author.

    By it `WebhookEvents.elsewhere` finds the account that a body of the same app is for.
    """

    @property
    def native_id(self) -> str: ...


@runtime_checkable
class MentionSource(Account, Protocol):
    """A platform that lists messages addressed to the account."""

    def mentions(self, cursor: str | None = None) -> Flow[Page[Mention]]: ...


@runtime_checkable
class CommentSource(Account, Protocol):
    """A platform that lists what is written below the account's posts and in private, no more.

    Who addresses the account elsewhere it only tells by webhook (Instagram).
    """

    def comments(self, cursor: str | None = None) -> Flow[Page[Mention]]: ...


@runtime_checkable
class WebhookSource(Account, Protocol):
    """A platform that pushes what happens. All three are pure: the same bytes, the same result.

    `handshake` answers the request with which a platform makes sure that the address is ours: with
    the text to send back, or ``None`` for a request that is no handshake. `verify` takes the body
    as it came over the wire, never parsed and written again, and names of headers in any case; it
    raises `AuthError` where the body is not from the platform, or so old that somebody repeats it.
    `parse` never fails over a body that was verified: what it cannot read it sets aside.
    """

    def handshake(self, params: Mapping[str, str]) -> str | None: ...

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None: ...

    def parse(self, body: bytes) -> "WebhookEvents": ...


@runtime_checkable
class KeyedWebhookSource(WebhookSource, Protocol):
    """A platform that signs with keys which change: `verify` may raise `KeysMissingError`.

    `fetch_keys` runs for whoever knocks, strangers too: it calls at most once a minute.
    """

    def fetch_keys(self) -> Flow[None]: ...


@runtime_checkable
class MentionFetcher(Account, Protocol):
    """A platform whose webhooks announce messages that have to be fetched.

    Raises `NotFoundError` where the message is gone already, or is not shown yet, and
    `NoMessageError` where it is none: the account's own, or stars without words.
    """

    def fetch_mention(self, pointer: "Pointer") -> Flow[Mention]: ...


@runtime_checkable
class SearchSource(Account, Protocol):
    """A platform that can be searched for what is said without addressing the account.

    `query` is words and hashtags (`pelayanan.protocol.search.Query`): a message is found if it has
    all of them, in any order. A query that looks for a person is refused (`ConfigError`), and so is
    a cursor of another query or platform.
    """

    def search(self, query: str, cursor: str | None = None) -> Flow[Page[Mention]]: ...


@runtime_checkable
class AnswerSource(Account, Protocol):
    """A platform that lists what the account itself answered, in the platform's app too."""

    def answers(self, cursor: str | None = None) -> Flow[Page[Answer]]: ...


@runtime_checkable
class Replier(Account, Protocol):
    """A platform that can answer a message, with the visibility that the message has."""

    def reply(self, mention: Mention, text: str, *, key: str) -> Flow[Sent]: ...


@runtime_checkable
class PrivateReplier(Account, Protocol):
    """A platform that can answer a public message in private: once, within a window."""

    def reply_privately(self, mention: Mention, text: str, *, key: str) -> Flow[Sent]: ...


@runtime_checkable
class ReplyFinder(Account, Protocol):
    """A platform that can tell whether an answer was published.

    ``None`` means that it certainly was not: sending is safe. A platform that found no proof
    either way raises `UnsupportedError`, and a person decides. `text` helps where the platform
    keeps no key.
    """

    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Flow[Sent | None]: ...


@runtime_checkable
class Publisher(Account, Protocol):
    """A platform on which the account can publish by itself, with pictures or a video."""

    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Flow[Sent]: ...


@runtime_checkable
class Mailer(Account, Protocol):
    """A platform that sends a message which answers nobody to addresses, once per key."""

    def message(
        self,
        *,
        to: Sequence[str],
        subject: str,
        text: str,
        key: str,
        attachments: Sequence[tuple[str, str, bytes]] = (),
    ) -> Flow[Sent]: ...

    def find_message(self, *, key: str) -> Flow[Sent | None]: ...

    def forget_message(self, *, key: str) -> Flow[None]: ...


@runtime_checkable
class PublicationFinder(Account, Protocol):
    """A platform that can tell whether a publication was made; ``None`` as in `ReplyFinder`."""

    def find_publication(self, *, key: str, text: str = "") -> Flow[Sent | None]: ...


@runtime_checkable
class Checkable(Account, Protocol):
    """A platform that can tell how the account's token, scopes, limits and clock stand."""

    def check(self) -> Flow[Check]: ...


def names_of(account: Account) -> set[str]:
    """What the platform may call the account."""
    return {account.handle, *([account.native_id] if isinstance(account, Identified) else [])}


def require(account: Any, capability: Callable[..., A]) -> A:
    """Refuse an account, perhaps named in a configuration, that the checker did not see.

    Args:
        account: Any platform object.
        capability: One of the protocols above (as `Callable`: mypy takes no protocol as `type`).

    Returns:
        The account, now known to have the capability.

    Raises:
        UnsupportedError: The account lacks the capability.
    """
    kind = cast("type[A]", capability)
    if not isinstance(account, kind):
        name = getattr(account, "name", type(account).__name__)
        raise UnsupportedError(f"{name} is no {kind.__name__}")
    return account
