"""What a mail that answers nobody is made of, kept until it is sent."""

import json
from base64 import b64decode, b64encode
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection, delete, insert, select

from pelayanan.store.tables import letters

__all__ = ["File", "Letter", "discard", "keep_letter", "letter_of"]

File: TypeAlias = tuple[str, str, bytes]
"""Name, media type and content of an attachment."""


class Letter(NamedTuple):
    """What stands around the text of a mail."""

    subject: str
    files: tuple[File, ...] = ()


def keep_letter(connection: Connection, draft_id: str, letter: Letter) -> None:
    """Keep it beside its draft, in the same transaction."""
    files = [(name, kind, b64encode(content).decode()) for name, kind, content in letter.files]
    row = {"subject": letter.subject, "files": json.dumps(files).encode()}
    connection.execute(insert(letters), [row | {"draft_id": draft_id}])


def letter_of(connection: Connection, draft_id: str) -> Letter | None:
    """The letter of a draft; ``None`` once it is sent."""
    row = connection.execute(select(letters).where(letters.c.draft_id == draft_id)).first()
    if row is None:
        return None
    files = [(name, kind, b64decode(content)) for name, kind, content in json.loads(row.files)]
    return Letter(row.subject, tuple(files))


def discard(connection: Connection, draft_id: str) -> None:
    """Keep it no longer: it lies in the folder of sent mails."""
    connection.execute(delete(letters).where(letters.c.draft_id == draft_id))
