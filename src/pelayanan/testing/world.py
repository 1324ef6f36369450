"""A platform with citizens and an agency, as conformance classes see it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from inspect import isfunction
from io import BytesIO
from typing import Any, ClassVar

from pelayanan.models import Mention
from pelayanan.protocol.capabilities import (
    Account,
    AnswerSource,
    Checkable,
    CommentSource,
    MentionFetcher,
    MentionSource,
    PrivateReplier,
    PublicationFinder,
    Publisher,
    Replier,
    ReplyFinder,
    SearchSource,
    WebhookSource,
)
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.transport import Transport
from pelayanan.protocol.webhook import Pointer, WebhookEvents
from pelayanan.testing.asking import Mode, ask
from pelayanan.testing.fake import Fault

__all__ = ["Conformance", "World", "capabilities_of", "claims", "unproven"]

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f00010101001b0caf8a0000000049454e44ae426082"
)
_CAPABILITIES = (
    MentionSource,
    CommentSource,
    WebhookSource,
    SearchSource,
    AnswerSource,
    Replier,
    ReplyFinder,
    Publisher,
    PublicationFinder,
    PrivateReplier,
    MentionFetcher,
    Checkable,
)


def capabilities_of(account: Account) -> tuple[str, ...]:
    """Names of the capability protocols that an account fulfils."""
    return tuple(each.__name__ for each in _CAPABILITIES if isinstance(account, each))


def claims(platform: type) -> set[str]:
    """The same of a class, by the methods that it has."""
    methods = {
        each.__name__: [name for name, what in vars(each).items() if isfunction(what)]
        for each in _CAPABILITIES
    }
    return {
        capability
        for capability, names in methods.items()
        if all(hasattr(platform, name) for name in names if not name.startswith("_"))
    }


def unproven(account: Account, *tested: type["Conformance"]) -> set[str]:
    """What an account claims and no conformance class among `tested` or its bases proves."""
    bases = {base for each in tested for base in each.__mro__ if issubclass(base, Conformance)}
    return set(capabilities_of(account)) - {name for base in bases for name in base.proves}


class World(ABC):
    """A platform with one agency's account and citizens, faked or real.

    Attributes:
        transport: Of the clients; ``None`` is the network.
        account: The agency's account, with secrets that work.
        secret: A text that is in the account's secrets and must be shown nowhere.
        handshake: What the platform asks with before it pushes; ``None`` where it never asks.
        signs_body: Whether a webhook's body is signed, and not only its sender named.
        webhook_days: How old a webhook may be; ``None`` where the platform tells no time.
        needs_media: Whether nothing is published without a picture.
        media_type: Of the pictures that the platform takes.
    """

    transport: Transport | None
    account: Any
    secret: str
    handshake: Mapping[str, str] | None = None
    signs_body: bool = True
    webhook_days: float | None = None
    needs_media: bool = False
    media_type: str = "image/png"

    @abstractmethod
    def write(self, text: str) -> str:
        """A citizen who has not written before writes to the agency; returns the native id."""

    @abstractmethod
    def answer(self, message_id: str, text: str) -> str:
        """An officer answers in the platform's own app; returns the native id."""

    @abstractmethod
    def said(self) -> list[str]:
        """All texts that the agency's account published, in public or private."""

    def mutter(self, text: str) -> str:
        """A citizen who has not written before says something to nobody; returns the native id.

        Only for platforms that can be searched (`SearchSource`).
        """
        raise NotImplementedError(text)

    def announce(self, text: str) -> Pointer:
        """A citizen who has not written before writes, and a webhook only says that it happened.

        Only for platforms whose webhooks announce (`MentionFetcher`).
        """
        raise NotImplementedError(text)

    def fault(self, name: Fault) -> None:
        """Let something go wrong once; a real server cannot."""
        raise NotImplementedError(name)

    def pushed(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Headers and bodies of all webhooks so far, oldest first; empty where none are sent."""
        return []

    def photo(self) -> MediaFile:
        """A picture that the platform takes."""
        return MediaFile(
            filename="contoh.png",
            media_type=self.media_type,
            alt="satu titik putih",
            size_bytes=len(_PNG),
            sha256="",
            width=1,
            height=1,
            open=lambda: BytesIO(_PNG),
        )

    def wrong_account(self) -> Any:
        """The same account with a secret that does not work; ``None`` where it has none."""
        return None


class Conformance:
    """How a conformance class asks, whatever the platform lists or pushes.

    Attributes:
        proves: Names of the capabilities that the tests of the class are about.
    """

    mode: ClassVar[Mode] = "sync"
    proves: ClassVar[tuple[str, ...]] = ()

    def ask(self, world: World, use: Callable[[Any], Any], mode: Mode | None = None) -> Any:
        return ask(mode or self.mode, world.transport, use)

    def mentions(self, world: World, since: str | None = None, mode: Mode | None = None) -> Any:
        return [item for page in self.pages(world, since, mode) for item in page.items]

    def pages(
        self, world: World, since: str | None = None, mode: Mode | None = None
    ) -> list[Page[Mention]]:
        """All messages: listed, or where the platform lists none, those that it pushed."""
        account = world.account
        if isinstance(account, MentionSource):
            listed: list[Page[Mention]] = self.ask(
                world, lambda c: c.pages(account, since=since), mode
            )
            return listed
        if not isinstance(account, CommentSource):
            return [Page(self.events(world).mentions, "")]
        pages: list[Page[Mention]] = []
        while not pages or pages[-1].more:
            since = pages[-1].cursor if pages else since
            pages.append(self.ask(world, lambda c: c.run(account.comments(since)), mode))  # noqa: B023  called at once
        return pages

    def events(self, world: World) -> WebhookEvents:
        """What was pushed, duplicates included, read as one."""
        account = world.account
        read = [account.parse(body) for _, body in world.pushed()]
        fetched = [
            self.ask(world, lambda c: c.run(account.fetch_mention(pointer)))  # noqa: B023  called at once
            for each in read
            for pointer in each.pointers
            if isinstance(account, MentionFetcher)
        ]
        return WebhookEvents(
            mentions=(*(item for each in read for item in each.mentions), *fetched),
            answers=tuple(item for each in read for item in each.answers),
            deliveries=tuple(item for each in read for item in each.deliveries),
            pointers=tuple(item for each in read for item in each.pointers),
            unreadable=tuple(item for each in read for item in each.unreadable),
        )
