"""Writing, approving and settling replies."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Connection

from pelayanan.cases import Actor, Answered, Case, Promise
from pelayanan.desk._booking import promised
from pelayanan.desk._intakes import judge
from pelayanan.desk._overtaken import SECOND_PERSON, is_same
from pelayanan.desk._publishing import against
from pelayanan.desk.config import Config
from pelayanan.errors import ConfigError, StoreError
from pelayanan.models import Mention, Sent
from pelayanan.protocol.capabilities import Account, Mailer, Replier
from pelayanan.protocol.flow import Flow
from pelayanan.reply.draft import Draft, DraftPart, DraftState
from pelayanan.reply.lint import lint
from pelayanan.reply.parts import in_parts, limits_for
from pelayanan.reply.promise import unsaid
from pelayanan.store.aid import AidRows
from pelayanan.store.keys import to_us
from pelayanan.store.ledger import Ledger
from pelayanan.store.log import append
from pelayanan.store.reading import account_of, case_of, mention_of
from pelayanan.store.store import Store
from pelayanan.store.unheard import SETTLED
from pelayanan.text.halves import mended

__all__ = ["Drafting"]

_WRITING = timedelta(minutes=15)  # so long nobody else answers the same citizen unasked
_PENDING = {DraftState.DRAFTED, DraftState.APPROVED, DraftState.SENDING, DraftState.UNKNOWN}


@runtime_checkable
class _Remembers(Protocol):
    """A platform where an attempt leaves a trace that stops the next one: a mail's draft."""

    def forget_attempt(self, mention: Mention, *, key: str) -> Flow[None]: ...


