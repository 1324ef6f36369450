"""The only room that knows SQL: messages, events, cases, ledger, aid."""

from pelayanan.store.store import Store

__all__ = ["Store"]
