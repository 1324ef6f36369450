"""One page of messages, with its cursor, in one transaction.

Which case a message belongs to (score.md, 1): the one of its conversation if its author is the
same; else the author's open case at the same agency on the same platform; else a new one. Cases of
different authors never merge.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from pelayanan.cases import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Excluded,
    Received,
    Reopened,
    fold,
)
from pelayanan.models import Answer, Mention
from pelayanan.store.chain import digest_of, salt
from pelayanan.store.keys import Keys, case_id, from_us, to_us
from pelayanan.store.log import append, event_rows, projection
from pelayanan.store.tables import cases, drafts, events, messages

__all__ = ["Intake", "Judge", "content"]

Judge = Callable[[str], tuple[bool, str]]
Row = dict[str, Any]
_REOPEN_US = timedelta(days=14) // timedelta(microseconds=1)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class _CaseRow:
    id: str
    author_key: str
    status: str
    resolved_us: int | None


@dataclass(slots=True)
class Intake:
    """Takes messages of one account into cases, inside one transaction.

    Attributes:
        exclude: Why a message is not counted, ``""`` if it is (`internal`, `before_start`).
        judge: Whether an answer's text is substantive, and why not.
    """

    connection: Connection
    keys: Keys
    account: str
    agency: str
    now: datetime
    exclude: Callable[[Mention], str] = lambda _: ""
    judge: Judge = lambda _: (True, "")
    _cases: dict[str, _CaseRow] = field(default_factory=dict[str, _CaseRow])
    _of_message: dict[str, str | None] = field(default_factory=dict[str, str | None])
    _open: dict[str, str] = field(default_factory=dict[str, str])

    def mentions(self, items: Iterable[Mention]) -> list[str]:
        """Keep messages of citizens; returns the ids of those that were new."""
        found = {self._id(item.platform, item.id): item for item in items}
        fresh = {key: found[key] for key in self._unknown(found)}
        if not fresh:
            return []
        self._look_up(fresh)
        rows: list[Row] = []
        opening: dict[str, list[AnyEvent]] = {}
        coming: dict[str, list[AnyEvent]] = {}
        new_cases: list[Row] = []
        for key, item in fresh.items():
            row = self._in_row(key, item)
            rows.append(row)
            if item.automatic:  # a machine needs no answer
                continue
            place = self._place(row)
            if place is None:
                place = case_id(self.agency, key)
                self._remember(place, row)
                new_cases.append({"id": place, "message_id": key, **_shared(row)})
                opening[place] = []
            row["case_id"] = self._of_message[key] = place
            told = self._received(row, item, place)
            (opening if place in opening else coming).setdefault(place, []).extend(told)
        self._write(rows, new_cases, opening)
        for place, told in coming.items():
            append(self.connection, place, told, self.now)
        self._answers_before(fresh)
        return list(fresh)

    def answers(self, items: Iterable[Answer]) -> list[str]:
        """Keep what the agency said, through the ledger or elsewhere; ids of the new ones."""
        found = {self._id(item.platform, item.id): item for item in items}
        fresh = {key: found[key] for key in self._unknown(found)}
        if not fresh:
            return []
        parents = {self._id(item.platform, item.to) for item in fresh.values()}
        self._look_up_messages(parents)
        rows: list[Row] = []
        told: dict[str, list[AnyEvent]] = {}
        sent = self._sent_by_ledger([item.id for item in fresh.values()])
        for key, item in sorted(fresh.items(), key=lambda pair: pair[1].created_at):
            row = self._out_row(key, item)
            place = self._of_message.get(row["reply_to_id"])
            row["case_id"] = self._of_message[key] = place
            rows.append(row)
            if place:
                source = "ledger" if item.id in sent else "native"
                told.setdefault(place, []).append(self._answered(row, source))
        connection = self.connection
        connection.execute(insert(messages), rows)
        for place, new in told.items():
            append(connection, place, new, self.now)
        return list(fresh)

    # ---- looking up

    def _id(self, platform: str, native_id: str) -> str:
        return self.keys.message(platform, self.account, native_id)

    def _unknown(self, ids: Iterable[str]) -> list[str]:
        wanted = list(ids)
        known: set[str] = set()
        for part in _chunks(wanted):
            known.update(
                self.connection.scalars(select(messages.c.id).where(messages.c.id.in_(part)))
            )
        return [key for key in wanted if key not in known]

    def _look_up(self, fresh: dict[str, Mention]) -> None:
        around = {
            self._id(item.platform, native)
            for item in fresh.values()
            for native in (item.thread, item.reply_to)
            if native
        }
        self._look_up_messages(around)
        authors = {self.keys.author(item.platform, item.author.id) for item in fresh.values()}
        known = set(filter(None, self._of_message.values()))
        columns = cases.c.id, cases.c.author_key, cases.c.status, cases.c.resolved_us
        for part in _chunks(list(authors)):
            asked = select(*columns).where(
                cases.c.author_key.in_(part), cases.c.agency == self.agency
            )
            for row in self.connection.execute(asked):
                self._cases[row.id] = _CaseRow(*row)
                if row.status == "open":
                    self._open[row.author_key] = row.id
        for part in _chunks(list(known - set(self._cases))):
            for row in self.connection.execute(select(*columns).where(cases.c.id.in_(part))):
                self._cases[row.id] = _CaseRow(*row)

    def _look_up_messages(self, ids: Iterable[str]) -> None:
        for part in _chunks(list(ids)):
            asked = select(messages.c.id, messages.c.case_id).where(messages.c.id.in_(part))
            self._of_message.update({row.id: row.case_id for row in self.connection.execute(asked)})

    def _sent_by_ledger(self, native_ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for part in _chunks(native_ids):
            asked = select(drafts.c.sent_id).where(drafts.c.sent_id.in_(part))
            found.update(str(each) for each in self.connection.scalars(asked))
        return found

    # ---- deciding

    def _place(self, row: Row) -> str | None:
        for around in (row["reply_to_id"], row["thread_id"]):
            case = self._cases.get(self._of_message.get(around) or "")
            if case and case.author_key == row["author_key"] and self._takes(case, row):
                return case.id
        return self._open.get(row["author_key"])

    def _takes(self, case: _CaseRow, row: Row) -> bool:
        """Whether a case still takes messages; long after its closing a new one begins."""
        if case.status == "left":
            return False
        return case.resolved_us is None or row["created_us"] - case.resolved_us <= _REOPEN_US

    def _remember(self, place: str, row: Row) -> None:
        self._cases[place] = _CaseRow(place, row["author_key"], "open", None)
        self._open[row["author_key"]] = place

    # ---- events

    def _received(self, row: Row, item: Mention, place: str) -> list[AnyEvent]:
        key, at = row["id"], item.created_at
        told: list[AnyEvent] = [
            Received(
                at=at,
                message=key,
                captured=self.now,
                digest=row["digest"],
                key=f"received:{key}",
            )
        ]
        if place == case_id(self.agency, key) and (reason := self.exclude(item)):
            told.append(
                Excluded(at=at, actor=Actor.SYSTEM, reason=reason, key=f"excluded:{reason}")
            )
        if self._cases[place].resolved_us is not None:
            told.append(Reopened(at=at, message=key, key=f"reopened:{key}"))
        return told

    def _answered(self, row: Row, source: str) -> AnyEvent:
        at, key = from_us(row["created_us"]), f"answered:{row['id']}"
        if row["automatic"]:
            return Acknowledged(at=at, actor=Actor.AUTOMATIC, message=row["id"], key=key)
        substantive, reason = self.judge(row["text"])
        return Answered.model_validate(
            {
                "at": at,
                "message": row["id"],
                "substantive": substantive,
                "reason": reason,
                "source": source,
                "digest": row["digest"],
                "key": key,
            }
        )

    def _answers_before(self, fresh: Iterable[str]) -> None:
        """Link answers that were seen before the message that they answer."""
        for part in _chunks(list(fresh)):
            asked = select(messages).where(
                messages.c.direction == "out",
                messages.c.case_id.is_(None),
                messages.c.reply_to_id.in_(part),
            )
            for found in self.connection.execute(asked).mappings().all():
                row = dict(found)
                place = self._of_message.get(row["reply_to_id"])
                if place is None or row["text"] is None:
                    continue
                self.connection.execute(
                    messages.update().where(messages.c.id == row["id"]).values(case_id=place)
                )
                append(self.connection, place, [self._answered(row, "native")], self.now)

    # ---- rows

    def _in_row(self, key: str, item: Mention) -> Row:
        thread, parent = item.thread or item.id, item.reply_to
        row: Row = {
            "id": key,
            "direction": "in",
            "platform": item.platform,
            "account": self.account,
            "agency": self.agency,
            "case_id": None,
            "author_key": self.keys.author(item.platform, item.author.id),
            "thread_id": self._id(item.platform, thread),
            "reply_to_id": self._id(item.platform, parent) if parent else "",
            "native_id": item.id,
            "author_id": item.author.id,
            "handle": item.author.handle,
            "author_name": item.author.name,
            "subject": item.subject,
            "text": item.text,
            "url": item.url,
            "attachments": json.dumps([each.model_dump() for each in item.attachments])
            if item.attachments
            else "[]",
            "ref": json.dumps(item.ref),
            "private": item.private,
            "automatic": item.automatic,
            "created_us": to_us(item.created_at),
            "captured_us": to_us(self.now),
        }
        return _sealed(row)

    def _out_row(self, key: str, item: Answer) -> Row:
        row: Row = {
            "id": key,
            "direction": "out",
            "platform": item.platform,
            "account": self.account,
            "agency": self.agency,
            "case_id": None,
            "author_key": "",
            "thread_id": self._id(item.platform, item.thread or item.to),
            "reply_to_id": self._id(item.platform, item.to),
            "native_id": item.id,
            "author_id": "",
            "handle": self.account,
            "author_name": "",
            "subject": "",
            "text": item.text,
            "url": item.url,
            "attachments": "[]",
            "ref": "{}",
            "private": item.private,
            "automatic": item.automatic,
            "created_us": to_us(item.created_at),
            "captured_us": to_us(self.now),
        }
        return _sealed(row)

    def _write(
        self, rows: list[Row], new_cases: list[Row], opening: dict[str, list[AnyEvent]]
    ) -> None:
        logged: list[Row] = []
        for case in new_cases:
            place = case["id"]
            told = [event.complete(self.now) for event in opening[place]]
            told = list({event.key: event for event in told}.values())
            made = event_rows(place, told, self.now)
            logged += made
            case.update(projection(fold(told)), events=len(made), head=made[-1]["chain"])
        self.connection.execute(insert(messages), rows)
        if new_cases:
            self.connection.execute(insert(cases), new_cases)
            self.connection.execute(insert(events), logged)


_CONTENT = ("native_id", "author_id", "handle", "author_name", "subject", "text", "url", "ref")


def content(row: Any) -> str:
    """What the digest of a message covers: all that a person wrote or can be found by."""
    return json.dumps([row[name] for name in (*_CONTENT, "attachments")], ensure_ascii=False)


def _sealed(row: Row) -> Row:
    row["salt"] = salt()
    row["digest"] = digest_of(row["salt"], content(row))
    return row


def _shared(row: Row) -> Row:
    return {name: row[name] for name in ("agency", "platform", "account", "author_key")}


def _chunks(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
