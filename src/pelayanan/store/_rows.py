"""Messages as rows of the table, each sealed with a salted digest of what a person wrote."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from pelayanan.models import Answer, Mention
from pelayanan.store.chain import digest_of, salt
from pelayanan.store.keys import Keys, to_us

__all__ = ["Row", "Rows", "content"]

Row: TypeAlias = dict[str, Any]
M = TypeVar("M", Mention, Answer)

_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)  # no platform is older
_AHEAD = timedelta(days=1)  # a clock may be wrong by so much, and a time zone too


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes the rows of one account's messages."""

    keys: Keys
    account: str
    agency: str
    now: datetime

    def id(self, platform: str, native_id: str) -> str:
        """Id of a message in the store."""
        return self.keys.message(platform, self.account, native_id)

    def author(self, item: Mention) -> str:
        """Key of who wrote it; a deleted account has no id, and two of them are two people."""
        return self.keys.author(item.platform, item.author.id or f"?{item.id}")

    def believed(self, item: M) -> M:
        """The message, as of when it was seen where its own time cannot be true.

        Other servers and programs may claim any time. A citizen whose message claims a year long
        past or far ahead would stand in no month that is counted.
        """
        if _OLDEST <= item.created_at <= self.now + _AHEAD:
            return item
        return item.model_copy(update={"created_at": self.now})

    def incoming(self, key: str, item: Mention) -> Row:
        """What a citizen wrote."""
        thread, parent = item.thread or item.id, item.reply_to
        attachments = [each.model_dump() for each in item.attachments]
        return _sealed(
            self._common(key, item)
            | {
                "direction": "in",
                "author_key": self.author(item),
                "thread_id": self.id(item.platform, thread),
                "reply_to_id": self.id(item.platform, parent) if parent else "",
                "author_id": item.author.id,
                "handle": item.author.handle,
                "author_name": item.author.name,
                "subject": item.subject,
                "attachments": json.dumps(attachments) if attachments else "[]",
                "ref": json.dumps(item.ref),
            }
        )

    def outgoing(self, key: str, item: Answer) -> Row:
        """What the agency said."""
        return _sealed(
            self._common(key, item)
            | {
                "direction": "out",
                "author_key": "",
                "thread_id": self.id(item.platform, item.thread or item.to),
                "reply_to_id": self.id(item.platform, item.to),
                "author_id": "",
                "handle": self.account,
                "author_name": "",
                "subject": "",
                "attachments": "[]",
                "ref": "{}",
            }
        )

    def _common(self, key: str, item: Mention | Answer) -> Row:
        return {
            "id": key,
            "platform": item.platform,
            "account": self.account,
            "agency": self.agency,
            "case_id": None,
            "native_id": item.id,
            "text": item.text,
            "url": item.url,
            "private": item.private,
            "automatic": item.automatic,
            "created_us": to_us(item.created_at),
            "captured_us": to_us(self.now),
        }


_written = json.JSONEncoder(ensure_ascii=False).encode  # made once: `dumps` would each time
_CONTENT = ("native_id", "author_id", "handle", "author_name", "subject", "text", "url", "ref")


def content(row: Any) -> str:
    """What the digest of a message covers: all that a person wrote or can be found by."""
    return _written([row[name] for name in (*_CONTENT, "attachments")])


def _sealed(row: Row) -> Row:
    for name in _CONTENT:  # a mail may hold NUL, PostgreSQL's texts may not
        if row[name] and "\0" in row[name]:
            row[name] = row[name].replace("\0", "")
    row["salt"] = salt()
    row["digest"] = digest_of(row["salt"], content(row))
    return row
