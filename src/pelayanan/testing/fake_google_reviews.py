"""Reviews of offices in Google Maps, in memory or in a folder, with faults and moderation."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pelayanan.protocol.request import Request, Response
from pelayanan.testing._google import FakeGoogle, Json, RefusedError, part
from pelayanan.testing._google_push import certificates, delivery, new_key
from pelayanan.testing.fake import json_answer

__all__ = ["FakeGoogleReviews", "ReplyState"]

ReplyState: TypeAlias = Literal["PENDING", "APPROVED", "REJECTED"]
_STARS = ("ONE", "TWO", "THREE", "FOUR", "FIVE")
_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _Citizen:
    """Somebody who reviews offices in Google Maps."""

    servers: "FakeGoogleReviews"
    name: str

    def review(self, location: str, text: str = "", *, stars: int = 1) -> str:
        """Review an office; returns the name that the library gives the review."""
        return self.servers.write(location, self.name, text, stars)


class FakeGoogleReviews(FakeGoogle):
    """Google's servers with the offices of agencies.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the server, of the token endpoint too.
        state: What becomes of replies at once; `moderate` changes it later.
        page: Most reviews a page, below Google's own 50.
        approved: Whether the project was let in; until then its quota is 0.
    """

    host = "ulasan.example"
    scope = "https://www.googleapis.com/auth/business.manage"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "ulasan.example",
        state: ReplyState = "APPROVED",
        page: int = 50,
        approved: bool = True,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock, host=host)
        self._verdict = state
        self._page = page
        self._approved = approved

    def office(self, account: str, location: str) -> None:
        """Open an office that Google has verified."""
        with self.world() as state:
            part(state, "offices")[location] = account

    def close(self, location: str) -> None:
        """Take an office out of the account."""
        with self.world() as state:
            del part(state, "offices")[location]

    def citizen(self, name: str) -> _Citizen:
        """Somebody who writes reviews."""
        return _Citizen(self, f"{name.capitalize()} Contoh")

    def write(self, location: str, author: str, text: str, stars: int) -> str:
        """Put a review; returns its name."""
        with self.world() as state:
            key = f"{location}/AbC{self.number():08}"
            at = self._stamp(skewed=self.strikes("clock_skew"))
            review: Json = {
                "reviewId": key.partition("/")[2],
                "reviewer": {"displayName": author, "isAnonymous": False},
                "starRating": _STARS[stars - 1],
                "createTime": at,
                "updateTime": at,
            }
            part(state, "reviews")[key] = review | ({"comment": text} if text else {})
            self._notify(key, "NEW_REVIEW")
            return key

    def edit(self, review: str, text: str, *, stars: int = 1) -> None:
        """Change a review, as its author does."""
        with self.world() as state:
            changed = {"comment": text, "starRating": _STARS[stars - 1]}
            part(state, "reviews")[review] |= {**changed, "updateTime": self._stamp()}
            self._notify(review, "UPDATED_REVIEW")

    def delete(self, review: str) -> None:
        """Take a review away."""
        with self.world() as state:
            del part(state, "reviews")[review]

    def answer(self, review: str, text: str) -> str:
        """Answer in Google Maps; returns the name that the library gives the answer."""
        with self.world() as state:
            reply: Json = {"comment": text, "updateTime": self._stamp()}
            reply["reviewReplyState"] = self._verdict
            if self._verdict == "REJECTED":
                reply["policyViolation"] = "CONTACT_INFO"
            part(state, "reviews")[review]["reviewReply"] = reply
            at = datetime.fromisoformat(reply["updateTime"])
            return f"{review}/reply/{int(at.timestamp())}"

    def moderate(self, review: str, state: ReplyState) -> None:
        """Let Google look at a reply."""
        with self.world() as world:
            part(world, "reviews")[review]["reviewReply"]["reviewReplyState"] = state

    def replies(self, review: str) -> list[str]:
        """The reply to a review, if there is one."""
        with self.world() as state:
            reply = part(state, "reviews")[review].get("reviewReply")
            return [reply["comment"]] if reply else []

    @property
    def answers(self) -> list[str]:
        """All replies that stand."""
        with self.world() as state:
            return [text for each in part(state, "reviews") for text in self.replies(each)]

    def rotate(self) -> None:
        """Let Pub/Sub sign with another key from now on."""
        with self.world() as state:
            keys = part(state, "keys")
            keys[f"kunci-{len(keys) + 1}"] = new_key()

    def webhooks(self, after: int = 0) -> list[tuple[dict[str, str], bytes]]:
        """All deliveries from number `after` on, signed now, oldest first; needs `cryptography`."""
        with self.world() as state:
            if not part(state, "keys"):
                self.rotate()
            kid, key = list(part(state, "keys").items())[-1]
            told = list(part(state, "notices").values())
        now = self.clock()
        return [
            delivery(each, number, kid=kid, key=key, now=now) for number, each in enumerate(told)
        ][after:]

    def public(self, request: Request) -> Response | None:
        """The keys that Pub/Sub signs with; the last two, as Google has it while they change."""
        if not request.url.endswith("/oauth2/v3/certs"):
            return None
        with self.world() as state:
            keys = dict(list(part(state, "keys").items())[-2:])
        return json_answer(certificates(keys), cache_control="public, max-age=19000")

    def serve(self, owner: str, request: Request) -> Response:
        """Answer a call in the name of an account."""
        if not self._approved:
            raise RefusedError(429, "RATE_LIMIT_EXCEEDED", quota_limit_value="0")
        if request.url.endswith(f"/v1/accounts/{owner}/notificationSetting"):
            with self.world() as state:
                part(state, "settings")[owner] = request.json
            return json_answer(request.json)
        shape = r"https://[^/]+/v4/accounts/([^/]+)/locations/([^/]+)/reviews(?:/([^/]+))?(/reply)?"
        found = re.fullmatch(shape, request.url)
        if found is None or found[1] != owner:
            raise RefusedError(403, "forbidden")
        with self.world() as state:
            if part(state, "offices").get(found[2]) != owner:
                raise RefusedError(404, "notFound")
            if found[3] is None:
                return self._list(owner, found[2], request)
            key = f"{found[2]}/{found[3]}"
            if key not in part(state, "reviews"):
                raise RefusedError(404, "notFound")
            if found[4]:
                return self._reply(key, request)
            return json_answer(self._shown(owner, key))

    def _list(self, account: str, location: str, request: Request) -> Response:
        with self.world() as state:
            known = part(state, "reviews")
            names = [each for each in known if each.startswith(f"{location}/")]
            names.sort(key=lambda each: (known[each]["updateTime"], each), reverse=True)
            stars = [1 + _STARS.index(known[each]["starRating"]) for each in names]
        start = int(str(request.params.get("pageToken", "0")))
        most = min(int(str(request.params.get("pageSize", 50))), self._page)
        found = [self._shown(account, each) for each in names[start : start + most]]
        if found and self.strikes("duplicate"):
            found = [found[0], *found]
        body: Json = {"reviews": found} if found else {}
        body |= {"averageRating": sum(stars) / len(stars)} if stars else {}
        body |= {"totalReviewCount": len(names)}
        more = {"nextPageToken": str(start + most)} if start + most < len(names) else {}
        return json_answer(body | more)

    def _reply(self, review: str, request: Request) -> Response:
        body: Any = request.json
        if request.method != "PUT" or not 0 < len(body["comment"].encode()) <= _BYTES:
            raise RefusedError(400, "INVALID_ARGUMENT")
        self.answer(review, body["comment"])
        with self.world() as state:
            return json_answer(part(state, "reviews")[review]["reviewReply"])

    def _shown(self, account: str, key: str) -> Json:
        location, _, review = key.partition("/")
        with self.world() as state:
            known = part(state, "reviews")[key]
        return {"name": f"accounts/{account}/locations/{location}/reviews/{review}", **known}

    def _notify(self, review: str, kind: str) -> None:
        location, _, name = review.partition("/")
        with self.world() as state:
            owner = str(part(state, "offices").get(location))
            if kind not in part(state, "settings").get(owner, {}).get("notificationTypes", ()):
                return
            office = f"accounts/{owner}/locations/{location}"
            told = {"type": kind, "location_name": office}
            told["review_name"] = f"{office}/reviews/{name}"
            notices = part(state, "notices")
            for _ in range(2 if self.strikes("duplicate") else 1):
                notices[str(len(notices))] = told

    def _stamp(self, *, skewed: bool = False) -> str:
        at = (self.clock() + timedelta(minutes=10 if skewed else 0)).astimezone(UTC)
        return at.isoformat().replace("+00:00", "Z")
