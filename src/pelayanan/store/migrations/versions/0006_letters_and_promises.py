"""Mails that answer nobody, and what a reply promises."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the ledger keeps of them."""
    for name in ("recipient", "promise"):
        op.add_column("drafts", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "letters",
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"]),
        sa.PrimaryKeyConstraint("draft_id"),
    )
