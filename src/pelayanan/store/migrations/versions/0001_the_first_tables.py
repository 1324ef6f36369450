"""The first tables."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WHEN = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', {} / 1000000, 'unixepoch')",
    "postgresql": "to_timestamp({} / 1000000)",
}
_VIEWS = {
    "v_messages": (
        "SELECT id, case_id, agency, account, platform, direction, handle, subject, text, url,"
        " private, automatic, {created_us} AS created_at, {captured_us} AS captured_at"
        " FROM messages"
    ),
    "v_cases": (
        "SELECT id, agency, account, platform, kind, status, {opened_us} AS opened_at,"
        " {captured_us} AS captured_at, {acknowledged_us} AS acknowledged_at,"
        " {answered_us} AS answered_at, {resolved_us} AS resolved_at, {left_us} AS left_at,"
        " left_how, excluded, contacts, reopened, assigned_to FROM cases"
    ),
    "v_aid": (
        "SELECT id, agency, status, {occurred_us} AS occurred_at, {recorded_us} AS recorded_at,"
        " body FROM aid"
    ),
}


def upgrade() -> None:
    """Make the tables, and the views that others may read by SQL."""
    _tables()
    when = _WHEN[op.get_bind().dialect.name]
    for name, query in _VIEWS.items():
        columns = {part: when.format(part) for part in re.findall(r"{(\w+)}", query)}
        op.execute(f"CREATE VIEW {name} AS {query.format(**columns)}")


def _tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("registered_us", _BIG, nullable=False),
        sa.Column("closed_us", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "aid",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("occurred_us", _BIG, nullable=False),
        sa.Column("recorded_us", _BIG, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("aid_occurred", "aid", ["occurred_us"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("author_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_us", _BIG, nullable=False),
        sa.Column("captured_us", _BIG, nullable=True),
        sa.Column("acknowledged_us", _BIG, nullable=True),
        sa.Column("answered_us", _BIG, nullable=True),
        sa.Column("resolved_us", _BIG, nullable=True),
        sa.Column("left_us", _BIG, nullable=True),
        sa.Column("left_how", sa.Text(), nullable=False),
        sa.Column("excluded", sa.Text(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=False),
        sa.Column("promises", sa.Text(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cases_author", "cases", ["author_key", "agency"], unique=False)
    op.create_index("cases_open", "cases", ["status", "agency", "opened_us"], unique=False)
    op.create_index("cases_opened", "cases", ["opened_us"], unique=False)
    op.create_table(
        "cursors",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("updated_us", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("account", "stream"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("aid_id", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("substantive", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("lease_by", sa.Text(), nullable=False),
        sa.Column("lease_until_us", _BIG, nullable=False),
        sa.Column("sent_id", sa.Text(), nullable=True),
        sa.Column("sent_url", sa.Text(), nullable=True),
        sa.Column("sent_us", _BIG, nullable=True),
        sa.Column("created_us", _BIG, nullable=False),
        sa.Column("updated_us", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("drafts_case", "drafts", ["case_id"], unique=False)
    op.create_index("drafts_state", "drafts", ["state"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("author_key", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("reply_to_id", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=True),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("created_us", _BIG, nullable=False),
        sa.Column("captured_us", _BIG, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("messages_author", "messages", ["author_key"], unique=False)
    op.create_index("messages_case", "messages", ["case_id"], unique=False)
    waiting = sa.text("direction = 'out' AND case_id IS NULL")
    op.create_index(
        "messages_waiting",
        "messages",
        ["reply_to_id"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "polls",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("hour_us", _BIG, nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "hour_us"),
    )
    op.create_table(
        "unreadable",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seen_us", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("account", "id"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("aid_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("given_us", _BIG, nullable=False),
        sa.Column("withdrawn_us", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["aid_id"], ["aid.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "events",
        sa.Column("seq", _BIG, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at_us", _BIG, nullable=False),
        sa.Column("recorded_us", _BIG, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("case_id", "key"),
        sa.UniqueConstraint("case_id", "n"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "aid_media",
        sa.Column("aid_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("original_sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=True),
        sa.Column("added_us", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["aid_id"], ["aid.id"]),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"]),
        sa.PrimaryKeyConstraint("aid_id", "sha256"),
    )
