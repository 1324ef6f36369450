"""What every call to the faked X meets: tokens, budgets, refusals; and where files are put."""

from typing import Any

from pelayanan.platforms._meta_read import as_dict
from pelayanan.protocol.request import Request, Response
from pelayanan.testing._meta import part
from pelayanan.testing._x_world import XWorld
from pelayanan.testing.fake import json_answer

__all__ = ["RefusedError", "XServer", "problem"]

_PROBLEM = "https://api.x.com/2/problems/"
_QUARTER_S = 900
_LIMITS = {"mentions": 300, "search": 300, "posts": 100, "dm_reads": 15, "dm_writes": 15}


class RefusedError(Exception):
    def __init__(self, status: int, kind: str, **more: Any) -> None:
        super().__init__(kind)
        self.status, self.kind, self.more = status, kind, more


def problem(refused: RefusedError) -> Response:
    kind = refused.kind
    body: dict[str, Any] = {
        "title": "kata-kata X",
        "detail": "kata-kata X, yang tidak diteruskan",
        "type": kind if ":" in kind else f"{_PROBLEM}{kind}",
        "status": refused.status,
        **refused.more,
    }
    headers = body.pop("headers", {})
    answer = json_answer(body, refused.status)
    return Response(answer.status, headers, answer.body)


class XServer(XWorld):
    """A server with accounts, budgets and files."""

    scopes: str
    credits: int | None

    def agency(self, *, token: str, refresh: str = "", expires_in_s: int = 7200) -> None:
        """Make a token the only one that opens the account.

        Args:
            token: The access token.
            refresh: What it can be exchanged with, once.
            expires_in_s: How long the token lasts.
        """
        until = self.clock().timestamp() + expires_in_s
        with self.world() as state:
            state["token"] = {"access": token, "refresh": refresh, "until": until}

    def let_in(self, request: Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.world() as state:
            known = state.get("token")
        if not given or given == "salah":
            raise RefusedError(401, "unauthorized")
        if given.startswith("aplikasi") or known is None:
            return
        if given != known["access"] or self.clock().timestamp() >= known["until"]:
            raise RefusedError(401, "unauthorized")

    def exchange(self, request: Request) -> Response:
        form = request.form or {}
        with self.world() as state:
            known = as_dict(state.get("token"))
            if not known.get("refresh") or form.get("refresh_token") != known["refresh"]:
                error = {"error": "invalid_request", "error_description": "kata-kata X"}
                return json_answer(error, 400)
            number = self.number()
            self.agency(token=f"akses-baru-{number}", refresh=f"segar-baru-{number}")
            fresh = state["token"]
        answer = {"token_type": "bearer", "expires_in": 7200, "scope": self.scopes}
        tokens = {"access_token": fresh["access"], "refresh_token": fresh["refresh"]}
        return json_answer({**answer, **tokens})

    def spend(self, kind: str) -> dict[str, str]:
        """Count a call against its budget; the headers that tell what is left."""
        if self.credits is not None:
            if self.credits <= 0:
                raise RefusedError(402, "credits-depleted")
            self.credits -= 1
        if not (limit := _LIMITS.get(kind)):
            return {}
        now = int(self.clock().timestamp())
        with self.world() as state:
            begun, used = part(state, "calls").get(kind, (now, 0))
            begun, used = (now, 0) if now - begun >= _QUARTER_S else (begun, used)
            part(state, "calls")[kind] = (begun, used + 1)
        told = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - used - 1)),
            "x-rate-limit-reset": str(begun + _QUARTER_S),
        }
        if used >= limit:
            raise RefusedError(429, "rate-limit-exceeded", headers=told)
        return told

    def upload(self, request: Request) -> Response:
        (file,) = request.uploads
        with file.open() as opened:
            size = len(opened.read())
        return self._uploaded("photo", size)

    def initialize(self, request: Request) -> Response:
        body = as_dict(request.json)
        kind = "animated_gif" if body["media_category"] == "tweet_gif" else "video"
        return self._uploaded(kind, 0, wanted=int(body["total_bytes"]))

    def _uploaded(self, kind: str, size: int, wanted: int = 0) -> Response:
        with self.world() as state:
            media_id = self.next_id()
            key = f"3_{media_id}"
            known = {"media_key": key, "type": kind, "size": size, "wanted": wanted, "looks": 0}
            part(state, "uploads")[media_id] = known
            part(state, "media")[key] = {**known, "url": f"https://pbs.twimg.example/{key}.jpg"}
        return json_answer({"data": {"id": media_id, "media_key": key, "size": size}})

    def append(self, request: Request, media_id: str) -> Response:
        (file,) = request.uploads
        with file.open() as opened, self.world() as state:
            part(state, "uploads")[media_id]["size"] += len(opened.read())
        return json_answer({"data": {"expires_at": int(self.clock().timestamp()) + 86_400}})

    def finalize(self, _: Request, media_id: str) -> Response:
        with self.world() as state:
            known = part(state, "uploads")[media_id]
        if known["size"] != known["wanted"]:
            raise RefusedError(400, "invalid-request")
        info = {"state": "pending", "check_after_secs": 1}
        return json_answer({"data": {"id": media_id, "processing_info": info}})

    def status(self, request: Request) -> Response:
        media_id = str(request.params["media_id"])
        with self.world() as state:
            known = part(state, "uploads")[media_id]
            known["looks"] += 1
            done = known["looks"] > 1
        info = {"state": "succeeded" if done else "in_progress", "check_after_secs": 2}
        return json_answer({"data": {"id": media_id, "processing_info": info}})

    def alt(self, request: Request) -> Response:
        body = as_dict(request.json)
        with self.world() as state:
            key = part(state, "uploads")[body["id"]]["media_key"]
            part(state, "media")[key]["alt_text"] = body["metadata"]["alt_text"]["text"]
        return json_answer({"data": {"id": body["id"]}})
