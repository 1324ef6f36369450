"""The desk: one province's accounts, cases and ledger, joined over one store."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pelayanan.cases import AnyEvent, Case, Claim, Promise, Status
from pelayanan.desk import _standing
from pelayanan.desk._passing import account_for, refuse_odd_times, refuse_strangers
from pelayanan.desk.drafting import Drafting
from pelayanan.desk.fetching import Fetching
from pelayanan.desk.opening import OpenDesk
from pelayanan.desk.receiving import Received
from pelayanan.desk.sending import Sender, SendReport
from pelayanan.desk.sync import Progress, SyncReport
from pelayanan.errors import ConfigError
from pelayanan.models import Mention, Period, Signal
from pelayanan.reply.draft import Draft, DraftState
from pelayanan.store.store import Logged

if TYPE_CHECKING:
    from pelayanan.desk.aid import AidDesk
    from pelayanan.desk.auditing import AuditDesk
    from pelayanan.desk.letters import LetterDesk
    from pelayanan.media.store import MediaStore
    from pelayanan.score import ScoreReport, Tally
    from pelayanan.score.gaming import GamingReport
    from pelayanan.score.public import PublicCounts

__all__ = ["Desk"]


class Desk(OpenDesk):
    """One province's desk. Synchronous, and safe to share between threads.

    Open it with `open`; any number of desks live side by side in one process.
    """

    # ---- fetching

    def sync(self, progress: Callable[[Progress], None] = lambda _: None) -> SyncReport:
        """Fetch what is new, of all accounts; one that fails stops no other.

        Args:
            progress: Told of each page that was kept.

        Returns:
            Per account what was fetched, new, answered natively, unreadable or failed (why).
        """
        return self._fetching.sync(progress)

    def receive(self, account: str, headers: Mapping[str, str], body: bytes) -> Received:
        """Take a webhook: verified, durable, and then answered; ``.status`` and ``.body`` say what.

        Args:
            account: Key of the account that it is for.
            headers: As they came; names in any case.
            body: The bytes as they came, never parsed and written again.
        """
        return self._fetching.receiver().receive(account, headers, body)

    def handshake(self, account: str, params: Mapping[str, str]) -> Received:
        """Answer the request with which a platform makes sure that an address is ours."""
        return self._fetching.receiver().handshake(account, params)

    @cached_property
    def _fetching(self) -> Fetching:
        return Fetching(self.config, self.store, self.client, self.accounts, self._clock)

    def add_mention(self, mention: Mention, *, agency: str, account: str = "manual") -> str:
        """Enter a message that came by phone, at the counter or by a form.

        Returns:
            The id of its case. Entering the same message again changes nothing.

        Raises:
            ConfigError: No agency has this key, a machine wrote the message, or its id is that of
                another message, of another day or agency.
        """
        return self._fetching.add(mention, agency=agency, account=account)

    def signals(
        self, *, query: str = "", since: datetime | None = None, taken: bool = False
    ) -> Iterator[Signal]:
        """What was heard and addressed to no agency, the newest first; with `taken` cases too."""
        return self._fetching.listening().signals(query=query, since=since, taken=taken)

    def take_up(self, signal_id: str, *, agency: str, by: str) -> str:
        """Make a signal a case; returns its id. Taking it up again changes nothing."""
        return self._fetching.listening().take_up(signal_id, agency=agency, by=by)

    # ---- cases

    def cases(
        self,
        *,
        status: Status | str | None = None,
        agency: str | None = None,
        overdue: bool = False,
    ) -> Iterator[Case]:
        """Cases without their threads, the oldest first.

        Args:
            status: ``"open"`` has no substantive answer yet, or was promised one in vain; see
                `Status`.
            overdue: Only those without an answer after the legal limit (standards, test 5).
        """
        wanted = None if status is None else Status(status).value
        found = _standing.cases(self, status=wanted, agency=agency)
        if not overdue:
            return found
        from pelayanan.score.bins import is_overdue  # noqa: PLC0415  loads numpy

        rules = self.calendar, self.standards, self._clock()
        return (case for case in found if is_overdue(case, *rules))

    def case(self, case_id: str) -> Case:
        """One case with its thread; raises `ConfigError` if there is none."""
        found = self.store.case(case_id)
        if found is None:
            raise ConfigError(f"there is no case {case_id[:60]!r}: see `pelayanan cases`")
        return _standing.standing(self, found)

    def case_of(self, account: str, native_id: str) -> str | None:
        """Id of the case that a platform's message belongs to; ``None`` if it is not known yet."""
        platform = self._any(account).name
        return self.store.case_of_message(self.store.keys.message(platform, account, native_id))

    def record(self, case_id: str, *events: AnyEvent) -> Case:
        """Add what happened to a case. The same event twice changes nothing.

        Returns:
            The case that took it: a new one where a citizen came back later than 14 days after the
            closing. What an accepted hand-over opens is among ``desk.cases(agency=receiver)``.
        """
        refuse_odd_times(events)
        refuse_strangers(self.config, self.case(case_id).agency, events)
        found = account_for(self.config)
        taken = self.store.record(case_id, events, self._clock(), account_for=found)
        return self.case(taken.case_id)

    def claims(self) -> Iterator[Claim]:
        """What waits for somebody outside the agency, case by case.

        Until a `Confirmed` event names its key, the case stands as it was (score.md, 1).
        """
        from pelayanan.store.masses import claims  # noqa: PLC0415  loads numpy

        return claims(self.store, zone=self.config.zone, now=self._clock())

    def events(self, since: str | None = None) -> Iterator[Logged]:
        """The event log from a cursor on: how other systems keep their own tables in step."""
        return self.store.events(since)

    def verify(self) -> list[str]:
        """Check all hash chains; the list of what is wrong is empty when all is well."""
        return self.store.verify()

    def forget(self, platform: str, author: str) -> int:
        """Remove a person's messages; counts and chains stay.

        Args:
            author: The id or handle that the platform gives the person.

        Returns:
            How many messages were emptied.

        Raises:
            ConfigError: No account is on this platform, and nothing of it was ever kept.
        """
        from pelayanan.store.masses import claim_masses  # noqa: PLC0415  loads numpy

        # one citizen fewer must not make an answer to the others of a text sent to many
        claim_masses(self.store, zone=self.config.zone, now=self._clock())
        known = (account.platform for account in self.config.accounts)
        return self.store.forget(platform, author, known=known)

    # ---- replies

    @cached_property
    def _drafting(self) -> Drafting:
        return Drafting(
            self.config, self.store, lambda: self.accounts, self._clock, self.client.run
        )

    @cached_property
    def _sender(self) -> Sender:
        return Sender(
            self.store,
            self.client,
            self.accounts,
            agencies=self._agencies,
            clock=self._clock,
            media=lambda: self.media,
            two_persons=self.config.reply.two_persons,
        )

    def draft(
        self,
        case_id: str,
        text: str,
        *,
        by: str,
        substantive: bool | None = None,
        promise: Promise | None = None,
    ) -> Draft:
        """Write a reply without sending it. The same text for the same case is the same draft.

        Args:
            by: Who writes.
            substantive: Whether it answers; default: what the rules say of its text.
            promise: The step that it names, `due` and `unit`; both must stand in the text. Once
                sent the answer counts as long as that date is not past, then if it was kept.
        """
        return self._drafting.draft(case_id, text, by=by, substantive=substantive, promise=promise)

    def approve(self, draft_id: str, *, by: str) -> Draft:
        """Let a draft go out with the next `send`.

        Raises:
            ConfigError: The lint stops it, or its kind needs another person than the writer.
        """
        return self._drafting.approve(draft_id, by=by)

    def send(self, draft_id: str | None = None) -> SendReport:
        """Send what is approved; first find out what became of what is not known."""
        return self._sender.run(draft_id)

    def reply(self, case_id: str, text: str, *, by: str, promise: Promise | None = None) -> Draft:
        """Lint, approve and send in one; ``.state`` and ``.needs`` say what is left."""
        return self._drafting.reply(case_id, text, by=by, promise=promise, send=self.send)

    def outbox(
        self, *, state: DraftState | str | None = None, case_id: str | None = None
    ) -> list[Draft]:
        """Drafts, the oldest first."""
        return self._drafting.listed(None if state is None else DraftState(state), case_id)

    def settle(self, draft_id: str, *, sent: bool, by: str) -> Draft:
        """Say what became of a draft where only a person can tell."""
        return self._drafting.settle(draft_id, sent=sent, by=by)

    # ---- aid, media, score

    @cached_property
    def media(self) -> "MediaStore":
        """Photos and videos, stripped of place and device, kept by their hash."""
        from pelayanan.media.store import MediaStore  # noqa: PLC0415  the extra `media`

        return MediaStore(self.config.place(self.config.store.media))

    @cached_property
    def aid(self) -> "AidDesk":
        """Aid that civil servants give: log, evidence, consent, publication."""
        from pelayanan.desk.aid import AidDesk  # noqa: PLC0415  seldom used

        return AidDesk(self)

    @cached_property
    def audit(self) -> "AuditDesk":
        """Answers read by a person outside the agency, blind: the rubric of the score."""
        from pelayanan.desk.auditing import AuditDesk  # noqa: PLC0415  seldom used

        return AuditDesk(self)

    @cached_property
    def letters(self) -> "LetterDesk":
        """Mails that answer nobody, such as a report: each once per address."""
        from pelayanan.desk.letters import LetterDesk  # noqa: PLC0415  seldom used

        return LetterDesk(self)

    def tally(self, period: Period) -> "Tally":
        """The additive counts of a month."""
        from pelayanan.desk.scoring import tally  # noqa: PLC0415  loads numpy

        return tally(self, period)

    def score(self, period: Period) -> "ScoreReport":
        """The score of a month, per agency and for the province, in the configured profile."""
        from pelayanan.desk.scoring import score  # noqa: PLC0415  loads numpy

        return score(self, period)

    def publish_score(self, period: Period, *, final: bool = False) -> "PublicCounts":
        """What the public may see of a month's score: counts rounded by themselves to fives.

        A month is published at most twice, at its end and when it is final, for differences would
        give single cases away. Asked again, the same figures come again, as they were.

        Args:
            final: The second time, once no case of the month can still be answered in time.

        Raises:
            ConfigError: The month is not over, or its figures are not final.

        Source:
            score.md, 3 (public files).
        """
        from pelayanan.desk.scoring import publish  # noqa: PLC0415  loads numpy

        return publish(self, period, final=final)

    def gaming(self, period: Period) -> "GamingReport":
        """How agencies come to the numbers of a month: evidence, never a verdict."""
        from pelayanan.desk.scoring import gaming  # noqa: PLC0415  loads numpy

        return gaming(self, period)
