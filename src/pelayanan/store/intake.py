"""One page of messages, with its cursor, in one transaction.

Which case a message belongs to (score.md, 1): the one of its conversation if its author is the
same; else the case of its author at the same agency on the same platform that was open when the
message was posted; else a new one. Cases of different authors never merge, nor do messages that
count with messages that do not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from sqlalchemy import Connection, select

from pelayanan.cases import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Excluded,
    Received,
    Reopened,
    Status,
)
from pelayanan.models import Answer, Mention
from pelayanan.store._rows import Row, Rows
from pelayanan.store._standing import CaseRow, heirs, standing
from pelayanan.store.bulk import insert_rows
from pelayanan.store.edits import keep_edits
from pelayanan.store.keys import Keys, case_id, from_us, to_us
from pelayanan.store.log import append_all, event_rows, projection
from pelayanan.store.tables import cases, drafts, events, messages
from pelayanan.store.unheard import replies_unheard, words

__all__ = ["Intake", "Judge"]

Judge = Callable[[str], tuple[bool, str]]
_CHUNK = 500


@dataclass(slots=True)
class Intake:
    """Takes messages of one account into cases, inside one transaction.

    Attributes:
        exclude: Why a message is not counted, ``""`` if it is (`internal`, `before_start`).
        judge: Whether an answer's text is substantive, and why not.
        captured: When its messages were seen first, if not now.
        by: Who took its messages up, where nobody addressed the agency.
        unseen: Until when no new answer of the account was there (`Look`).
    """

    connection: Connection
    keys: Keys
    account: str
    agency: str
    now: datetime
    exclude: Callable[[Mention], str] = lambda _: ""
    judge: Judge = lambda _: (True, "")
    captured: datetime | None = None
    by: str = ""
    unseen: datetime | None = None
    _cases: dict[str, CaseRow] = field(default_factory=dict[str, CaseRow])
    _heirs: dict[str, CaseRow] = field(default_factory=dict[str, CaseRow])
    _of_message: dict[str, str | None] = field(default_factory=dict[str, str | None])
    _of_author: dict[str, list[CaseRow]] = field(default_factory=dict[str, list[CaseRow]])
    _waiting: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    _answers_to: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    @property
    def _rows(self) -> Rows:
        return Rows(self.keys, self.account, self.agency, self.captured or self.now)

    def mentions(self, items: Iterable[Mention], *, as_first: bool = False) -> list[str]:
        """Keep messages of citizens; returns the ids of those that were new.

        Args:
            items: The messages.
            as_first: Whether they read as they were first written, which may arrive late: then no
                change is seen in them.
        """
        rows_of, found = self._rows, dict[str, Mention]()
        for item in items:
            found.setdefault(rows_of.id(item.platform, item.id), rows_of.believed(item))
        fresh = {key: found[key] for key in self._unknown(found)}
        if not as_first:
            keep_edits(self.connection, rows_of, {key: found[key] for key in found.keys() - fresh})
        if not fresh:
            return []
        self._look_up(fresh)
        rows: list[Row] = []
        told: dict[str, list[AnyEvent]] = {}
        new_cases: list[Row] = []
        # where a platform walks back, a page may bring what was written before the last one
        for key, item in sorted(fresh.items(), key=lambda pair: pair[1].created_at):
            row, why = rows_of.incoming(key, item), self.exclude(item)
            rows.append(row)
            if item.automatic:  # a machine needs no answer
                continue
            place = self._place(row, why)
            if place is None:
                place = self._new(row, why)
                new_cases.append({"id": place.id, "message_id": key, **_shared(row)})
            row["case_id"] = self._of_message[key] = place.id
            told.setdefault(place.id, []).extend(self._received(row, why, place))
        self._write(rows, new_cases, told)
        return list(fresh)

    def answers(self, items: Iterable[Answer], *, case: str | None = None) -> list[str]:
        """Keep what the agency said, through the ledger or elsewhere; ids of the new ones.

        Args:
            items: The answers.
            case: The case that they answer, where it is known: the message may have come in by
                another agency's account.
        """
        rows_of, found = self._rows, dict[str, Answer]()
        for item in items:
            found.setdefault(rows_of.id(item.platform, item.id), rows_of.believed(item))
        fresh = {key: found[key] for key in self._unknown(found)}
        if case is not None and len(fresh) < len(found):
            self._adopt(case, [key for key in found if key not in fresh])
        if not fresh:
            return []
        parents = {rows_of.id(item.platform, item.to) for item in fresh.values()}
        self._look_up_messages(parents)
        rows: list[Row] = []
        told: dict[str, list[AnyEvent]] = {}
        sent = self._sent_by_ledger([item.id for item in fresh.values()])
        platform = next(iter(fresh.values())).platform
        unheard = replies_unheard(self.connection, self._rows, parents, platform)
        for key, item in sorted(fresh.items(), key=lambda pair: pair[1].created_at):
            row = rows_of.outgoing(key, item)
            row["unseen_us"] = self.unseen and to_us(self.unseen)
            if not item.to:
                self._in_chat(row)
            place = case or self._of_message.get(row["reply_to_id"])
            row["case_id"] = self._of_message[key] = place
            rows.append(row)
            if place:
                ours = unheard.get((row["reply_to_id"], words(row["text"])))
                source = "native" if ours is None and item.id not in sent else "ledger"
                told.setdefault(place, []).append(self._answered(row, source, told=ours))
        insert_rows(self.connection, messages, rows)
        self._look_up_waiting(fresh)
        for key in fresh:
            if place := self._of_message[key]:
                told.setdefault(place, []).extend(self._link(key, place))
        append_all(self.connection, told, self.now)
        return list(fresh)

    def another(self, item: Mention, zone: tzinfo) -> tuple[str, date] | None:
        """Agency and day of another message that has this id already: slips begin anew each day."""
        c = messages.c
        asked = select(c.agency, c.created_us).where(c.id == self._rows.id(item.platform, item.id))
        if (row := self.connection.execute(asked).first()) is None:
            return None
        known, day = (
            at.astimezone(zone).date()
            for at in (from_us(row.created_us), self._rows.believed(item).created_at)
            if at is not None
        )
        return None if (row.agency, known) == (self.agency, day) else (row.agency, known)

    def _adopt(self, case: str, ids: Sequence[str]) -> None:
        """Give a case its answers that were fetched before the ledger knew that they were sent."""
        lost = messages.c.id.in_(ids), messages.c.case_id.is_(None)
        rows = self.connection.execute(select(messages).where(*lost)).mappings().all()
        told = [self._answered(dict(row), "ledger") for row in rows if row["text"] is not None]
        self.connection.execute(messages.update().where(*lost).values(case_id=case))
        append_all(self.connection, {case: told}, self.now)

    # ---- looking up

    def unknown(self, platform: str, native_ids: Iterable[str]) -> set[str]:
        """Those of some messages, by the platform's ids, that were not kept yet."""
        ids = {self._rows.id(platform, native): native for native in native_ids}
        return {ids[key] for key in self._unknown(ids)}

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
            self._rows.id(item.platform, native)
            for item in fresh.values()
            for native in (item.thread, item.reply_to)
            if native
        }
        self._look_up_messages(around - fresh.keys())
        self._look_up_waiting(fresh)
        authors = {key: self._rows.author(item) for key, item in fresh.items()}
        for key, waiting in self._waiting.items():
            told = [self._answered(row, "native") for row in waiting if key in authors]
            found = [_us(event) for event in told if _counts(event)]
            self._answers_to.setdefault(authors.get(key, ""), []).extend(found)
        c = cases.c
        for part in _chunks(sorted(set(authors.values()))):
            for row in standing(self.connection, c.author_key.in_(part), c.agency == self.agency):
                self._remember(row)
        others = sorted(set(filter(None, self._of_message.values())) - set(self._cases))
        for part in _chunks(others):
            self._cases |= {row.id: row for row in standing(self.connection, c.id.in_(part))}
        left = [key for key, case in self._cases.items() if case.status == Status.LEFT]
        for part in _chunks(left):
            self._heirs |= heirs(self.connection, part)

    def _look_up_messages(self, ids: Iterable[str]) -> None:
        for part in _chunks(list(ids)):
            asked = select(messages.c.id, messages.c.case_id).where(messages.c.id.in_(part))
            self._of_message.update({row.id: row.case_id for row in self.connection.execute(asked)})

    def _look_up_waiting(self, ids: Iterable[str]) -> None:
        """Answers that were seen before what they answer, and the answers to these."""
        wanted = list(ids)
        while wanted:
            found: list[str] = []
            for part in _chunks(wanted):
                asked = select(messages).where(
                    messages.c.direction == "out",
                    messages.c.case_id.is_(None),
                    messages.c.reply_to_id.in_(part),
                )
                for row in self.connection.execute(asked).mappings():
                    known = self._waiting.setdefault(row["reply_to_id"], [])
                    if row["id"] not in {each["id"] for each in known}:
                        known.append(dict(row))
                        found.append(row["id"])
            wanted = found

    def _in_chat(self, row: Row) -> None:
        """A chat does not say which message is answered: it is the last one before."""
        asked = (
            select(messages.c.id)
            .where(
                messages.c.thread_id == row["thread_id"],
                messages.c.direction == "in",
                messages.c.created_us <= row["created_us"],
            )
            .order_by(messages.c.created_us.desc(), messages.c.id)
            .limit(1)
        )
        if (found := self.connection.scalar(asked)) is not None:
            row["reply_to_id"] = found
            self._look_up_messages([found])

    def _sent_by_ledger(self, native_ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for part in _chunks(native_ids):
            mine = drafts.c.account == self.account, drafts.c.sent_id.in_(part)
            asked = select(drafts.c.sent_id).where(*mine)
            found.update(str(each) for each in self.connection.scalars(asked))
        return found

    # ---- deciding

    def _place(self, row: Row, why: str) -> CaseRow | None:
        author, at_us = row["author_key"], row["created_us"]
        for around in (row["reply_to_id"], row["thread_id"]):
            place = self._of_message.get(around) or ""
            case, heir = self._cases.get(place), self._heirs.get(place)
            if heir and heir.opened_us <= at_us:
                case = heir
            if case and (case.author_key, case.uncounted) == (author, why) and case.takes(at_us):
                return case
        theirs = [each for each in self._of_author.get(author, []) if each.uncounted == why]
        before = [each for each in theirs if each.opened_us <= at_us and each.was_open(at_us)]
        if before:
            return max(before, key=lambda each: (each.opened_us, each.id))
        later = [each for each in theirs if at_us < each.opened_us and each.was_open(at_us)]
        nearest = min(later, key=lambda each: (each.opened_us, each.id), default=None)
        if nearest is None or self._answered_between(author, at_us, nearest.opened_us):
            return None
        return nearest

    def _answered_between(self, author: str, first_us: int, before_us: int) -> bool:
        """Whether an answer was given before a case began that was seen before this message."""
        return any(first_us <= at_us < before_us for at_us in self._answers_to.get(author, []))

    def _new(self, row: Row, why: str) -> CaseRow:
        made = CaseRow(
            case_id(self.agency, row["id"]), row["author_key"], Status.OPEN, why, row["created_us"]
        )
        if why == "internal":
            made.status = Status.EXCLUDED
        self._remember(made)
        return made

    def _remember(self, case: CaseRow) -> None:
        self._cases[case.id] = case
        self._of_author.setdefault(case.author_key, []).append(case)

    # ---- events

    def _received(self, row: Row, why: str, place: CaseRow) -> list[AnyEvent]:
        key, at, at_us = row["id"], _at(row), row["created_us"]
        told: list[AnyEvent] = [
            Received(
                at=at,
                message=key,
                captured=self.captured or self.now,
                by=self.by,
                digest=row["digest"],
                key=f"received:{key}",
            )
        ]
        if why and place.id == case_id(self.agency, key):
            told.append(Excluded(at=at, actor=Actor.SYSTEM, reason=why, key=f"excluded:{why}"))
        if place.resolved_us is not None and place.resolved_us <= at_us:
            told.append(Reopened(at=at, message=key, key=f"reopened:{key}"))
            place.resolved_us = None
        place.opened_us = min(place.opened_us, at_us)
        linked = self._link(key, place.id)
        if answers := [_us(each) for each in linked if _counts(each)]:
            place.answered_us = min(*answers, place.answered_us or answers[0])
            place.status = Status.ANSWERED if place.status == Status.OPEN else place.status
        return [*told, *linked]

    def _answered(self, row: Row, source: str, *, told: bool | None = None) -> AnyEvent:
        at, key = _at(row), f"answered:{row['id']}"
        if row["automatic"]:
            return Acknowledged(at=at, actor=Actor.AUTOMATIC, message=row["id"], key=key)
        substantive, reason = self.judge(row["text"])
        if told is not None and told is not substantive:
            substantive, reason = told, "" if told else "told"
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

    def _link(self, message: str, place: str) -> list[AnyEvent]:
        """Give a case the answers that waited for one of its messages."""
        told: list[AnyEvent] = []
        waiting = self._waiting.pop(message, [])
        for row in sorted(waiting, key=lambda each: (each["created_us"], each["id"])):
            if row["text"] is None:  # forgotten meanwhile
                continue
            self._of_message[row["id"]] = place
            self.connection.execute(
                messages.update().where(messages.c.id == row["id"]).values(case_id=place)
            )
            told += [self._answered(row, "native"), *self._link(row["id"], place)]
        return told

    def _write(
        self, rows: list[Row], new_cases: list[Row], told: dict[str, list[AnyEvent]]
    ) -> None:
        logged: list[Row] = []
        for case in new_cases:
            place = case["id"]
            new = [event.complete(self.now) for event in told.pop(place)]
            new = list({event.key: event for event in new}.values())
            made = event_rows(place, new, self.now)
            logged += made
            case.update(projection(new), events=len(made), head=made[-1]["chain"])
        insert_rows(self.connection, messages, rows)
        insert_rows(self.connection, cases, new_cases)
        insert_rows(self.connection, events, logged)
        append_all(self.connection, told, self.now)


def _shared(row: Row) -> Row:
    return {name: row[name] for name in ("agency", "platform", "account", "author_key")}


def _at(row: Row) -> datetime:
    at = from_us(row["created_us"])
    assert at is not None
    return at


def _us(event: AnyEvent) -> int:
    assert event.at is not None
    return to_us(event.at)


def _counts(event: AnyEvent) -> bool:
    return isinstance(event, Answered) and event.substantive


def _chunks(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
