"""Things that a specification allows, made from it, and the same things gone wrong.

Schemas are JSON Schema as discovery documents and OpenAPI write it; `refs` finds what they name.
"""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Literal, TypeAlias

import jsonschema

Schema: TypeAlias = dict[str, Any]
Mode: TypeAlias = Literal["full", "bare", "null", "extra", "some"]
MODES: tuple[Mode, ...] = ("full", "bare", "null", "extra", "some")
_STRANGE: tuple[Any, ...] = (None, "", "rusak", -1, 10**30, 1.5, True, [], {}, [None], {"id": {}})


class Specification:
    """Makes and checks instances of named schemas.

    Args:
        schemas: By name.
        seed: Of what is made.
        depth: Down to which schemas within schemas have optional fields.
    """

    def __init__(self, schemas: dict[str, Schema], *, seed: int = 7, depth: int = 4) -> None:
        self._schemas = schemas
        self._depth = depth
        self._random = Random(seed)

    def make(self, name: str, mode: Mode, **fixed: Any) -> Any:
        """An instance of a named schema.

        Args:
            name: Of the schema.
            mode: Optional fields are all there, all missing, all null, all there beside unknown
                ones, or some there.
            fixed: What stands in its fields instead.
        """
        return self._made({"$ref": name}, mode, 0) | fixed

    def faults(self, name: str, value: Any) -> Iterator[str]:
        """Where a value is not as a named schema wants it."""
        whole = {"$ref": f"#/$defs/{name}", "$defs": self._plain()}
        for error in jsonschema.Draft202012Validator(whole).iter_errors(value):
            yield f"{name}{error.json_path[1:]}: {error.message[:200]}"

    def mutants(self, value: Any, count: int) -> Iterator[Any]:
        """Copies with one to three places gone wrong."""
        for _ in range(count):
            mutant = copy.deepcopy(value)
            for _ in range(self._random.randint(1, 3)):
                mutant = self._mutated(mutant)
            yield mutant

    def _plain(self) -> dict[str, Schema]:
        text = json.dumps(self._schemas)
        found: dict[str, Schema] = json.loads(text, object_hook=_pointed)
        return found

    def _made(self, schema: Schema, mode: Mode, depth: int) -> Any:
        if "$ref" in schema:
            return self._made(self._schemas[schema["$ref"].rpartition("/")[2]], mode, depth + 1)
        if "anyOf" in schema:
            return self._made(self._random.choice(schema["anyOf"]), mode, depth)
        if "const" in schema or "enum" in schema:
            return self._random.choice(schema.get("enum") or [schema.get("const")])
        kinds: dict[str, Callable[[Schema, Mode, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": lambda s, *_: self._random.randint(s.get("minimum", 0), 2**31),
            "number": lambda *_: round(self._random.uniform(-90, 90), 6),
            "boolean": lambda *_: self._random.random() < 0.5,
        }
        return kinds[schema.get("type", "object")](schema, mode, depth)

    def _object(self, schema: Schema, mode: Mode, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, part in schema.get("properties", {}).items():
            if name in schema.get("required", ()):
                made[name] = self._made(part, mode, depth)
            elif mode == "null":
                made[name] = None
            elif (
                depth < self._depth
                and mode != "bare"
                and (mode != "some" or self._random.random() < 0.4)
            ):
                made[name] = self._made(part, mode, depth)
        return made | ({"belum_dikenal": {"x": [1]}} if mode == "extra" else {})

    def _array(self, schema: Schema, mode: Mode, depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        size = max(least, 0 if depth > self._depth else self._random.randint(0, 3))
        return [self._made(schema["items"], mode, depth + 1) for _ in range(size)]

    def _string(self, schema: Schema, *_: Any) -> str:
        if schema.get("format") in {"date-time", "google-datetime"}:
            return f"2026-11-{self._random.randint(1, 28):02}T0{self._random.randint(0, 9)}:00:00Z"
        if schema.get("format") in {"int64", "uint64"}:
            return str(self._random.randint(0, 2**33))
        words = ["", "Jalan rusak", "🙏 mohon dibantu", "<b>", "a" * 300, "@dinsos_contoh"]
        return self._random.choice(words)

    def _mutated(self, value: Any) -> Any:
        places = [*_places(value)]
        if not places:
            return self._random.choice(_STRANGE)
        holder, key = self._random.choice(places)
        if isinstance(holder, dict) and self._random.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(self._random.choice(_STRANGE))
        return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = (
        range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    )
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


def _pointed(found: dict[str, Any]) -> dict[str, Any]:
    """Names of schemas as pointers; formats that only say how wide a number is are left out."""
    if isinstance(found.get("$ref"), str) and not found["$ref"].startswith("#/$defs/"):
        found["$ref"] = f"#/$defs/{found['$ref'].rpartition('/')[2]}"
    return found
