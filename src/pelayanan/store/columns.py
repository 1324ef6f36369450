"""Cases as columns, for counting."""

from datetime import datetime

import numpy as np
from sqlalchemy import Connection, select

from pelayanan.score.tally import Columns
from pelayanan.store.keys import to_us
from pelayanan.store.tables import cases

__all__ = ["columns"]

_US = 1_000_000


def columns(connection: Connection, opened_from: datetime, opened_before: datetime) -> Columns:
    """All cases opened in a span of time, instants in whole seconds, rounded down."""
    c = cases.c
    asked = select(
        c.opened_us,
        c.answered_us,
        c.left_us,
        c.left_how,
        c.agency,
        c.kind,
        c.platform,
        c.excluded,
        c.contacts,
        c.reopened,
    ).where(c.opened_us >= to_us(opened_from), c.opened_us < to_us(opened_before))
    rows = connection.execute(asked).all()
    parts = list(zip(*rows, strict=True)) if rows else [()] * 10
    opened, answered, left = (
        np.array([-1 if us is None else us // _US for us in part], dtype=np.int64)
        for part in parts[:3]
    )
    how, agency, kind, channel, excluded = (np.array(part, dtype=np.str_) for part in parts[3:8])
    contacts, reopened = (np.array(part, dtype=np.int64) for part in parts[8:])
    return Columns(opened, answered, left, how, agency, kind, channel, excluded, contacts, reopened)
