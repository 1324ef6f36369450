"""Run by Alembic; the connection comes from `pelayanan.store.migrations.upgrade`."""

from alembic import context

from pelayanan.store.migrations import VERSION_TABLE
from pelayanan.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