class Drafting:
    """The part of the desk where replies are written."""

    def __init__(
        self,
        config: Config,
        store: Store,
        accounts: Callable[[], Mapping[str, Account]],
        clock: Callable[[], datetime],
        run: Callable[[Flow[Any]], object],
    ) -> None:
        self._config = config
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._run = run

    def get(self, draft_id: str) -> Draft:
        """One draft; raises `ConfigError` where there is none."""
        with self._store.reading() as connection:
            return Ledger(connection, self._clock()).need(draft_id)

    def listed(self, state: DraftState | None, case_id: str | None) -> list[Draft]:
        """Drafts, the oldest first."""
        with self._store.reading() as connection:
            return list(Ledger(connection, self._clock()).list(state, case_id=case_id))

    def draft(
        self,
        case_id: str,
        text: str,
        *,
        by: str,
        substantive: bool | None = None,
        promise: Promise | None = None,
    ) -> Draft:
        """Keep a reply with what it still needs."""
        case = self._store.case(case_id)
        if case is None:
            raise ConfigError(f"there is no case {case_id[:60]!r}: see `pelayanan cases`")
        now, text = self._clock(), mended(text).replace("\0", "").strip()
        draft_id = self._store.keys.draft(case_id, text)
        with self._store.writing() as connection:
            ledger = Ledger(connection, now)
            if (known := ledger.get(draft_id)) is not None:
                if promise is not None and known.promise != promise:
                    raise ConfigError("this text was drafted with another promise: reword it")
                return known
            if promise is not None:
                _refuse(unsaid(text, promise, now.astimezone(self._config.zone).date()))
            found = mention_of(connection, case_id=case_id)
            if found is None:
                raise StoreError("the citizen's message was forgotten: nobody can be answered")
            message_id, mention = found
            case = self._addressed(case, account_of(connection, message_id))
            needs = [
                *self._stops(case, mention, text),
                *self._approval(case),
                *_others(ledger, case_id, by, now),
            ]
            return ledger.add(
                Draft(
                    id=draft_id,
                    verb="reply",
                    account=case.account,
                    case_id=case_id,
                    message_id=message_id,
                    text=text,
                    parts=self._parts(case, mention, text),
                    substantive=judge(text)[0] if substantive is None else substantive,
                    promise=promise,
                    needs=tuple(needs),
                    by=by,
                    created_at=now,
                    updated_at=now,
                )
            )

    def reply(
        self,
        case_id: str,
        text: str,
        *,
        by: str,
        promise: Promise | None,
        send: Callable[[str], object],
    ) -> Draft:
        """Draft, approve and send, as far as nothing speaks against it."""
        draft = self.draft(case_id, text, by=by, promise=promise)
        if draft.state is DraftState.DRAFTED and not draft.needs:
            draft = self.approve(draft.id, by=by)
        if draft.state.done or draft.state is DraftState.DRAFTED:
            return draft
        send(draft.id)
        return self.get(draft.id)

    def approve(self, draft_id: str, *, by: str) -> Draft:
        """Approve after the lint; another person's approval also settles who answers."""
        now = self._clock()
        with self._store.writing() as connection:
            ledger = Ledger(connection, now)
            draft = ledger.need(draft_id)
            if draft.state not in {DraftState.DRAFTED, DraftState.REFUSED}:
                return draft
            if draft.verb == "reply":
                self._may(connection, draft, by)
            elif draft.verb == "publish":
                rows, own = AidRows(connection, now), self._config.reply.own_contacts
                _refuse(against(rows, draft, self._accounts(), own))
            ledger.approve(draft_id, by=by)
            return ledger.need(draft_id)

    def _may(self, connection: Connection, draft: Draft, by: str) -> None:
        case = case_of(connection, draft.case_id or "")
        found = mention_of(connection, message_id=draft.message_id)
        if case is None or found is None:
            raise StoreError("the citizen's message was forgotten: nobody can be answered")
        case = case.model_copy(update={"account": draft.account})
        _refuse(self._stops(case, found[1], draft.text))
        if self._approval(case) and is_same(by, draft.by):
            raise ConfigError(f"a case of kind {case.kind} needs another person than {by!r}")

    def settle(self, draft_id: str, *, sent: bool, by: str) -> Draft:
        """A person saw whether the reply stands on the platform."""
        if not sent:
            self._forget_attempt(self.get(draft_id))
        now = self._clock()
        with self._store.writing() as connection:
            ledger = Ledger(connection, now)
            draft = ledger.need(draft_id)
            if draft.state is not DraftState.UNKNOWN:
                raise ConfigError(f"draft {draft_id} is {draft.state}: there is nothing to settle")
            if not sent:
                ledger.failed(draft_id, DraftState.APPROVED)
                return ledger.need(draft_id)
            at = draft.updated_at
            ledger.sent(draft_id, Sent(id=f"{SETTLED}{draft_id}", at=at, confirmed=True))
            if draft.case_id:
                event = Answered(
                    at=at,
                    actor=Actor.HUMAN,
                    by=by,
                    substantive=draft.substantive,
                    key=f"settled:{draft_id}",
                )
                append(connection, draft.case_id, [event], now)
                promised(connection, draft, at, event.key, now)
            return ledger.need(draft_id)

    def _forget_attempt(self, draft: Draft) -> None:
        account = self._accounts().get(draft.account)
        if draft.state is not DraftState.UNKNOWN:
            return
        if draft.verb == "mail" and isinstance(account, Mailer):
            self._run(account.forget_message(key=draft.id))
        if not isinstance(account, _Remembers):
            return
        with self._store.reading() as connection:
            found = mention_of(connection, message_id=draft.message_id)
        if found is not None:
            self._run(account.forget_attempt(found[1], key=draft.id))

    def _addressed(self, case: Case, account: str) -> Case:
        """The case as of that account of the agency to which the citizen wrote last."""
        own = {each.key for each in self._config.accounts if each.agency == case.agency}
        return case.model_copy(update={"account": account}) if account in own else case

    def _stops(self, case: Case, mention: Mention, text: str) -> list[str]:
        if not case.account:  # handed over or taken up: it is another agency's account's
            told = "jawab lewat saluran lain, lalu catat jawabannya pada perkara ini"
            return [f"tidak ada akun {case.agency} yang dapat membalas pesan ini: {told}"]
        account = self._accounts().get(case.account)
        if account is None or not isinstance(account, Replier):
            return [f"akun {case.account} tidak dapat membalas: jawab lewat saluran lain"]
        if account.capabilities.reply_needs_invitation and "heard" in mention.ref:
            told = f"di {account.name} hanya yang menyapa akun boleh dijawab"
            return [f"{told}: jawab lewat saluran lain"]
        parts = self._parts(case, mention, text)
        remarks = lint(
            text,
            limits=() if parts else limits_for(mention, account.capabilities),
            private=mention.private,
            allow=self._config.reply.own_contacts,
        )
        return [remark.message for remark in remarks if remark.severity == "stop"]

    def _parts(self, case: Case, mention: Mention, text: str) -> tuple[DraftPart, ...]:
        """How a text that is too long for one message goes out, where the platform has threads."""
        account = self._accounts().get(case.account)
        if account is None:
            return ()
        able = account.capabilities
        return in_parts(text, limits_for(mention, able), able)

    def _approval(self, case: Case) -> list[str]:
        if case.kind.value in self._config.reply.two_persons:
            return [SECOND_PERSON]
        return []


def _refuse(stops: Sequence[str]) -> None:
    if stops:
        raise ConfigError(f"this text may not go out: {'; '.join(stops)}")


def _others(ledger: Ledger, case_id: str, by: str, now: datetime) -> list[str]:
    """Whoever else is answering this citizen right now."""
    return [
        f"{draft.by} sedang menjawab warga ini: sepakati dulu, lalu `pelayanan approve`"
        for draft in ledger.list(case_id=case_id)
        if draft.by != by
        and draft.state in _PENDING
        and to_us(now) - to_us(draft.updated_at) < _WRITING // timedelta(microseconds=1)
    ]
