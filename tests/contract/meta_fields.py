"""Meta's own lists of fields, edges and parameters (`contracts/*/api_specs`).

The contracts lie in the folder that PELAYANAN_CONTRACTS names, else beside the repository.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport

__all__ = ["Checked", "Specs", "split_fields"]

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE))
# of the Graph API itself, for every node and edge
_GENERAL = {"fields", "limit", "after", "before", "access_token", "appsecret_proof"}


def split_fields(text: str) -> dict[str, str]:
    """Names asked for, with what is asked below each: ``a,b.limit(2){c}`` is a and b with c."""
    found: dict[str, str] = {}
    depth, start, part = 0, 0, ""
    for place, sign in enumerate(f"{text},"):
        depth += (sign in "{(") - (sign in "})")
        if sign == "," and depth == 0:
            part = f"{text},"[start:place]
            name = re.split(r"[.{(]", part, maxsplit=1)[0]
            below = part.partition("{")[2].rpartition("}")[0] if "{" in part else ""
            found[name] = below
            start = place + 1
    return found


@dataclass
class Specs:
    """The lists of one folder."""

    folder: str
    _known: dict[str, Any] = field(default_factory=dict[str, Any])

    def node(self, name: str) -> dict[str, Any] | None:
        place = _PLACE / self.folder / "api_specs"
        if not place.is_dir():
            pytest.skip(f"the contract {self.folder} is not here: set PELAYANAN_CONTRACTS")
        if name not in self._known:
            file = place / f"{name}.json"
            self._known[name] = json.loads(file.read_text()) if file.exists() else None
        found: dict[str, Any] | None = self._known[name]
        return found

    def fields(self, name: str) -> set[str]:
        node = self.node(name) or {"fields": []}
        return {each["name"] for each in node["fields"]}

    def edge(self, name: str, method: str, edge: str) -> dict[str, Any] | None:
        node = self.node(name) or {"apis": []}
        for each in node["apis"]:
            named = each.get("endpoint") or each.get("name")
            if each["method"] == method and str(named).strip("/").replace("_", "") == edge.replace(
                "_", ""
            ):
                found: dict[str, Any] = each
                return found
        return None

    def faults(self, name: str, asked: str) -> Iterator[str]:
        """What is asked of a node that has no such field or edge; unknown nodes are left out."""
        if self.node(name) is None:
            return
        for part, below in split_fields(asked).items():
            edge = self.edge(name, "GET", part)
            if part not in self.fields(name) and edge is None:
                yield f"{name} has no {part}"
            elif below and edge is not None:
                yield from self.faults(str(edge["return"]), below)


@dataclass
class Checked(Transport):
    """Holds every call against the lists.

    Args:
        node_of: The kind of node that an id is; ``""`` where the lists say nothing of it.
    """

    inner: Transport
    specs: Specs
    node_of: Callable[[str], str]
    seen: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])

    def http(self, request: Request) -> Response:
        response = self.inner.http(request)
        if faults := list(self.faults(request)):
            raise AssertionError(faults)
        return response

    def faults(self, request: Request) -> Iterator[str]:
        path = re.sub(r"^https://[^/]+/(v\d+\.\d+/)?", "", request.url)
        place, _, edge = path.partition("/")
        name = self.node_of(place)
        self.seen.add((request.method, name, edge))
        if not name:
            return
        params: dict[str, Any] = {**request.params, **(request.form or {})}
        params |= request.json if isinstance(request.json, dict) else {}
        named = {re.sub(r"\[\d+\]$", "", each) for each in params} - _GENERAL
        # of files the lists say nothing: `source` is named by the manual alone
        fields = str(params.get("fields", ""))
        if not edge:
            yield from self.specs.faults(name, fields)
            return
        known = self.specs.edge(name, request.method, edge)
        if known is None:
            yield f"{name} has no {request.method} {edge}"
            return
        allowed = {each["name"] for each in known["params"]}
        yield from (f"{name}/{edge} takes no {each}" for each in sorted(named - allowed))
        needed = {each["name"] for each in known["params"] if each.get("required")}
        yield from (f"{name}/{edge} needs {each}" for each in sorted(needed - named))
        if fields:
            yield from self.specs.faults(str(known["return"]), fields)
