"""Reviews in Google Play, in memory or in a folder, with faults."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pelayanan.protocol.request import Request, Response
from pelayanan.testing._google import FakeGoogle, Json, RefusedError, part
from pelayanan.testing.fake import json_answer

__all__ = ["FakePlayReviews"]

_SHOWN_S = timedelta(days=7).total_seconds()
_TEXT = 350


@dataclass(frozen=True, slots=True)
class _Citizen:
    """Somebody who reviews apps on a phone."""

    servers: "FakePlayReviews"
    name: str

    def review(self, package: str, text: str, *, stars: int = 1) -> str:
        """Review an app; returns the review's id. A title is parted from the text by a tab."""
        return self.servers.write(package, self.name, text, stars)


class FakePlayReviews(FakeGoogle):
    """Google Play's servers with the reviews of apps.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the server, of the token endpoint too.
        page: Most reviews a page, below Google's own 100.
    """

    host = "play.example"
    scope = "https://www.googleapis.com/auth/androidpublisher"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "play.example",
        page: int = 100,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock, host=host)
        self._page = page

    def citizen(self, name: str) -> _Citizen:
        """Somebody who writes reviews."""
        return _Citizen(self, f"{name.capitalize()} Contoh")

    def write(self, package: str, author: str, text: str, stars: int) -> str:
        """Put a review; returns its id."""
        with self.world() as state:
            identity = f"gp:{self.number():010}"
            at = self._seconds(skewed=self.strikes("clock_skew"))
            known = {"package": package, "author": author, "text": text, "stars": stars, "at": at}
            part(state, "reviews")[identity] = known
            return identity

    def edit(self, review: str, text: str, *, stars: int = 1) -> None:
        """Change a review, as its author does."""
        with self.world() as state:
            changed = {"text": text, "stars": stars, "at": self._seconds()}
            part(state, "reviews")[review] |= changed

    def delete(self, review: str) -> None:
        """Take a review away."""
        with self.world() as state:
            del part(state, "reviews")[review]

    def answer(self, review: str, text: str) -> str:
        """Answer in Play Console; returns the name that the library gives the answer."""
        with self.world() as state:
            reply = {"text": re.sub(r"<[^>]*>", "", text), "at": self._seconds()}
            part(state, "reviews")[review]["reply"] = reply
            return f"{review}/reply/{reply['at']}"

    def replies(self, review: str) -> list[str]:
        """The reply to a review, if there is one."""
        with self.world() as state:
            reply = part(state, "reviews")[review].get("reply")
            return [reply["text"]] if reply else []

    @property
    def answers(self) -> list[str]:
        """All replies that stand."""
        with self.world() as state:
            return [text for each in part(state, "reviews") for text in self.replies(each)]

    def serve(self, owner: str, request: Request) -> Response:
        """Answer a call in the name of a package's owner."""
        shape = r"https://[^/]+/androidpublisher/v3/applications/([^/]+)/reviews(?:/([^/]+))?"
        found = re.fullmatch(shape, request.url)
        if found is None or found[1] != owner:
            raise RefusedError(403, "permissionDenied")
        if found[2] is None:
            return self._list(owner, request)
        review = unquote(found[2].removesuffix(":reply"))
        with self.world() as state:
            if review not in part(state, "reviews"):
                raise RefusedError(404, "reviewNotFound")
        is_reply = request.method == "POST" and found[2].endswith(":reply")
        return self._reply(review, request) if is_reply else json_answer(self._shown(review))

    def _list(self, package: str, request: Request) -> Response:
        now = self._seconds()
        with self.world() as state:
            known = part(state, "reviews")
            names = [
                each
                for each, review in known.items()
                if review["package"] == package and now - review["at"] <= _SHOWN_S
            ]
            names.sort(key=lambda each: (known[each]["at"], each), reverse=True)
        start = int(str(request.params.get("token", "0")))
        most = min(int(str(request.params.get("maxResults", 10))), self._page)
        found = [self._shown(each) for each in names[start : start + most]]
        if found and self.strikes("duplicate"):
            found = [found[0], *found]
        more = {"nextPageToken": str(start + most)} if start + most < len(names) else {}
        body: Json = {"reviews": found} if found else {}  # as Google does: no empty list
        return json_answer(body | ({"tokenPagination": more} if more else {}))

    def _reply(self, review: str, request: Request) -> Response:
        body: Any = request.json
        if not 0 < len(body["replyText"]) <= _TEXT:
            raise RefusedError(400, "invalidReplyText")
        self.answer(review, body["replyText"])
        with self.world() as state:
            reply = part(state, "reviews")[review]["reply"]
            edited = _stamp(reply["at"])
            return json_answer({"result": {"replyText": reply["text"], "lastEdited": edited}})

    def _shown(self, review: str) -> Json:
        with self.world() as state:
            known = part(state, "reviews")[review]
        user: Json = {"text": known["text"], "lastModified": _stamp(known["at"])}
        user |= {"starRating": known["stars"], "reviewerLanguage": "id", "appVersionName": "2.1.0"}
        comments: list[Json] = [{"userComment": user}]
        if reply := known.get("reply"):
            developer = {"text": reply["text"], "lastModified": _stamp(reply["at"])}
            comments.append({"developerComment": developer})
        return {"reviewId": review, "authorName": known["author"], "comments": comments}

    def _seconds(self, *, skewed: bool = False) -> int:
        return int(self.clock().timestamp()) + (600 if skewed else 0)


def _stamp(seconds: int) -> Json:
    return {"seconds": str(seconds), "nanos": 0}
