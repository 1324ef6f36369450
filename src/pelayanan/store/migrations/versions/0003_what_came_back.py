"""A case that its receiver returned is void: it waits for nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_VOID = """
UPDATE cases SET status = 'left'
WHERE id IN (SELECT case_id FROM events WHERE type = 'returned')
  AND id NOT IN (SELECT case_id FROM events WHERE type = 'transferred')
  AND id IN (
    SELECT case_id FROM events
    WHERE type = 'received' AND body LIKE '%"handed_by":"%' AND body NOT LIKE '%"handed_by":""%'
  )
  AND status <> 'excluded'
"""


def upgrade() -> None:
    """Let the projection say so."""
    op.execute(sa.text(_VOID))
