"""Holds calls and answers against a discovery document of Google's."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from instances import Schema, Specification
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport

__all__ = ["Discovery", "Watched"]


class Discovery:
    """One document: its methods, and its schemas as JSON Schema."""

    def __init__(self, path: Path) -> None:
        self._document: dict[str, Any] = json.loads(path.read_text())
        self.specification = Specification(
            {name: _plain(known) for name, known in self._document["schemas"].items()}, depth=6
        )

    def method(self, request: Request) -> dict[str, Any] | None:
        """The method that a request calls."""
        path = urlsplit(request.url).path.removeprefix("/")
        for resource in self._document["resources"].values():
            for known in resource["methods"].values():
                places = [known["path"], known.get("mediaUpload", {}).get("protocols", {})]
                upload = places[1].get("simple", {}).get("path", "") if places[1] else ""
                shapes = {_shape(known["path"]), _shape(upload.removeprefix("/"))} - {""}
                if known["httpMethod"] == request.method and any(
                    re.fullmatch(shape, path) for shape in shapes
                ):
                    found: dict[str, Any] = known
                    return found
        return None

    def common(self) -> set[str]:
        """Parameters that every method takes."""
        return {*self._document["parameters"], "uploadType"}


class Watched(Transport):
    """Notes where a call or its answer is not as the document says.

    Attributes:
        methods: Those that were called.
        unknown: Calls that are in no method: what a resumable upload and the token endpoint get.
    """

    def __init__(self, inner: Transport, discovery: Discovery) -> None:
        self._inner = inner
        self._discovery = discovery
        self.methods: set[str] = set()
        self.unknown: set[str] = set()
        self.wrong: list[str] = []

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        method = self._discovery.method(request)
        if method is None:
            self.unknown.add(request.operation)
            return response
        self.methods.add(method["id"])
        self.wrong += [f"{method['id']}: {each}" for each in self._asked(method, request)]
        if response.status < 300 and "response" in method and "location" not in response.headers:
            answer = json.loads(response.body)
            self.wrong += self._discovery.specification.faults(method["response"]["$ref"], answer)
        return response

    def _asked(self, method: dict[str, Any], request: Request) -> list[str]:
        known = {
            name: each for name, each in method["parameters"].items() if each["location"] == "query"
        }
        found = [
            f"unknown {name}" for name in {*request.params} - {*known} - self._discovery.common()
        ]
        for name, each in known.items():
            value = request.params.get(name)
            if value is None:
                found += [f"{name} is missing"] if each.get("required") else []
            elif "enum" in each and value not in each["enum"]:
                found.append(f"{name} is none of the values")
            elif "maximum" in each and int(str(value)) > int(each["maximum"]):
                found.append(f"{name} is too much")
        if "request" in method:
            found += self._discovery.specification.faults(method["request"]["$ref"], request.json)
        return found


def _shape(path: str) -> str:
    parts = re.split(r"(\{\+?\w+\})", path)  # with a plus, a name may have slashes (RFC 6570)
    return "".join(
        (".+" if part[1] == "+" else "[^/]+") if part.startswith("{") else re.escape(part)
        for part in parts
    )


def _plain(schema: Any) -> Any:
    """A schema of a discovery document as JSON Schema."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found: Schema = {
        name: _plain(value)
        for name, value in schema.items()
        if name not in {"id", "required", "default"} or not isinstance(value, (str, bool))
    }
    if isinstance(found.get("type"), str) and found["type"] == "any":
        del found["type"]
    for name in ("minimum", "maximum"):
        if isinstance(found.get(name), str):
            found[name] = float(found[name])
    return found
