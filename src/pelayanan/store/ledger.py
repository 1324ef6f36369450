"""The ledger of replies and publications: durable before the call and after it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from pelayanan.aid import AidStatus
from pelayanan.cases import Promise
from pelayanan.errors import ConfigError
from pelayanan.models import Sent
from pelayanan.reply.draft import Draft, DraftMedia, DraftPart, DraftState
from pelayanan.reply.parts import with_sent
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.letters import discard
from pelayanan.store.tables import aid, drafts

__all__ = ["Ledger"]


class Ledger:
    """Reads and moves drafts inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = to_us(now)

    def add(self, draft: Draft) -> Draft:
        """Keep a draft; the one that is there already if the same text was drafted before."""
        if (known := self.get(draft.id)) is not None:
            return known
        row: dict[str, Any] = draft.model_dump(
            include={
                "id",
                "account",
                "case_id",
                "message_id",
                "aid_id",
                "recipient",
                "text",
                "substantive",
                "by",
                "approved_by",
                "attempts",
                "error",
                "remedy",
            }
        )
        row |= {
            "verb": draft.verb,
            "promise": draft.promise.model_dump_json() if draft.promise else "",
            "state": draft.state.value,
            "needs": json.dumps(draft.needs),
            "media": json.dumps([each.model_dump() for each in draft.media]),
            "parts": _parts(draft),
            "lease_by": "",
            "lease_until_us": 0,
            "created_us": to_us(draft.created_at),
            "updated_us": self._now,
        }
        self._connection.execute(insert(drafts), [row])
        return draft

    def get(self, draft_id: str) -> Draft | None:
        """One draft, or ``None``."""
        row = self._connection.execute(select(drafts).where(drafts.c.id == draft_id)).first()
        return _draft(row) if row else None

    def need(self, draft_id: str) -> Draft:
        """One draft; raises `ConfigError` where there is none."""
        if (found := self.get(draft_id)) is None:
            raise ConfigError(f"there is no draft {draft_id[:60]!r}: see `pelayanan send --list`")
        return found

    def sent_as(self, native_id: str, account: str) -> Draft | None:
        """The draft of an account that stands on its platform under this id."""
        this = drafts.c.sent_id == native_id, drafts.c.account == account
        row = self._connection.execute(select(drafts).where(*this)).first()
        return _draft(row) if row else None

    def is_of_another(self, draft: Draft, native_id: str) -> bool:
        """Whether it is the answer to another message: some platforms look by text alone."""
        others = drafts.c.account == draft.account, drafts.c.message_id != draft.message_id
        asked = select(drafts.c.id).where(drafts.c.sent_id == native_id, *others).limit(1)
        return self._connection.execute(asked).first() is not None

    def list(
        self, state: DraftState | None = None, *, case_id: str | None = None
    ) -> Iterator[Draft]:
        """Drafts, oldest first."""
        asked = select(drafts).order_by(drafts.c.created_us, drafts.c.id)
        if state is not None:
            asked = asked.where(drafts.c.state == state.value)
        if case_id is not None:
            asked = asked.where(drafts.c.case_id == case_id)
        return (_draft(row) for row in self._connection.execute(asked).all())

    def approve(self, draft_id: str, *, by: str) -> None:
        """Let a draft go out."""
        self._set(draft_id, {"state": "approved", "approved_by": by, "needs": "[]"})

    def waiting(self) -> Iterator[tuple[Draft, str, int]]:
        """What `send` has to do with: draft, holder of its lease and the lease's end (us).

        Last what a person has to mend first: it may be the message and not the account, and would
        hold up all others.
        """
        asked = (
            select(drafts)
            .where(drafts.c.state.in_(["approved", "sending", "unknown"]))
            .order_by(drafts.c.needs != "[]", drafts.c.created_us, drafts.c.id)
        )
        rows = self._connection.execute(asked).all()
        return ((_draft(row), row.lease_by, row.lease_until_us) for row in rows)

    def lease(
        self, draft: Draft, *, holder: str, length: timedelta, sending: bool, taken_from: str = ""
    ) -> bool:
        """Take a draft for this process; ``False`` if somebody else was faster.

        Args:
            draft: As it was read; if its state has changed since, somebody was faster.
            holder: Name of this process.
            length: How long nobody else may take it.
            sending: Whether the call goes out next: the state becomes `SENDING`. Otherwise only a
                look-up follows and the state stays.
            taken_from: The holder whose lease is known to be dead.
        """
        until = self._now + length // timedelta(microseconds=1)
        values: dict[str, Any] = {"lease_by": holder, "lease_until_us": until}
        if sending:
            values |= {"state": "sending", "attempts": drafts.c.attempts + 1}
            values["updated_us"] = self._now  # not by a look: how old is the attempt?
        free = or_(
            drafts.c.lease_until_us <= self._now,
            drafts.c.lease_by.in_(["", holder, taken_from]),
        )
        done = self._connection.execute(
            update(drafts)
            .where(drafts.c.id == draft.id, drafts.c.state == draft.state.value, free)
            .values(**values)
        )
        return done.rowcount == 1

    def sent(self, draft_id: str, sent: Sent) -> None:
        """The platform took it."""
        state = DraftState.CONFIRMED if sent.confirmed else DraftState.SENT
        self._set(
            draft_id,
            {
                "state": state.value,
                "sent_id": sent.id,
                "sent_url": sent.url,
                "sent_us": to_us(sent.at),
                "error": "",
                "remedy": "",
                "needs": "[]",
            },
        )
        discard(self._connection, draft_id)
        shown = select(drafts.c.aid_id).where(drafts.c.id == draft_id)
        self._connection.execute(
            update(aid)
            .where(aid.c.id.in_(shown), aid.c.status != AidStatus.WITHDRAWN)
            .values(status=AidStatus.PUBLISHED.value)
        )

    def part(self, draft_id: str, number: int, sent: Sent) -> Draft:
        """The platform took a part of a thread; returns the draft with it. Twice is once."""
        asked = select(drafts).where(drafts.c.id == draft_id).with_for_update()
        draft = with_sent(_draft(self._connection.execute(asked).one()), number, sent)
        values = {"parts": _parts(draft), "updated_us": self._now}
        self._connection.execute(update(drafts).where(drafts.c.id == draft_id).values(**values))
        return draft

    def failed(
        self,
        draft_id: str,
        state: DraftState,
        error: str = "",
        remedy: str = "",
        *needs: str,
        holder: str = "",
    ) -> bool:
        """The call failed: refused, to be tried again, or of unknown outcome.

        Args:
            draft_id: Which draft.
            state: What it is now.
            error: What the platform said.
            remedy: What to do, and whose task it is.
            needs: What a person must decide.
            holder: Who holds the draft and keeps it; nothing changes if somebody else does by
                now. Without it whoever holds it loses it.

        Returns:
            Whether it was changed.
        """
        values = {"state": state.value, "error": error, "remedy": remedy}
        values |= {"needs": json.dumps(needs)}
        if not holder:
            return self._set(draft_id, values)
        held = drafts.c.id == draft_id, drafts.c.lease_by == holder
        changed = update(drafts).where(*held).values(**values, updated_us=self._now)
        return self._connection.execute(changed).rowcount == 1

    def undelivered(self, draft_id: str, native_id: str, error: str, remedy: str) -> None:
        """The platform took it and never brought it to the citizen."""
        values = {"state": DraftState.REFUSED.value, "error": error, "remedy": remedy}
        self._set(draft_id, values | {"needs": "[]", "sent_id": native_id})

    def returned(self, native_id: str, account: str, error: str, remedy: str) -> None:
        """What was sent came back; it was sent all the same, and the same is not sent again."""
        if (draft := self.sent_as(native_id, account)) is not None:
            self._set(draft.id, {"error": error, "remedy": remedy})

    def is_undelivered(self, draft_id: str, native_id: str) -> bool:
        """Whether that is known of a message."""
        draft, wanted = self.get(draft_id), (DraftState.REFUSED, native_id)
        return draft is not None and (draft.state, draft.sent_id) == wanted

    def release(self, holder: str) -> None:
        """Give back all that somebody holds."""
        self._connection.execute(
            update(drafts).where(drafts.c.lease_by == holder).values(lease_by="", lease_until_us=0)
        )

    def _set(self, draft_id: str, values: dict[str, Any]) -> bool:
        values |= {"lease_by": "", "lease_until_us": 0, "updated_us": self._now}
        changed = update(drafts).where(drafts.c.id == draft_id).values(**values)
        return self._connection.execute(changed).rowcount == 1


def _parts(draft: Draft) -> str:
    return json.dumps([each.model_dump(mode="json") for each in draft.parts])


def _draft(row: Any) -> Draft:
    return Draft(
        **{name: getattr(row, name) for name in _SAME},
        state=DraftState(row.state),
        promise=Promise.model_validate_json(row.promise) if row.promise else None,
        parts=tuple(DraftPart.model_validate(each) for each in json.loads(row.parts)),
        needs=tuple(json.loads(row.needs)),
        media=tuple(DraftMedia.model_validate(each) for each in json.loads(row.media)),
        sent_at=from_us(row.sent_us),
        created_at=from_us(row.created_us) or _NEVER,
        updated_at=from_us(row.updated_us) or _NEVER,
    )


_NEVER = datetime.min.replace(tzinfo=UTC)
_SAME = (
    "id",
    "verb",
    "account",
    "case_id",
    "message_id",
    "aid_id",
    "recipient",
    "text",
    "substantive",
    "by",
    "approved_by",
    "attempts",
    "error",
    "remedy",
    "sent_id",
    "sent_url",
)
