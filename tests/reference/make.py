"""Write the conformance vectors, the same files every time.

Run ``python -m reference.make`` in the folder tests.
"""

import json
from pathlib import Path
from typing import Any

from reference import (
    scenes_answers,
    scenes_cases,
    scenes_claims,
    scenes_clock,
    scenes_prints,
    scenes_scores,
)
from reference.expecting import with_expected

HOME = Path(__file__).resolve().parents[2] / "src" / "pelayanan" / "score" / "vectors"

SCENES = (
    scenes_clock,
    scenes_answers,
    scenes_cases,
    scenes_claims,
    scenes_scores,
    scenes_prints,
)


def vectors() -> dict[str, str]:
    """Every vector as its file name and text."""
    found: dict[str, str] = {}
    for module in SCENES:
        for scene in module.scenes():
            name = f"{scene['name']}.json"
            if name in found:
                raise ValueError(f"two vectors are called {name}")
            found[name] = text_of(with_expected(scene))
    return found


def text_of(vector: dict[str, Any]) -> str:
    """JSON with one event, row, line or score a line; floats as the shortest that reads back."""
    return _written(vector, 0) + "\n"


def _written(piece: Any, depth: int) -> str:
    plain = json.dumps(piece, ensure_ascii=False)
    if len(plain) + depth <= 100 or not isinstance(piece, dict | list) or not piece:
        return plain
    pad = " " * (depth + 1)
    if isinstance(piece, list):
        inner = [pad + _written(value, depth + 1) for value in piece]
    else:
        inner = [f"{pad}{json.dumps(k)}: {_written(v, depth + 1)}" for k, v in piece.items()]
    begin, end = "[]" if isinstance(piece, list) else "{}"
    return begin + "\n" + ",\n".join(inner) + "\n" + " " * depth + end


def main() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    made = vectors()
    for old in HOME.glob("*.json"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (HOME / name).write_text(text, encoding="utf-8")
    print(f"{len(made)} vectors in {HOME.name}")


if __name__ == "__main__":
    main()
