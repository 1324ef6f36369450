"""From the store's cases to a tally."""

from typing import TYPE_CHECKING

from pelayanan.models import Period
from pelayanan.score.tally import Tally

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["tally"]


def tally(desk: "Desk", period: Period) -> Tally:
    """Count the cases that citizens opened in a month, followed until now."""
    first, after = period.bounds(desk.config.zone)
    return Tally.count(
        desk.store.columns(first, after),
        calendar=desk.calendar,
        standards=desk.standards,
        as_of=desk.now,
        period=period.name,
        province=desk.config.province.name,
        heads=desk.store.heads(),
    )
