"""Facebook Pages in memory or in a folder, with visitors, officers and faults."""

import re
from dataclasses import dataclass

from pelayanan.protocol.request import Request, Response
from pelayanan.testing._facebook_world import AGENCY, FacebookWorld
from pelayanan.testing._meta import Json, RefusedError, part
from pelayanan.testing.fake import json_answer

__all__ = ["FakeFacebook"]

_PAGE = 25
_BELOW = re.compile(r"comments\.[^{]*limit\((\d+)\)")


@dataclass(frozen=True, slots=True)
class _Citizen:
    server: "FakeFacebook"
    id: str
    page: str

    def comment(self, on: str, text: str) -> str:
        """Write below a post or a comment and return the comment's id."""
        return self.server.comment(self.id, on, text)

    def post(self, text: str) -> str:
        """Write on the Page's wall."""
        return self.server.post(self.id, self.page, text)

    def tag(self, text: str) -> str:
        """Write a post elsewhere that names the Page."""
        return self.server.post(self.id, self.page, text, tagged=True)

    def message(self, text: str) -> str:
        """Write to the Page in private."""
        return self.server.message(self.id, self.page, text, own=False)

    def edit(self, on: str, text: str) -> None:
        """Change a comment or post."""
        self.server.edit(on, text)

    def delete(self, on: str) -> None:
        """Take a comment or post away, with what stands below it."""
        self.server.delete(on)

    def hide(self) -> None:
        """Not be named to apps any more."""
        with self.server.world() as state:
            part(state, "people")[self.id]["named"] = False


@dataclass(frozen=True, slots=True)
class _Officer:
    server: "FakeFacebook"
    page: str

    def post(self, text: str) -> str:
        """Publish in Facebook's own app."""
        return self.server.post(self.page, self.page, text)

    def reply(self, on: str, text: str) -> str:
        """Answer a comment, a post or a private message in Facebook's own app."""
        with self.server.world() as state:
            thread = part(state, "messages").get(on)
        if thread is not None:
            return self.server.message(thread["person"], self.page, text, own=True)
        return self.server.comment(self.page, on, text)


class FakeFacebook(FacebookWorld):
    """The Graph API for Pages: the transport of a client, and a source of webhooks.

    Two posts of a Page with the same text one after the other are refused, as on Facebook.
    """

    scopes = (
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
        "pages_manage_posts",
        "pages_manage_metadata",
        "pages_messaging",
    )

    def citizen(self, name: str, *, page: str = AGENCY) -> _Citizen:
        """Somebody with an account."""
        return _Citizen(self, self.person(name), page)

    def officer(self, page: str = AGENCY) -> _Officer:
        """Somebody of an agency who uses Facebook's own app."""
        return _Officer(self, page)

    def default(self) -> str:
        """The Page that any token opens while none is registered."""
        return AGENCY

    def route(self, account: str, path: str, request: Request) -> Response:
        """The answer to one call with a Page's token."""
        node, _, edge = path.partition("/")
        if request.method == "POST":
            return json_answer(self._write(account, node, edge, request))
        if node == account and edge:
            return json_answer(self._edge(account, edge, request))
        if edge == "comments":
            shown = [self.comment_shown(one) for one in self.below(node)]
            return json_answer(self._listing(shown, request))
        if edge == "messages":
            shown = [self.message_shown(one) for one in self.said(node)]
            return json_answer(self._listing(shown, request))
        return json_answer(self._node(account, node))

    def _node(self, account: str, node: str) -> Json:
        with self.world() as state:
            if node == account:
                return {"id": node, "name": "Dinas Contoh", "is_published": True}
            if node in part(state, "comments"):
                return self.comment_shown(node) | self.private_state(node)
            if node in part(state, "posts"):
                return self.post_shown(node) | self.private_state(node)
        raise RefusedError(100, 33)

    def _edge(self, account: str, edge: str, request: Request) -> Json:
        fields = str(request.params.get("fields", ""))
        if edge in {"feed", "tagged", "published_posts"}:
            ids = self.posts(account, edge)
            below = _BELOW.search(fields)
            shown = [self._post_with(one, int(below[1]) if below else 0) for one in ids]
            return self._listing(shown, request)
        if edge == "conversations":
            person = str(request.params.get("user_id", ""))
            threads = self.threads(account, person)
            return self._listing([self._thread(one) for one in threads], request)
        raise RefusedError(100)

    def _post_with(self, post_id: str, limit: int) -> Json:
        shown = self.post_shown(post_id)
        if limit and (ids := self.below(post_id)):
            comments = [self.comment_shown(one) for one in ids]
            shown["comments"] = cut(comments, limit, "")
        return shown

    def _thread(self, thread_id: str) -> Json:
        messages = [self.message_shown(one) for one in self.said(thread_id)]
        newest = messages[0]["created_time"]
        return {"id": thread_id, "updated_time": newest, "messages": cut(messages, 25, "")}

    def _listing(self, shown: list[Json], request: Request) -> Json:
        limit = int(request.params.get("limit", _PAGE))  # type: ignore[arg-type]  # never a list
        found = cut(shown, limit, str(request.params.get("after", "")))
        if found["data"] and self.strikes("duplicate"):
            found["data"] = [found["data"][0], *found["data"]]
            for post in found["data"]:
                if below := post.get("comments", {}).get("data"):
                    below.insert(0, below[0])
        return found

    def _write(self, account: str, node: str, edge: str, request: Request) -> Json:
        given = self.given(request)
        if edge == "comments":
            return {"id": self.comment(account, node, self.words(given.get("message")))}
        if edge == "uploads":
            return {"id": f"upload:{self.number()}?sig=contoh"}
        if node.startswith("upload:") and request.body is not None:
            return {"h": self.upload(request)}
        if node != account:
            raise RefusedError(100, 33)
        return self._own(account, edge, given, request)

    def _own(self, account: str, edge: str, given: Json, request: Request) -> Json:
        if edge == "messages":
            return self.send(account, given)
        if edge == "photos":
            return self.photo(account, given, request)
        if edge == "feed":
            return {"id": self.publish(account, given)}
        if edge == "videos":
            return {"id": self.video(account, given)}
        raise RefusedError(100)


def cut(shown: list[Json], limit: int, after: str) -> Json:
    """One page of a listing, with the place of the next."""
    start = int(after) if after else 0
    end = start + limit
    paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(shown):
        paging["next"] = "https://graph.facebook.com/berikutnya"
    return {"data": shown[start:end], "paging": paging}
