"""Long replies as threads: which part comes next, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from pelayanan.models import Mention, Sent
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.reply.draft import Draft, DraftPart
from pelayanan.text.length import count, split

__all__ = ["Place", "in_parts", "limits_for", "next_place", "with_sent"]

_LONGEST = 20_000  # characters; no platform's thread holds more, and to split it takes long


@dataclass(frozen=True, slots=True)
class Place:
    """The next call for a reply: what it answers, its words and its key.

    Attributes:
        key: The draft's id; of the second part and those after it with their number, ``id#2``.
        number: Of the part, from 1 on.
        last: Whether the reply is whole once this stands.
    """

    mention: Mention
    text: str
    key: str
    number: int
    last: bool


def limits_for(mention: Mention, capabilities: Capabilities) -> tuple[TextLimit, ...]:
    """The limits of a reply's own words, where the platform counts the author's name as well."""
    if mention.private and capabilities.chat_text:
        return capabilities.chat_text
    if not capabilities.reply_names:
        return capabilities.text
    name = f"@{mention.author.handle} "
    return tuple(
        TextLimit(each.counter, max(0, each.limit - count(each.counter, name)))
        for each in capabilities.text
    )


def in_parts(
    text: str, limits: Sequence[TextLimit], capabilities: Capabilities
) -> tuple[DraftPart, ...]:
    """The parts in which a reply goes out; empty where it fits into one, or into too many."""
    if capabilities.reply_parts < 2 or not limits or len(text) > _LONGEST:
        return ()
    first, *also = [(each.counter, each.limit) for each in limits]
    try:
        found = split(text, *first, also=also, numbered=True)
    except ValueError:  # a link that is too long
        return ()
    fits = 1 < len(found) <= capabilities.reply_parts
    return tuple(DraftPart(text=part) for part in found) if fits else ()


def next_place(draft: Draft, mention: Mention) -> Place:
    """What goes out next: the reply itself, or the first part that is not known to stand.

    Args:
        draft: With at least one part that does not stand, if it has parts.
        mention: What the reply answers. A part answers the one before it, which is ours.
    """
    if not draft.parts:
        return Place(mention, draft.text, draft.id, 1, last=True)
    sent = [part.sent for part in draft.parts if part.sent is not None]
    number = len(sent) + 1
    if sent:
        mention = _below(mention, sent[-1])
    key = draft.id if number == 1 else f"{draft.id}#{number}"
    text = draft.parts[number - 1].text
    return Place(mention, text, key, number, last=number == len(draft.parts))


def with_sent(draft: Draft, number: int, sent: Sent) -> Draft:
    """The draft once its part of this number stands."""
    parts = list(draft.parts)
    parts[number - 1] = parts[number - 1].model_copy(update={"sent": sent})
    return draft.model_copy(update={"parts": tuple(parts)})


def _below(mention: Mention, sent: Sent) -> Mention:
    """Our own part as what the next one answers, still to the same citizen."""
    return mention.model_copy(
        update={"id": sent.id, "created_at": sent.at, "ref": mention.ref | sent.ref}
    )
