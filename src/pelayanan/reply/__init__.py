"""Answers on their way: what a draft is and what it still needs; `reply.lint` reads its text."""

from pelayanan.reply.draft import Draft, DraftMedia, DraftPart, DraftState

__all__ = ["Draft", "DraftMedia", "DraftPart", "DraftState"]
