"""From the store's cases to a tally and a score."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pelayanan.cases import template_agencies
from pelayanan.desk import _standing
from pelayanan.desk.auditing import audited
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.platforms.manual import Manual
from pelayanan.score.bins import bins
from pelayanan.score.gaming import GamingReport
from pelayanan.score.gaming import gaming as look
from pelayanan.score.public import PublicCounts
from pelayanan.score.report import ScoreReport, Waiting, score_tally
from pelayanan.score.tally import Tally, TallyKey
from pelayanan.store.audits import AuditRows
from pelayanan.store.columns import AccountPolls, Window, polls_of, settled
from pelayanan.store.habits import dated_answers, handed_cases, handled
from pelayanan.store.keys import to_us
from pelayanan.store.masses import claim_masses
from pelayanan.store.publications import Stage, keep_publication, publication
from pelayanan.store.sent import sent_texts

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["beside", "gaming", "oldest", "publish", "score", "tally", "window_of"]

_HOUR = timedelta(hours=1)


def tally(desk: "Desk", period: Period) -> Tally:
    """Count the cases that citizens opened in a month, followed until now."""
    window = window_of(desk, period)
    with desk.store.reading() as connection:
        cases = settled(connection, window, calendar=desk.calendar, standards=desk.standards)
    counted = Tally.count(
        cases,
        calendar=desk.calendar,
        standards=desk.standards,
        as_of=window.as_of,
        period=period.name,
        province=desk.config.province.name,
    )
    return counted + beside(desk, window, period) if counted.counts else counted


def window_of(desk: "Desk", period: Period) -> Window:
    """The month until now; what must be claimed before its cases are counted is claimed."""
    first, after = period.bounds(desk.config.zone)
    now = desk.now
    claim_masses(desk.store, first, zone=desk.config.zone, now=now)
    return Window(first, after, now)


def beside(desk: "Desk", window: Window, period: Period) -> Tally:
    """What a tally holds that is not counted from cases: polls, audits, the digest of chains."""
    with desk.store.reading() as connection:
        watched = polls_of(connection, window.first, window.after)
        read = audited(AuditRows(connection, window.as_of).drawn(period.name))
    key = partial(_key, desk, window, period)
    rows = [(key(of), dict(values)) for of, values in read.items()]
    made = Tally.of([*rows, *_polled(desk, window, key, watched)])
    return Tally(made.counts, (desk.store.heads(),))


def score(desk: "Desk", period: Period) -> ScoreReport:
    """Score a month; what texts say (flag `template`) is read from the answers sent in it."""
    first, after = period.bounds(desk.config.zone)
    with desk.store.reading() as connection:
        flagged = template_agencies(sent_texts(connection, first, after))
    profile = desk.config.score.profile
    return score_tally(tally(desk, period), profile=profile, templates=flagged)


def publish(desk: "Desk", period: Period, *, final: bool = False) -> PublicCounts:
    """The rounded figures of a month, made once at its end and once when they are final."""
    stage: Stage = "final" if final else "end"
    with desk.store.reading() as connection:
        body = publication(connection, period.name, stage)
    if body is None:
        made = _ripe(desk, period, final=final).public().model_dump_json()
        with desk.store.writing() as connection:
            body = keep_publication(connection, period.name, stage, made, desk.now)
    return PublicCounts.model_validate_json(body)


def _ripe(desk: "Desk", period: Period, *, final: bool) -> ScoreReport:
    _, after = period.bounds(desk.config.zone)
    if desk.now < after:
        raise ConfigError(f"{period} is not over: its figures are published after its last day")
    report = score(desk, period)
    whole = report.province
    young = whole.n - whole.left_early - whole.decided
    if final and young:
        raise ConfigError(
            f"{young} cases of {period} can still be answered in time: publish the final figures "
            "when none can"
        )
    return report


def gaming(desk: "Desk", period: Period) -> GamingReport:
    """How agencies come to the numbers of a month, followed until now."""
    first, after = period.bounds(desk.config.zone)
    window = Window(first, after, desk.now)
    calendar, standards = desk.calendar, desk.standards
    with desk.store.reading() as connection:
        return look(
            handled(connection, window),
            sent=sent_texts(connection, first, after),
            handed=handed_cases(
                connection,
                window,
                register={agency.key for agency in desk.config.agencies},
                calendar=calendar,
                standards=standards,
            ),
            dated=dated_answers(connection, window),
            calendar=calendar,
            standards=standards,
            as_of=window.as_of,
            period=period.name,
        )


def oldest(desk: "Desk", period: Period, agency: str, limit: int = 5) -> tuple[Waiting, ...]:
    """The open cases of an agency that have waited longest, each with the bin it stands in.

    Those of a month that the score of that month counts, also where nothing but a promise was
    said and it was not kept; reopened ones wait on another clock and are left out.
    """
    first, after = period.bounds(desk.config.zone)
    waiting = _standing.cases(
        desk, status="open", agency=agency, opened_from=first, opened_before=after
    )
    found = [case for case in waiting if case.counts and not case.reopened]
    now = np.array([int(desk.now.timestamp())], np.int64)
    return tuple(
        Waiting(
            case.id,
            int(
                bins(
                    np.array([int(case.opened.timestamp())], np.int64),
                    now,
                    desk.calendar,
                    desk.standards.kinds[case.kind],
                )[0]
            ),
        )
        for case in found[:limit]
    )


def _key(desk: "Desk", window: Window, period: Period, of: tuple[str, str, str]) -> TallyKey:
    """Of counts that come from no case, by agency, kind and channel."""
    agency, kind, channel = of
    return TallyKey(
        desk.config.province.name,
        agency,
        kind,
        channel,
        period.name,
        desk.standards.version,
        desk.calendar.version,
        int(window.as_of.timestamp()),
    )


def _polled(
    desk: "Desk",
    window: Window,
    key: Callable[[tuple[str, str, str]], TallyKey],
    watched: list[AccountPolls],
) -> Iterator[tuple[TallyKey, dict[str, int]]]:
    """One poll is due for each account and office hour.

    Source:
        score.md, 3 (polls_due): an account that is closed or removed stays until the period ends.
    """
    hours = _office_hours(desk, window)
    for each in watched:
        if each.platform == Manual.name:  # people enter it: there is nothing to read
            continue
        if each.closed is not None and each.closed < window.first:
            continue
        due = {to_us(hour) for hour in hours if hour >= each.registered}
        if due:
            yield (
                key((each.agency, "", each.platform)),
                {"polls_due": len(due), "polls_done": len(due & each.hours)},
            )


def _office_hours(desk: "Desk", window: Window) -> list[datetime]:
    """The clock hours with office time in them that are over."""
    end = min(window.after, window.as_of)
    hours = int((end - window.first) / _HOUR)
    starts = [window.first + number * _HOUR for number in range(hours)]
    return [start for start in starts if desk.calendar.working_seconds(start, start + _HOUR) > 0]
