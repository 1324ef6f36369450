"""The same text to many citizens: an answer only once somebody outside the agency says so.

Source:
    score.md, 1 (claims): one family, sent outside the ledger to more than 10 citizens in the period
    of sending.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pelayanan.models import Period

__all__ = ["SentText", "mass_answers", "template_agencies"]

_MANY = 10


class SentText(NamedTuple):
    """One answer. `key` is its event key, `citizen` whoever it went to, `family` its wording."""

    key: str
    agency: str
    citizen: str
    family: str
    at: datetime
    in_ledger: bool


def mass_answers(sent: Iterable[SentText], zone: ZoneInfo) -> frozenset[str]:
    """Keys of the answers that wait for a confirmation.

    Each of them needs a ``Claimed(what="mass_answer", detail=key)`` on its case, and counts once a
    `Confirmed` agrees.
    """
    groups: dict[tuple[str, str, str], list[SentText]] = defaultdict(list)
    for each in sent:
        if not each.in_ledger:
            month = Period.of(each.at.astimezone(zone).date()).name
            groups[each.agency, each.family, month].append(each)
    many = (group for group in groups.values() if len({each.citizen for each in group}) > _MANY)
    return frozenset(each.key for group in many for each in group)


def template_agencies(sent: Iterable[SentText]) -> frozenset[str]:
    """Agencies of whose answers over half are one text; ``""`` stands for all of them together.

    Source:
        score.md, 5 (flag `template`, from the cases, not the tally).
    """
    families: dict[str, Counter[str]] = defaultdict(Counter)
    for each in sent:
        for whose in (each.agency, ""):
            families[whose][each.family] += 1
    most = {whose: max(found.values()) for whose, found in families.items()}
    return frozenset(  # a text that was sent once is no family
        whose for whose, count in most.items() if count > 1 and 2 * count > families[whose].total()
    )
