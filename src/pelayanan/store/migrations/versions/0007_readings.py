"""What a count asks of a case first, and the readings of its clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NUMBERS = (
    "first_contact",
    "waits_for_citizen",
    "paused_resolved",
    "paused_now",
    "contacts",
    "reopened",
    "promises_due",
    "promises_kept",
    "handed_over",
    "handed_wrong",
    "handed_slow",
)
_FILL = (
    """
UPDATE cases SET
 last_us = (SELECT MAX(at_us) FROM events WHERE case_id = cases.id),
 again_us = (SELECT MAX(at_us) FROM events WHERE case_id = cases.id AND type = 'reopened'),
 simple = NOT EXISTS (SELECT 1 FROM events WHERE case_id = cases.id AND (
  type NOT IN ('received', 'edited', 'triaged', 'assigned', 'acknowledged', 'answered', 'judged',
   'moved_to_private', 'resolved')
  OR type = 'received' AND body LIKE '%"handed_by":"%' AND body NOT LIKE '%"handed_by":""%'))
""",
    """
UPDATE cases SET first_contact = (resolved_us IS NULL OR 1 = (
 SELECT COUNT(*) FROM events WHERE case_id = cases.id AND type = 'received'
 AND at_us < cases.resolved_us + 1000000)) WHERE simple
""",
)


def upgrade() -> None:
    """Add the columns, fill them from the events, and make the table of readings, still empty."""
    for name in ("simple", "first_contact"):
        made: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), nullable=False, server_default=sa.false()
        )
        op.add_column("cases", made)
    op.add_column("cases", sa.Column("last_us", _BIG, nullable=True))
    op.add_column("cases", sa.Column("again_us", _BIG, nullable=True))
    for statement in _FILL:
        op.execute(sa.text(statement.replace(":", r"\:")))
    texts = ("calendar_rev", "agency", "kind", "triage", "channel", "period", "excluded")
    instants = [
        sa.Column(f"{instant}_{reading}", kind, nullable=True)
        for instant in ("answered", "left", "resolved")
        for reading, kind in (("s", _BIG), ("working_s", _BIG), ("days_before", sa.Integer()))
    ]
    op.create_table(
        "readings",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("as_of_s", _BIG, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*texts, "left_how")),
        sa.Column("opened_s", _BIG, nullable=False),
        sa.Column("opened_working_s", _BIG, nullable=False),
        sa.Column("opened_days_through", sa.Integer(), nullable=False),
        *instants,
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _NUMBERS),
        sa.Column("before_handover_s", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "clock"),
    )
    op.create_index("readings_period", "readings", ["period"], unique=False)
