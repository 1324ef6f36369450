"""The figures of a month that were published: at most twice, and kept as they went out.

Source:
    score.md, 3 (public files): differences of many publications would give single cases away.
"""

from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from pelayanan.store.keys import to_us
from pelayanan.store.tables import publications

__all__ = ["Stage", "keep_publication", "publication"]

Stage: TypeAlias = Literal["end", "final"]


def publication(connection: Connection, period: str, stage: Stage) -> str | None:
    """What went out then; ``None`` if nothing did."""
    at = publications.c.period == period, publications.c.stage == stage
    return connection.scalar(select(publications.c.body).where(*at))


def keep_publication(
    connection: Connection, period: str, stage: Stage, body: str, now: datetime
) -> str:
    """Keep what goes out now; returns what another process kept first, if one did."""
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"period": period, "stage": stage, "body": body, "made_us": to_us(now)}
    connection.execute(kind.insert(publications).values(**row).on_conflict_do_nothing())
    return publication(connection, period, stage) or body
