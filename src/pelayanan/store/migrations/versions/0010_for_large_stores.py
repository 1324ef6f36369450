"""Indexes for questions that read a whole table once it is large."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OUT = sa.text("direction = 'out'")
_PROMISED = sa.text("promises <> '[]'")


def upgrade() -> None:
    """Cases of one status or with a promise, what was sent in a month, a draft by its sent id."""
    op.create_index("cases_status", "cases", ["status", "opened_us"])
    op.create_index(
        "cases_promised",
        "cases",
        ["opened_us"],
        sqlite_where=_PROMISED,
        postgresql_where=_PROMISED,
    )
    op.create_index(
        "messages_sent", "messages", ["created_us"], sqlite_where=_OUT, postgresql_where=_OUT
    )
    op.create_index("drafts_sent", "drafts", ["sent_id"])
