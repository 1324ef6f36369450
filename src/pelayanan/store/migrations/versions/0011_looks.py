"""Answers that an earlier look did not show."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Give messages the instant of that look; of those there are nobody knows it."""
    op.add_column("messages", sa.Column("unseen_us", _BIG, nullable=True))
