"""TikTok's organic comments in memory or in a folder, with citizens, officers and faults."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pelayanan.protocol.request import Request, Response
from pelayanan.testing.fake import Fake, Fault, json_answer

__all__ = ["FakeTikTok"]

_TEXT = 150
_OK: dict[str, Any] = {"code": 0, "message": "OK"}


@dataclass(frozen=True, slots=True)
class _Person:
    server: "FakeTikTok"
    name: str

    def comment(self, video: str, text: str, *, below: str = "") -> str:
        """Write below a video, or below a comment on it; returns the id."""
        return self.server.write(video, self.name, text, below=below)


class FakeTikTok(Fake):
    """TikTok for one Business account.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        token: The access token that holds at first.
        refresh_token: With which the next pair is fetched, once.
        page: Most items of a listing.
    """

    host = "business-api.tiktok.com"
    business_id = "open-dinsos"
    client_id, client_secret = "klien", "rahasia-klien"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        token: str = "",
        refresh_token: str = "",
        page: int = 30,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self._first = {"access_token": token, "refresh_token": refresh_token}
        self._most = page

    def citizen(self, name: str) -> _Person:
        """Somebody with an account."""
        return _Person(self, name)

    def officer(self) -> _Person:
        """The agency's own account, in the app."""
        return _Person(self, "")

    def video(self) -> str:
        """The agency publishes a video; returns its id."""
        with self.world() as state:
            state.setdefault("videos", []).append(f"738{self.number():016}")
            return str(state["videos"][-1])

    def write(self, video: str, author: str, text: str, *, below: str = "") -> str:
        """Put a comment; without an author it is the agency's own."""
        with self.world() as state:
            identity = f"739{self.number():016}"
            state.setdefault("comments", {})[identity] = {
                "comment_id": identity,
                "video_id": video,
                "username": author or "dinsos_contoh",
                "unique_identifier": f"uid-{author or 'dinsos'}",
                "text": text,
                "create_time": int(self.clock().timestamp()),
                "likes": 0,
                "owner": not author,
                "status": "PUBLIC",
                **({"parent_comment_id": below} if below else {}),
            }
            return identity

    def delete(self, comment: str) -> None:
        """Take a comment away, with all below it."""
        with self.world() as state:
            known = state["comments"]
            gone = [key for key, one in known.items() if one.get("parent_comment_id") == comment]
            for key in [comment, *gone]:
                del known[key]

    @property
    def answers(self) -> list[str]:
        """All that the agency wrote."""
        with self.world() as state:
            return [one["text"] for one in state.get("comments", {}).values() if one["owner"]]

    def refused_as(self, fault: Fault) -> Response:
        """TikTok words a refusal as a success with a code."""
        code = 50000 if fault == "broken" else 40100
        return json_answer({"code": code, "message": "refused", "request_id": "1"})

    def respond(self, request: Request) -> Response:
        """What the server says."""
        path = re.sub(r".*/open_api/v1\.3", "", request.url)
        if path == "/tt_user/oauth2/refresh_token/":
            return self._renew(json.loads(json.dumps(request.json)))
        with self.world() as state:
            held = state.get("pair", self._first)["access_token"]
        if request.headers.get("Access-Token") != held or self.strikes("expired_token"):
            return _refuse(40105)
        given: Any = request.json or request.params
        if given.get("business_id") != self.business_id:
            return _refuse(40001)
        routes: dict[str, Callable[[Any], Response]] = {
            "/business/video/list/": self._videos,
            "/business/comment/list/": self._listed,
            "/business/comment/reply/list/": self._listed,
            "/business/comment/reply/create/": self._reply,
        }
        return routes[path](given) if path in routes else _refuse(40002)

    def _renew(self, given: dict[str, str]) -> Response:
        with self.world() as state:
            held = state.get("pair", self._first)
            app = given.get("client_id"), given.get("client_secret")
            if app != (self.client_id, self.client_secret):
                return _refuse(40101)
            if not held["refresh_token"] or given.get("refresh_token") != held["refresh_token"]:
                return _refuse(40105)
            number = self.number()
            state["pair"] = {"access_token": f"act.{number}", "refresh_token": f"rft.{number}"}
            ends = {"expires_in": 86_400, "refresh_token_expires_in": 31_536_000}
            return _answer({**state["pair"], **ends, "open_id": self.business_id})

    def _videos(self, given: Any) -> Response:
        with self.world() as state:
            newest = [{"item_id": each} for each in reversed(state.get("videos", []))]
        return _answer({"videos": newest[: int(given["max_count"])], "has_more": False})

    def _listed(self, given: Any) -> Response:
        above = given.get("comment_id", "")
        with self.world() as state:
            every = state.get("comments", {})
            found = [
                one | {"replies": self._below(every, one["comment_id"])}
                for one in reversed(every.values())
                if one["video_id"] == given["video_id"]
                and one.get("parent_comment_id", "") == above
            ]
        place = int(given.get("cursor", 0))
        page = found[place : place + min(self._most, int(given["max_count"]))]
        if page and self.strikes("duplicate"):
            page = [page[0], *page]
        behind = place + len(page)
        return _answer({"comments": page, "cursor": behind, "has_more": behind < len(found)})

    def _below(self, every: dict[str, Any], comment: str) -> int:
        return sum(one.get("parent_comment_id") == comment for one in every.values())

    def _reply(self, given: Any) -> Response:
        with self.world() as state:
            known = state.get("comments", {})
            if given["comment_id"] not in known or len(given["text"]) > _TEXT:
                return _refuse(40002)
        made = self.write(given["video_id"], "", given["text"], below=given["comment_id"])
        return _answer({"comment_id": made})


def _answer(data: dict[str, Any]) -> Response:
    return json_answer({**_OK, "request_id": "202611200300", "data": data})


def _refuse(code: int) -> Response:
    return json_answer({"code": code, "message": "refused", "request_id": "202611200300"})
