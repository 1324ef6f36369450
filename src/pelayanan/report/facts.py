"""What a report tells, gathered once; every form of it shows these numbers and no others."""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pelayanan.aid import AidEvent, AidMedium
from pelayanan.cases import Case
from pelayanan.desk.desk import Desk
from pelayanan.errors import PelayananError
from pelayanan.models import Period, Record
from pelayanan.score import AgencyScore, ScoreReport, is_overdue
from pelayanan.store.aid import AidRows

__all__ = ["AidFact", "Facts", "Waiting", "gather"]

_LONGEST = 12
_PICTURES = 4


class Waiting(Record):
    """A citizen without an answer, masked.

    Attributes:
        waited: Since the message was posted (or the citizen came back), citizen time.
        overdue: Whether the legal limit for an answer is past.
    """

    case_id: str
    agency: str
    platform: str
    kind: str
    opened: datetime
    waited: timedelta
    overdue: bool
    contacts: int
    text: str


class AidFact(Record):
    """An aid event as the public may see it, with its pictures as data URLs."""

    event: AidEvent
    agency: str
    pictures: tuple[tuple[str, str], ...]  # data URL, what it shows


class Facts(Record):
    """Everything a report is made of.

    Attributes:
        burning: Open cases that need somebody now: emergencies, then who asked most often.
        longest: Those that have waited longest.
        silent: Accounts that could not be read in the last day, with the reason.
    """

    province: str
    period: str
    as_of: datetime
    score: ScoreReport | None
    agencies: dict[str, str]
    open: int
    overdue: int
    burning: tuple[Waiting, ...]
    longest: tuple[Waiting, ...]
    aid: tuple[AidFact, ...]
    silent: tuple[tuple[str, str], ...]

    def rows(self) -> Iterator["Row"]:
        """The tidy table behind every figure: one number a row, each with its basis."""
        if self.score is None:
            return
        for key, agency in (*self.score.agencies.items(), ("", self.score.province)):
            yield from _rows(self.score, key, agency)


class Row(NamedTuple):
    """One number. `agency` is empty for the province; `n` is what a share is of."""

    period: str
    agency: str
    measure: str
    value: float
    n: int
    definition: str
    calendar: str
    as_of: str


def gather(desk: Desk, period: Period) -> Facts:
    """Read a month, as it stands now."""
    now = desk.now
    names = {agency.key: agency.name for agency in desk.config.agencies}
    waiting = [_waiting(desk, case, names, now) for case in desk.cases(status="open")]
    urgent = sorted(waiting, key=lambda each: (each.kind != "darurat", -each.contacts, each.opened))
    tally = desk.tally(period)
    return Facts(
        province=desk.config.province.name,
        period=period.name,
        as_of=now.astimezone(desk.config.zone),
        score=desk.score(period) if tally.counts else None,
        agencies=names,
        open=len(waiting),
        overdue=sum(each.overdue for each in waiting),
        burning=tuple(each for each in urgent if _burns(each))[:_LONGEST],
        longest=tuple(sorted(waiting, key=lambda each: -each.waited)[:_LONGEST]),
        aid=tuple(_aid(desk, event, names) for event in desk.aid.events(period)),
        silent=tuple(desk.store.silent(now - timedelta(days=1))),
    )


def _burns(each: Waiting) -> bool:
    return each.kind == "darurat" or each.contacts > 0


def _waiting(desk: Desk, case: Case, names: dict[str, str], now: datetime) -> Waiting:
    return Waiting(
        case_id=case.id,
        agency=names.get(case.agency, case.agency),
        platform=case.platform,
        kind=case.kind.value,
        opened=case.opened.astimezone(desk.config.zone),
        waited=now - case.clock,
        overdue=is_overdue(case, desk.calendar, desk.standards, now),
        contacts=case.contacts,
        text=" ".join(case.masked().text.split()),
    )


def _aid(desk: Desk, event: AidEvent, names: dict[str, str]) -> AidFact:
    with desk.store.reading() as connection:
        consents = AidRows(connection, desk.now).consents_of(event.id)
    shown = [
        medium
        for medium in event.media
        if medium.media_type.startswith("image/")
        and (
            medium.consent_id is None
            or ((found := consents.get(medium.consent_id)) is not None and found.allows("report"))
        )
    ]
    pictures = [_picture(desk, medium) for medium in shown[:_PICTURES]]
    return AidFact(
        event=event.masked(),
        agency=names.get(event.agency, event.agency),
        pictures=tuple(each for each in pictures if each[0]),
    )


def _picture(desk: Desk, medium: AidMedium) -> tuple[str, str]:
    """A data URL; empty where the file cannot be read: one bad picture stops no report."""
    try:
        with desk.media.file(medium.sha256, alt=medium.alt).open() as file:
            data = base64.b64encode(file.read()).decode()
    except (PelayananError, OSError):
        return "", medium.alt
    return f"data:{medium.media_type};base64,{data}", medium.alt


def _rows(score: ScoreReport, key: str, agency: AgencyScore) -> Iterator[Row]:
    def row(measure: str, value: float, n: int) -> Row:
        as_of = score.as_of.isoformat()
        return Row(score.period, key, measure, value, n, score.definition, score.calendar, as_of)

    yield row("n", agency.n, agency.n)
    yield row("answered", agency.answered, agency.n)
    yield row("unanswered", agency.unanswered, agency.n)
    for number, share in enumerate(agency.within or (), 1):
        yield row(f"within_{number}", share, agency.n)
