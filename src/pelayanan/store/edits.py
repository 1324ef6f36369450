"""Messages that were changed after we saw them: both wordings are kept, no clock moves."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

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
    c = messages.c
    asked = select(c.id, c.text, c.subject, c.case_id).where(
        c.id.in_(known), c.direction == "in", c.text.is_not(None)
    )
    found: dict[str, tuple[str, Row]] = {}
    for was in connection.execute(asked):
        item = known[was.id]
        now = f"{item.subject}\x1f{item.text}"
        if was.case_id is None or now.replace("\0", "") == f"{was.subject}\x1f{was.text}":
            continue
        key = rows.id(item.platform, f"{item.id}\x1f{sha256(now.encode()).hexdigest()}")
        made = rows.incoming(key, item) | {"direction": EDIT, "case_id": was.case_id}
        found[key] = was.id, made
    told = set(connection.scalars(select(c.id).where(c.id.in_(found))))
    for key, (original, row) in found.items():
        if key not in told:
            event = Edited(
                at=rows.now, message=key, of=original, digest=row["digest"], key=f"edited:{key}"
            )
            yield row, event
