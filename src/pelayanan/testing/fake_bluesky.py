"""A Bluesky network in memory or in a folder, with faults: PDS, AppView and video service."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.search import Query
from pelayanan.protocol.transport import Call
from pelayanan.testing._bluesky import (
    POST,
    Json,
    Refused,
    check_post,
    cid_of,
    claims,
    post_view,
    profile,
    tid,
    token,
)
from pelayanan.testing._bluesky_world import World, by_time, owner, part
from pelayanan.testing.fake import json_answer

__all__ = ["FakeBluesky"]

_ACCESS: Final = timedelta(hours=2)  # reference: platforms.md, 10
_REFRESH: Final = timedelta(days=90)
_GRACE: Final = timedelta(hours=2)
_WINDOW_S: Final = 300
_CALLS: Final = 3000
_LOGINS: Final = 30


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who uses Bluesky's own app."""

    network: "FakeBluesky"
    handle: str

    def post(
        self,
        text: str,
        *,
        reply_to: str = "",
        quote: str = "",
        pictures: tuple[str, ...] = (),
        created_at: datetime | None = None,
    ) -> str:
        """Publish, and return the post's uri.

        Args:
            text: Handles of accounts in it become mentions, as in the app.
            reply_to: Uri of the post that it answers.
            quote: Uri of the post that it shows.
            pictures: What each picture shows (its alternative text).
            created_at: What the phone's clock says; default: the right time.
        """
        return self.network.write(
            self.handle, text, reply_to, quote=quote, pictures=pictures, created_at=created_at
        )

    def reply(self, uri: str, text: str, *, created_at: datetime | None = None) -> str:
        """Answer a post, and return the answer's uri; `created_at` as of `post`."""
        return self.post(text, reply_to=uri, created_at=created_at)

    def like(self, uri: str) -> None:
        """Like a post: a notification that is no message."""
        self.network.notify(owner(uri), self.handle, "like", uri)


