"""What a person outside the agency reads and marks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of the audit."""
    op.create_table(
        "audit_draws",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("drawn_us", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("period"),
    )
    op.create_table(
        "audit_items",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("drawn_us", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_items_period", "audit_items", ["period", "agency", "rank"], unique=False)
    op.create_table(
        "audit_marks",
        sa.Column("seq", _BIG, autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("recorded_us", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["audit_items.id"]),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("item_id", "rater", "version"),
        sqlite_autoincrement=True,
    )
