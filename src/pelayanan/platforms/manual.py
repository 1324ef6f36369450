"""What came by telephone, at the counter, by letter or by a form: one message at a time.

No server and no call. `pelayanan.Desk.add_mention` takes the messages, and a person who answered
says so with `pelayanan.Desk.record`.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from pelayanan.errors import ConfigError
from pelayanan.models import Attachment, Author, Mention
from pelayanan.protocol.capabilities import Capabilities

__all__ = ["Manual"]


class Manual:
    """One channel that people enter messages from, such as ``Manual("telepon")``.

    Args:
        channel: ``"telepon"``, ``"loket"``, ``"surat"``, ``"formulir"`` or another short name.

    Raises:
        ConfigError: The name has more than ``a-z``, ``0-9``, ``-`` and ``_``.

    Example:
        >>> call = Manual("telepon").mention(
        ...     text="Bantuan belum sampai",
        ...     at=datetime(2026, 11, 20, 2, tzinfo=UTC),
        ...     author_name="Wati Contoh",
        ...     id="2026/11/20-3",
        ... )
        >>> call.id, call.author.name, call.private
        ('telepon:2026/11/20-3', 'Wati Contoh', True)
    """

    name = "manual"
    capabilities = Capabilities(private=True)

    def __init__(self, channel: str = "manual") -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", channel):
            raise ConfigError('channel must be a short name such as "telepon" or "loket"')
        self._channel = channel

    @property
    def handle(self) -> str:
        """The channel."""
        return self._channel

    def mention(
        self,
        *,
        text: str,
        at: datetime,
        author_name: str = "",
        author_id: str = "",
        id: str = "",  # noqa: A002  the word that the officer's own register has
        subject: str = "",
        follows: Mention | None = None,
        private: bool = True,
        attachments: Sequence[Attachment] = (),
    ) -> Mention:
        """Make a message of what a citizen said. The same values are the same message.

        Args:
            text: What is needed, in the citizen's words.
            at: When the citizen said it; aware.
            author_name: As told; may be empty.
            author_id: By which the office knows the person again (a telephone number, a number
                of its register). Without it nobody is taken for somebody else, whatever the name.
            id: Number of the call slip, letter or form, one that never comes again: that of a queue
                with its day. Without it the message is known by its time, author and text.
            subject: Of a letter.
            follows: An earlier message of the same person that this one goes on.
            private: Whether only the agency knows of it.
            attachments: What came with it; the files themselves are not kept.

        Raises:
            ConfigError: There is no text, or `at` has no time zone.
        """
        if at.tzinfo is None:
            raise ConfigError("at must have a time zone, such as ZoneInfo('Asia/Jakarta')")
        if not text.strip():
            raise ConfigError("text must say what is needed")
        own = f"{self._channel}:{id or _digest(at, author_name, author_id, text)}"
        known = author_id or f"pesan:{own}"
        return Mention(
            platform=self.name,
            id=own,
            author=Author(id=known, handle=author_name or known, name=author_name),
            text=text.strip(),
            created_at=at,
            subject=subject,
            thread=(follows.thread or follows.id) if follows else own,
            reply_to=follows.id if follows else "",
            private=private,
            attachments=tuple(attachments),
            ref={"channel": self._channel},
        )


def _digest(at: datetime, *parts: str) -> str:
    """A short name of what was entered, the same for the same instant in another zone."""
    told = "\0".join([at.astimezone(UTC).isoformat(), *(part.strip() for part in parts)])
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
