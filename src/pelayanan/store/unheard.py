"""Replies that went out, perhaps, before a process was killed."""

import json
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, or_, select

from pelayanan.store._rows import Rows
from pelayanan.store.tables import drafts, messages

__all__ = ["SETTLED", "replies_unheard", "words"]

SETTLED = "settled:"
"""Begins the id of a reply of which a person, and not its platform, says that it stands."""

_NAMES = re.compile(r"^(?:@\S+ )+")
_CHUNK = 500  # ids in one question, below what every database takes


def replies_unheard(
    connection: Connection, rows: Rows, parents: Iterable[str], platform: str
) -> dict[tuple[str, str], bool]:
    """What may stand and was not entered: message and words, and whether it is substantive.

    Whoever fetches first finds them like those typed in the platform's app, but a person has
    already judged whether they are substantive. Of a reply in parts the last one makes it whole.
    """
    found: dict[tuple[str, str], bool] = {}
    columns = drafts.c.message_id, drafts.c.text, drafts.c.substantive, drafts.c.parts
    open_ = drafts.c.state.in_(["sending", "unknown"])
    wanted = list(parents)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        one = or_(drafts.c.message_id.in_(part), drafts.c.parts != "[]")
        places = select(messages.c.case_id).where(messages.c.id.in_(part))
        # what a person said of it stands, whatever the platform calls it
        settled = drafts.c.case_id.in_(places), drafts.c.sent_id.startswith(SETTLED)
        for these in ((open_, one), settled):
            asked = select(*columns).where(drafts.c.account == rows.account, *these)
            for row in connection.execute(asked):
                found |= _parts(row, rows, platform) or {
                    (row.message_id, words(row.text)): row.substantive
                }
    return found


def _parts(row: Any, rows: Rows, platform: str) -> dict[tuple[str, str], bool]:
    """The parts of a reply up to the first that is not known to stand; each answers the last."""
    found: dict[tuple[str, str], bool] = {}
    above, parts = row.message_id, json.loads(row.parts)
    for number, part in enumerate(parts, 1):
        found[above, words(part["text"])] = row.substantive and number == len(parts)
        if part["sent"] is None:
            break
        above = rows.id(platform, part["sent"]["id"])
    return found


def words(text: str) -> str:
    """A text as it stays on every platform, without the names that some put before a reply."""
    return _NAMES.sub("", " ".join(text.split()))
