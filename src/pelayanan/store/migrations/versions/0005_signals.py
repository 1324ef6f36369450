"""What was heard without being addressed to an agency."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of signals."""
    op.create_table(
        "signals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("watch", sa.Text(), nullable=False),
        sa.Column("author_key", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_us", _BIG, nullable=False),
        sa.Column("heard_us", _BIG, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("taken_us", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("signals_created", "signals", ["created_us"], unique=False)
    op.create_index("signals_author", "signals", ["author_key"], unique=False)
