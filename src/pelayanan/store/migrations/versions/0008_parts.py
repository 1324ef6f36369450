"""Replies in parts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give drafts their parts; those there are have none."""
    op.add_column(
        "drafts", sa.Column("parts", sa.Text(), nullable=False, server_default=sa.text("'[]'"))
    )
