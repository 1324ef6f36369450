"""What an agency says to its own advantage and nobody outside it has confirmed yet.

Source:
    score.md, 1 (claims).
"""

from collections.abc import Iterable, Iterator
from typing import Literal, Self

from pydantic import AwareDatetime

from pelayanan.cases._claims import WITHOUT_CLAIM, is_easier
from pelayanan.cases.events import (
    Actor,
    AnyEvent,
    Claimed,
    Confirmed,
    Excluded,
    Transferred,
    Triaged,
)
from pelayanan.models import Record
from pelayanan.text.personal import mask

__all__ = ["Claim", "pending"]


class Claim(Record):
    """One claim that waits: until it is confirmed the case stands as it was.

    Attributes:
        key: What a `Confirmed` event names in `claim`.
        detail: The reason, the kind or the receiver that is claimed.
        by: Who claims.
    """

    case_id: str
    key: str
    what: Literal["exclusion", "kind", "hand_over", "mass_answer"]
    detail: str
    at: AwareDatetime
    by: str

    def masked(self) -> Self:
        """The form that may be shown: a reason is in an officer's own words."""
        return self.model_copy(update={"detail": mask(self.detail)})


def pending(case_id: str, events: Iterable[AnyEvent]) -> tuple[Claim, ...]:
    """The claims of one case that nobody has confirmed or refused, the earliest first.

    Args:
        case_id: Id of the case.
        events: All of the case, each with its instant and key.
    """
    known = list({event.key: event for event in events}.values())
    answers = [event for event in known if isinstance(event, Confirmed)]
    settled = {event.claim for event in answers if event.side != "agency"}
    named = {event.detail for event in known if isinstance(event, Claimed)}
    found = [claim for claim in _claims(case_id, known) if claim.key not in settled]
    open_ = [claim for claim in found if claim.key not in named]  # a `Claimed` speaks for it
    return tuple(sorted(open_, key=lambda claim: (claim.at, claim.key)))


def _claims(case_id: str, events: list[AnyEvent]) -> Iterator[Claim]:
    for event in events:
        match event:
            case Claimed(what=what, detail=detail):
                pass
            case Excluded(reason=detail) if not _free(event):
                what = "exclusion"
            case Transferred(accepted=False, to=detail):
                what = "hand_over"
            case Triaged(kind=kind) if is_easier(event, events):
                what, detail = "kind", kind.value
            case _:
                continue
        assert event.at is not None, "complete(now) it first"
        yield Claim(
            case_id=case_id, key=event.key, what=what, detail=detail, at=event.at, by=event.by
        )


def _free(event: Excluded) -> bool:
    return event.actor is Actor.SYSTEM and event.reason in WITHOUT_CLAIM
