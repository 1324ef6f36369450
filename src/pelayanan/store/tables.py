"""The tables.

Instants are whole microseconds since 1970 in UTC (``_us``), so that every database sorts and
compares them alike; what a person may read by SQL are the views of the migrations.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "accounts",
    "aid",
    "aid_media",
    "audit_draws",
    "audit_items",
    "audit_marks",
    "cases",
    "consents",
    "cursors",
    "drafts",
    "events",
    "hooks",
    "letters",
    "messages",
    "meta",
    "metadata",
    "polls",
    "publications",
    "readings",
    "signals",
    "unreadable",
]

metadata = MetaData()
_BIG = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only an INTEGER key

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text))

accounts = Table(
    "accounts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("registered_us", _BIG, nullable=False),
    Column("closed_us", _BIG),
)

cursors = Table(
    "cursors",
    metadata,
    Column("account", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("updated_us", _BIG, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    # a keyed hash of platform, account and native id: tells nobody who wrote it, finds it again
    # even after `forget` has emptied the row, so that what was forgotten is not fetched anew
    Column("id", Text, primary_key=True),
    Column("direction", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("case_id", Text),
    Column("author_key", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("reply_to_id", Text, nullable=False),
    Column("native_id", Text),
    Column("author_id", Text),
    Column("handle", Text),
    Column("author_name", Text),
    Column("subject", Text),
    Column("text", Text),
    Column("url", Text),
    Column("attachments", Text),
    Column("ref", Text),
    Column("private", Boolean, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("created_us", _BIG, nullable=False),
    Column("captured_us", _BIG, nullable=False),
    Column("salt", LargeBinary),
    Column("digest", Text, nullable=False),
    Column("unseen_us", _BIG),  # a whole look at the account that began then did not show it
    Index("messages_case", "case_id"),
    Index("messages_author", "author_key"),
    Index(  # answers that were seen before what they answer
        "messages_waiting",
        "reply_to_id",
        sqlite_where=text("direction = 'out' AND case_id IS NULL"),
        postgresql_where=text("direction = 'out' AND case_id IS NULL"),
    ),
    Index(
        "messages_sent",
        "created_us",
        sqlite_where=text("direction = 'out'"),
        postgresql_where=text("direction = 'out'"),
    ),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("author_key", Text, nullable=False),
    Column("message_id", Text, nullable=False),  # the one that opened it
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_us", _BIG, nullable=False),
    Column("captured_us", _BIG),
    Column("acknowledged_us", _BIG),
    Column("answered_us", _BIG),
    Column("resolved_us", _BIG),
    Column("left_us", _BIG),
    Column("left_how", Text, nullable=False),
    Column("excluded", Text, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("assigned_to", Text, nullable=False),
    Column("promises", Text, nullable=False),
    Column("simple", Boolean, nullable=False),  # this row says all that a count needs
    Column("first_contact", Boolean, nullable=False),  # no message until resolved; if simple
    Column("last_us", _BIG),  # the latest event
    Column("again_us", _BIG),  # the latest reopening
    Column("events", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Index("cases_open", "status", "agency", "opened_us"),
    Index("cases_status", "status", "opened_us"),
    Index("cases_author", "author_key", "agency"),
    Index("cases_opened", "opened_us"),
    Index(
        "cases_promised",
        "opened_us",
        sqlite_where=text("promises <> '[]'"),
        postgresql_where=text("promises <> '[]'"),
    ),
)

events = Table(
    "events",
    metadata,
    Column("seq", _BIG, primary_key=True, autoincrement=True),
    Column("case_id", Text, ForeignKey("cases.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at_us", _BIG, nullable=False),
    Column("recorded_us", _BIG, nullable=False),
    Column("body", Text, nullable=False),
    Column("salt", LargeBinary),
    Column("digest", Text, nullable=False),
    Column("chain", Text, nullable=False),
    UniqueConstraint("case_id", "n"),
    UniqueConstraint("case_id", "key"),
    sqlite_autoincrement=True,
)

readings = Table(  # what the statement of `store.statement` counts: a cache, filled when asked
    "readings",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("clock", Integer, primary_key=True),  # 0 the first, then one for each reopening
    Column("events", Integer, nullable=False),  # of the case when it was read; -1 for `as_of_s`
    Column("calendar_rev", Text, nullable=False),
    Column("as_of_s", _BIG, nullable=False),  # 0: true at any instant after its events
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("triage", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("excluded", Text, nullable=False),
    Column("left_how", Text, nullable=False),
    Column("opened_s", _BIG, nullable=False),
    Column("opened_working_s", _BIG, nullable=False),
    Column("opened_days_through", Integer, nullable=False),
    *(
        Column(f"{instant}_{reading}", kind)
        for instant in ("answered", "left", "resolved")
        for reading, kind in (("s", _BIG), ("working_s", _BIG), ("days_before", Integer))
    ),
    Column("first_contact", Integer, nullable=False),
    Column("waits_for_citizen", Integer, nullable=False),
    Column("paused_resolved", Integer, nullable=False),
    Column("paused_now", Integer, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("promises_due", Integer, nullable=False),
    Column("promises_kept", Integer, nullable=False),
    Column("handed_over", Integer, nullable=False),
    Column("handed_wrong", Integer, nullable=False),
    Column("handed_slow", Integer, nullable=False),
    Column("before_handover_s", _BIG, nullable=False),
    Index("readings_period", "period"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("verb", Text, nullable=False),  # reply | publish | mail
    Column("account", Text, nullable=False),
    Column("case_id", Text),
    Column("message_id", Text),
    Column("aid_id", Text),
    Column("text", Text, nullable=False),
    Column("parts", Text, nullable=False, server_default="[]"),
    Column("media", Text, nullable=False),
    Column("substantive", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("needs", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("lease_by", Text, nullable=False),
    Column("lease_until_us", _BIG, nullable=False),
    Column("sent_id", Text),
    Column("sent_url", Text),
    Column("sent_us", _BIG),
    Column("created_us", _BIG, nullable=False),
    Column("updated_us", _BIG, nullable=False),
    Column("recipient", Text, nullable=False, server_default=""),
    Column("promise", Text, nullable=False, server_default=""),
    Index("drafts_state", "state"),
    Index("drafts_case", "case_id"),
    Index("drafts_sent", "sent_id"),
)

letters = Table(  # what a mail that answers nobody is made of, until it is sent
    "letters",
    metadata,
    Column("draft_id", Text, ForeignKey("drafts.id"), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),
)

polls = Table(
    "polls",
    metadata,
    Column("account", Text, primary_key=True),
    Column("hour_us", _BIG, primary_key=True),
    Column("done", Boolean, nullable=False),
    Column("error", Text, nullable=False),
)

hooks = Table(  # what platforms pushed, as it came
    "hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_us", _BIG, nullable=False),
    Column("done_us", _BIG),
    Column("error", Text, nullable=False),
    Index("hooks_waiting", "done_us", "received_us"),
)

unreadable = Table(
    "unreadable",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("native_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("seen_us", _BIG, nullable=False),
)

signals = Table(  # what was heard, and addressed to no agency
    "signals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("watch", Text, nullable=False),  # the account that heard it, or the feed's host
    Column("author_key", Text, nullable=False),
    Column("author_id", Text),
    Column("handle", Text),
    Column("body", Text),  # the message as JSON; empty once it was forgotten
    Column("created_us", _BIG, nullable=False),
    Column("heard_us", _BIG, nullable=False),
    Column("case_id", Text),
    Column("taken_by", Text, nullable=False),
    Column("taken_us", _BIG),
    Index("signals_created", "created_us"),
    Index("signals_author", "author_key"),
)

aid = Table(
    "aid",
    metadata,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("occurred_us", _BIG, nullable=False),
    Column("recorded_us", _BIG, nullable=False),
    Column("status", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("aid_occurred", "occurred_us"),
)

aid_media = Table(
    "aid_media",
    metadata,
    Column("aid_id", Text, ForeignKey("aid.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("original_sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("alt", Text, nullable=False),
    Column("consent_id", Text, ForeignKey("consents.id")),
    Column("added_us", _BIG, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("aid_id", Text, ForeignKey("aid.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("given_us", _BIG, nullable=False),
    Column("withdrawn_us", _BIG),
)

audit_draws = Table(
    "audit_draws",
    metadata,
    Column("period", Text, primary_key=True),
    Column("seed", Text, nullable=False),
    Column("drawn_us", _BIG, nullable=False),
)

audit_items = Table(  # no text: what `forget` empties leaves the counts standing
    "audit_items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("period", Text, nullable=False),
    Column("rank", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("drawn_us", _BIG, nullable=False),
    Index("audit_items_period", "period", "agency", "rank"),
)

audit_marks = Table(
    "audit_marks",
    metadata,
    Column("seq", _BIG, primary_key=True, autoincrement=True),
    Column("item_id", Text, ForeignKey("audit_items.id"), nullable=False),
    Column("rater", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("marks", Text, nullable=False),
    Column("recorded_us", _BIG, nullable=False),
    UniqueConstraint("item_id", "rater", "version"),
    sqlite_autoincrement=True,
)

publications = Table(  # figures of a month that went out; no text, no person
    "publications",
    metadata,
    Column("period", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("made_us", _BIG, nullable=False),
)
