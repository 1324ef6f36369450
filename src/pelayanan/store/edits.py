"""Messages that were changed after we saw them: both wordings are kept, no clock moves."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from pelayanan.cases import AnyEvent, Edited
from pelayanan.models import Mention
from pelayanan.store._rows import Row, Rows
from pelayanan.store.bulk import insert_rows
from pelayanan.store.log import append
from pelayanan.store.tables import messages

__all__ = ["EDIT", "keep_edits"]

EDIT = "edit"
"""Direction of a row that holds a later wording: no message of its own, and never a contact."""
_CHUNK = 500


def keep_edits(connection: Connection, rows: Rows, known: Mapping[str, Mention]) -> None:
    """Keep the new wording of messages that are known and read otherwise now.

    Telling it again changes nothing. What was forgotten stays so.

    Args:
        connection: Inside the transaction that keeps the page.
        rows: Makes rows of the account.
        known: By their ids in the store.
    """
    keys = list(known)
    for start in range(0, len(keys), _CHUNK):
        part = {key: known[key] for key in keys[start : start + _CHUNK]}
        for row, event in _changed(connection, rows, part):
            insert_rows(connection, messages, [row])
            append(connection, row["case_id"], [event], rows.now)


def _changed(
    connection: Connection, rows: Rows, known: Mapping[str, Mention]
) -> Iterator[tuple[Row, AnyEvent]]:
    latest = _latest(connection, rows, known)
    for original, was in latest.items():
        item = known[original]
        now = f"{item.subject}\x1f{item.text}"
        if was.case_id is None or now.replace("\0", "") == f"{was.subject}\x1f{was.text}":
            continue
        # named by the wording before it too: who changes a text and changes it back did both
        key = rows.id(item.platform, f"{was.id}\x1f{sha256(now.encode()).hexdigest()}")
        row = rows.incoming(key, item) | {"direction": EDIT, "case_id": was.case_id}
        row["captured_us"] = max(row["captured_us"], was.captured_us + 1)  # wordings have an order
        event = Edited(
            at=rows.now, message=key, of=original, digest=row["digest"], key=f"edited:{key}"
        )
        yield row, event


def _latest(connection: Connection, rows: Rows, known: Mapping[str, Mention]) -> dict[str, Any]:
    """The wording of each message that was seen last; what was forgotten is left out."""
    c = messages.c
    columns = c.id, c.text, c.subject, c.case_id, c.platform, c.native_id, c.captured_us
    asked = select(*columns).where(c.id.in_(known), c.direction == "in", c.text.is_not(None))
    found: dict[str, Any] = {row.id: row for row in connection.execute(asked)}
    places = {row.case_id for row in found.values() if row.case_id is not None}
    edits = select(*columns).where(c.case_id.in_(places), c.direction == EDIT, c.text.is_not(None))
    for row in connection.execute(edits.order_by(c.captured_us)):
        original = rows.id(row.platform, row.native_id)
        if original in found:
            found[original] = row
    return found
