"""Damaged copies of what a platform sends: readers must set them aside and never fail."""

import json
from collections.abc import Iterator
from random import Random

from pydantic import JsonValue

__all__ = ["mutants"]

_STRANGE: tuple[JsonValue, ...] = (
    None,
    True,
    0,
    -1,
    1e400,
    10**30,
    "",
    "\ud800",
    "x" * 5000,
    [],
    {},
    [[]],
    [None],
    {"id": {}},
    "2026-13-45",
    "1795000200",
)


def mutants(body: bytes, count: int, *, seed: int = 0) -> Iterator[bytes]:
    """Yield damaged copies of a JSON document: values replaced, keys lost, bytes broken.

    Args:
        body: A document as the platform sends it.
        count: How many.
        seed: The same seed gives the same copies.
    """
    random = Random(seed)  # noqa: S311  a game, no secret
    for _ in range(count):
        if random.random() < 0.1:
            yield _broken(body, random)
            continue
        found: JsonValue = json.loads(body)
        for _ in range(random.randint(1, 3)):
            found = _changed(found, random)
        yield json.dumps(found).encode()


def _broken(body: bytes, random: Random) -> bytes:
    """Bytes flipped, or cut off."""
    place = random.randrange(len(body))
    if random.random() < 0.5:
        return body[:place]
    return body[:place] + bytes([random.randrange(256)]) + body[place + 1 :]


def _changed(found: JsonValue, random: Random) -> JsonValue:
    """Something somewhere inside replaced, lost, doubled or added."""
    if not isinstance(found, (dict, list)) or not found or random.random() < 0.05:
        return random.choice(_STRANGE)
    if isinstance(found, dict):
        return _in_object(found, random)
    place = random.randrange(len(found))
    if random.random() < 0.2:
        return [*found, found[place]]
    return [*found[:place], _changed(found[place], random), *found[place + 1 :]]


def _in_object(found: dict[str, JsonValue], random: Random) -> dict[str, JsonValue]:
    name = random.choice(sorted(found))
    kind = random.random()
    if kind < 0.2:
        return {key: value for key, value in found.items() if key != name}
    if kind < 0.3:
        return {**found, "baru": random.choice(_STRANGE)}
    return {**found, name: _changed(found[name], random)}
