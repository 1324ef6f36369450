"""The box's server in memory or in a folder, with faults: for tests of whoever uses the plug-in."""

import json
import re
from typing import Any

from pelayanan.protocol.request import Request, Response
from pelayanan.testing.fake import Fake, json_answer

__all__ = ["FakeKotakSaran"]


class FakeKotakSaran(Fake):
    """One box; its agency logs in with `token`."""

    host = "kotak.example"
    token = "kunci-kotak"

    def write(self, sender: str, text: str) -> str:
        """A citizen puts a suggestion into the box; returns its id."""
        return self._put("suggestions", {"sender": sender, "text": text})

    def answer(self, to: str, text: str, *, key: str = "") -> str:
        """The agency answers, in the box's own app where there is no key."""
        return self._put("answers", {"to": int(to), "text": text, "key": key})

    @property
    def answers(self) -> list[str]:
        """All that the agency said."""
        with self.world() as state:
            return [one["text"] for one in state.get("answers", [])]

    def respond(self, request: Request) -> Response:
        """What the server says."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return json_answer({"error": "unknown token"}, 401)
        with self.world() as state:
            path = request.url.partition("/v1/boxes/")[2]
            if found := re.search(r"/(suggestions|answers)\?after=(\d+)$", path):
                listed = state.get(found[1], [])
                return json_answer(self._page([one for one in listed if one["id"] > int(found[2])]))
            found = re.search(r"/suggestions/(\d+)/answers$", path)
            if found is None or all(one["id"] != int(found[1]) for one in state["suggestions"]):
                return json_answer({"error": "no such place"}, 404)
            own = [one for one in state.get("answers", []) if one["to"] == int(found[1])]
            if request.method == "GET":
                return json_answer(own)
            return self._reply(found[1], own, request)

    def _page(self, rest: list[dict[str, Any]]) -> list[dict[str, Any]]:
        page = rest[:3]  # short, so that tests turn pages
        return [page[0], *page] if page and self.strikes("duplicate") else page

    def _reply(self, to: str, own: list[dict[str, Any]], request: Request) -> Response:
        key, body = request.headers["Idempotency-Key"], json.loads(json.dumps(request.json))
        if not any(one["key"] == key for one in own):
            self.answer(to, body["text"], key=key)
        with self.world() as state:
            return json_answer(next(one for one in state["answers"] if one["key"] == key))

    def _put(self, where: str, what: dict[str, Any]) -> str:
        with self.world() as state:
            number = self.number()
            state.setdefault(where, []).append(
                {"id": number, "at": self.clock().isoformat(), **what}
            )
            return str(number)