class FakeBluesky(World):
    """One network with the accounts of agencies and citizens: the transport of a client.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the server that all accounts are on.
        polls: How often a video answers that it is still being processed.
        rate_limit: Calls in 5 minutes that are answered, with 30 logins; ``None`` counts only.
    """

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "bluesky.example",
        polls: int = 2,
        rate_limit: int | None = None,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host
        self._polls = polls
        self._rate_limit = rate_limit

    def agency(self, handle: str, password: str, *, name: str = "") -> str:
        """Open an account that programs log in to; returns its DID. Again: a new password."""
        return self._account(handle, password=password, name=name)

    def citizen(self, handle: str, *, name: str = "") -> _Person:
        """Somebody who writes to agencies."""
        self._account(handle, name=name)
        return _Person(self, handle)

    def officer(self, agency: str) -> _Person:
        """Somebody of an agency who uses the app and not this library."""
        self._account(agency)
        return _Person(self, agency)

    def respond(self, request: Request) -> Response:
        """Answer one call."""
        headers: dict[str, str] = {}
        try:
            headers = self._budget(_method(request))
            answer = json_answer(self._route(request))
        except Refused as refused:
            body = {"error": refused.error, "message": refused.message}
            answer = json_answer(body, refused.status)
            if refused.status == 429:
                headers = self._budget_headers(0)
        date = {"date": format_datetime(self.clock().astimezone(UTC), usegmt=True)}
        return Response(answer.status, {**answer.headers, **date, **headers}, answer.body)

    def _refusal(self, call: Call) -> Response | None:
        if isinstance(call, Request) and _uses_access(call) and self.strikes("expired_token"):
            return json_answer({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        return super()._refusal(call)

    def _route(self, request: Request) -> Json:
        method = _method(request)
        anybody: dict[str, Callable[[Request], Json]] = {
            "com.atproto.server.createSession": self._log_in,
            "com.atproto.server.refreshSession": self._refresh,
            "com.atproto.identity.resolveHandle": self._resolve,
            "com.atproto.repo.getRecord": self._get,
            "app.bsky.video.getJobStatus": self._status,
        }
        if method in anybody:
            return anybody[method](request)
        as_account: dict[str, Callable[[str, Request], Json]] = {
            "com.atproto.server.getSession": self._get_session,
            "com.atproto.server.getServiceAuth": self._pass,
            "com.atproto.repo.createRecord": self._create,
            "com.atproto.repo.putRecord": self._put,
            "com.atproto.repo.uploadBlob": self._upload,
            "app.bsky.video.uploadVideo": self._take_video,
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.feed.getAuthorFeed": self._feed,
            "app.bsky.feed.searchPosts": self._search,
        }
        did = self._claims(request)
        if method not in as_account:
            raise Refused("MethodNotImplemented", "Method Not Implemented", 501)
        return as_account[method](did, request)

    def _resolve(self, request: Request) -> Json:
        return {"did": self._known(str(request.params["handle"]))["did"]}

    def _get_session(self, did: str, _: Request) -> Json:
        return {**self._shown(did), "emailConfirmed": True, "active": True}

    def _pass(self, did: str, _: Request) -> Json:
        return {"token": self._token(did, "service", timedelta(minutes=30), "video")}

    def _upload(self, _: str, request: Request) -> Json:
        return {"blob": self._blob(*_file(request))}

    def _create(self, did: str, request: Request) -> Json:
        return self._write(did, _body(request), put=False)

    def _put(self, did: str, request: Request) -> Json:
        return self._write(did, _body(request), put=True)

    def _status(self, request: Request) -> Json:
        return self._job(str(request.params["jobId"]))

    def _log_in(self, request: Request) -> Json:
        body = _body(request)
        with self.world() as state:
            people = part(state, "people").values()
            names = {one["handle"]: one for one in people} | {one["did"]: one for one in people}
            account = names.get(body["identifier"])
            if not account or not account["password"] or body["password"] != account["password"]:
                raise Refused("AuthenticationRequired", "Invalid identifier or password", 401)
            return self._session(account["did"], f"{self.number()}")

    def _session(self, did: str, serial: str) -> Json:
        with self.world() as state:
            ends = (self.clock() + _REFRESH).timestamp()
            part(state, "refreshes")[serial] = min(ends, part(state, "refreshes").get(serial, ends))
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer"}
        service["serviceEndpoint"] = f"https://{self.host}"
        return {
            **self._shown(did),
            "didDoc": {"id": did, "service": [service]},
            "active": True,
            "accessJwt": self._token(did, "access", _ACCESS, f"{self.number()}"),
            "refreshJwt": self._token(did, "refresh", _REFRESH, serial),
        }

    def _refresh(self, request: Request) -> Json:
        known = claims(_bearer(request))
        if known["scope"] != "refresh":
            raise Refused("InvalidToken", "Invalid token type")
        with self.world() as state:
            valid, now = part(state, "refreshes"), self.clock()
            if valid.get(known["jti"], 0) < now.timestamp():
                raise Refused("ExpiredToken", "Token has been revoked")
            valid[known["jti"]] = min(valid[known["jti"]], (now + _GRACE).timestamp())
            return self._session(known["sub"], sha256(known["jti"].encode()).hexdigest()[:16])

    def _token(self, did: str, scope: str, life: timedelta, serial: str) -> str:
        ends = int((self.clock() + life).timestamp())
        return token({"sub": did, "scope": scope, "exp": ends, "jti": serial})

    def _claims(self, request: Request) -> str:
        known = claims(_bearer(request))
        wanted = "service" if "app.bsky.video." in request.url else "access"
        if known["scope"] != wanted:
            raise Refused("InvalidToken", "Invalid token type")
        if known["exp"] <= self.clock().timestamp():
            raise Refused("ExpiredToken", "Token has expired")
        return str(known["sub"])

    def _write(self, did: str, body: Json, *, put: bool) -> Json:
        record, rkey = body["record"], body.get("rkey") or tid(self._next())
        if body["repo"] not in {did, self._shown(did)["handle"]}:
            raise Refused("AuthenticationRequired", "Authentication Required", 401)
        with self.world() as state:
            check_post(rkey, record, part(state, "blobs"))
            standing: Json | None = part(state, "posts").get(f"at://{did}/{POST}/{rkey}")
            if standing and not put:  # so the real server says, see docs/quirks.md
                raise Refused("InternalServerError", "Internal Server Error", 500)
            same = standing and standing["cid"] == cid_of(record)
            if standing and not same and body.get("swapRecord", "") is None:
                raise Refused("InvalidSwap", f"Record was at {standing['cid']}")
            post = standing if standing and same else self._publish(did, rkey, record)
            return {"uri": post["uri"], "cid": post["cid"], "validationStatus": "valid"}

    def _get(self, request: Request) -> Json:
        repo, rkey = (str(request.params[name]) for name in ("repo", "rkey"))
        uri = f"at://{self._known(repo)['did']}/{POST}/{rkey}"
        with self.world() as state:
            post = part(state, "posts").get(uri)
        if post is None:
            raise Refused("RecordNotFound", f"Could not locate record: {uri}")
        return {"uri": uri, "cid": post["cid"], "value": post["record"]}

    def _take_video(self, did: str, request: Request) -> Json:
        content, kind = _file(request)
        with self.world() as state:
            blob = self._blob(content, kind)
            job = blob["ref"]["$link"][-13:]
            part(state, "jobs")[job] = {"did": did, "left": self._polls, "blob": blob}
            return self._job(job)

    def _job(self, job: str) -> Json:
        with self.world() as state:
            known = part(state, "jobs")[job]
            known["left"] -= 1
            told = {"jobId": job, "did": known["did"], "state": "JOB_STATE_ENCODING"}
            if known["left"] < 0:
                told |= {"state": "JOB_STATE_COMPLETED", "blob": known["blob"]}
            return {"jobStatus": told}

    def _notifications(self, did: str, request: Request) -> Json:
        limit, cursor = (
            int(str(request.params.get("limit", 50))),
            str(request.params.get("cursor", "")),
        )
        reasons: Any = request.params.get("reasons")
        found: list[Any] = []
        with self.world() as state:
            told = part(state, "told").get(did, [])
            for _ in range(10):  # so the real one looks for enough that are wanted
                end = bisect_left(told, cursor, key=_time) if cursor else len(told)
                page = told[max(0, end - limit) : end][::-1]
                found += [one for one in page if not reasons or one[3]["reason"] in reasons]
                cursor = page[-1][0] if page else ""
                if not cursor or len(found) * 2 >= limit:
                    break
            found = found[:1] * self.strikes("duplicate") + found
            shown = [self._notification(state, one) for one in found]
        return {"notifications": shown, **({"cursor": cursor} if cursor else {})}

    def _notification(self, state: Json, told: list[Any]) -> Json:
        at, _, uri, fields = told
        author = profile(part(state, "people")[fields["by"]])
        post = part(state, "posts").get(uri, {})
        shown = {"uri": uri, "cid": post.get("cid"), "author": author, "isRead": False}
        shown |= {"record": post.get("record"), "indexedAt": at, "labels": []}
        return shown | {name: value for name, value in fields.items() if name != "by"}

    def _feed(self, _: str, request: Request) -> Json:
        limit, cursor = int(str(request.params["limit"])), str(request.params.get("cursor", ""))
        did = self._known(str(request.params["actor"]))["did"]
        with self.world() as state:
            feed = part(state, "feeds").get(did, [])
            end = bisect_left(feed, cursor.split("__"), key=by_time) if cursor else len(feed)
            page = feed[max(0, end - limit) : end][::-1]
            page = page[:1] * self.strikes("duplicate") + page
            posts, author = part(state, "posts"), part(state, "people")[did]
            shown = [{"post": post_view(posts[uri], author)} for _, _, uri in page]
        return {"feed": shown, **({"cursor": "__".join(page[-1][:2])} if page else {})}

    def _search(self, _: str, request: Request) -> Json:
        limit = int(str(request.params.get("limit", 25)))
        since, start = str(request.params["since"]), int(str(request.params.get("cursor", 0)))
        query = Query.of(str(request.params["q"]))
        with self.world() as state:
            people = part(state, "people")
            shown = [
                post_view(post, people[owner(uri)])
                for uri, post in part(state, "posts").items()
                if query.fits(post["record"]["text"])
            ]
        found = [one for one in reversed(shown) if one["indexedAt"] >= since]
        found.sort(key=lambda one: one["indexedAt"], reverse=True)
        page = found[start : start + limit]
        more = {"cursor": str(start + limit)} if start + limit < len(found) else {}
        return {"posts": page[:1] * self.strikes("duplicate") + page, **more}

    def _budget(self, method: str) -> dict[str, str]:
        with self.world() as state:
            used, window = part(state, "used"), int(self.clock().timestamp()) // _WINDOW_S
            if used.get("window") != window:
                used.clear()
            used["window"] = window
            for name in ("calls", method):
                used[name] = used.get(name, 0) + 1
            logins = used.get("com.atproto.server.createSession", 0)
            left = (self._rate_limit or _CALLS) - used["calls"]
        logs_in = method == "com.atproto.server.createSession"
        if self._rate_limit and (left < 0 or (logs_in and logins > _LOGINS)):
            raise Refused("RateLimitExceeded", "Rate Limit Exceeded", 429)
        return self._budget_headers(max(0, left))

    def _budget_headers(self, left: int) -> dict[str, str]:
        limit = self._rate_limit or _CALLS
        reset = (int(self.clock().timestamp()) // _WINDOW_S + 1) * _WINDOW_S
        told = {"limit": limit, "remaining": left, "reset": reset, "policy": f"{limit};w=300"}
        return {f"ratelimit-{name}": str(value) for name, value in told.items()}


def _method(request: Request) -> str:
    return urlsplit(request.url).path.removeprefix("/xrpc/")


def _bearer(request: Request) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not given:
        raise Refused("AuthMissing", "Authentication Required", 401)
    return given


def _uses_access(request: Request) -> bool:
    renews = _method(request) == "com.atproto.server.refreshSession"
    return "Authorization" in request.headers and not renews


def _body(request: Request) -> Json:
    body: Any = request.json
    return dict(body)


def _file(request: Request) -> tuple[bytes, str]:
    kind = request.headers.get("Content-Type", "")
    if not kind or request.body is None:
        raise Refused("InvalidRequest", "Request encoding (Content-Type) required but not provided")
    with request.body() as opened:
        return opened.read(), kind


def _time(entry: list[Any]) -> str:
    return str(entry[0])
