"""Instagram in memory or in a folder, with citizens, officers and faults."""

import re
from dataclasses import dataclass

from pelayanan.protocol.request import Request, Response
from pelayanan.testing._instagram_world import AGENCY, InstagramWorld
from pelayanan.testing._meta import Json, RefusedError, part
from pelayanan.testing.fake import json_answer
from pelayanan.testing.fake_facebook import cut

__all__ = ["FakeInstagram"]

_ELSEWHERE = re.compile(r"mentioned_(comment|media)\.\w+\((\w+)\)")


@dataclass(frozen=True, slots=True)
class _Citizen:
    server: "FakeInstagram"
    name: str
    account: str

    def comment(self, on: str, text: str) -> str:
        """Write below a post or a comment and return the comment's id."""
        return self.server.comment(self.name, on, text)

    def mention(self, text: str, *, below: str = "") -> str:
        """Name the agency in a post of one's own, or below one of somebody else."""
        return self.server.mention(self.name, self.account, text, below)

    def message(self, text: str) -> str:
        """Write to the agency in private."""
        return self.server.message(self.name, self.account, text, own=False)

    def unsend(self, mid: str) -> None:
        """Take a private message back."""
        self.server.unsend(mid)


@dataclass(frozen=True, slots=True)
class _Officer:
    server: "FakeInstagram"
    account: str

    def post(self, text: str) -> str:
        """Publish in Instagram's own app."""
        return self.server.post(self.account, text)

    def reply(self, on: str, text: str) -> str:
        """Answer a comment or a private message in Instagram's own app."""
        with self.server.world() as state:
            thread = part(state, "messages").get(on)
        if thread is not None:
            return self.server.message(thread["person"], self.account, text, own=True)
        return self.server.comment(self.server.username, on, text)


class FakeInstagram(InstagramWorld):
    """The Graph API for one professional account: a client's transport, a source of webhooks.

    It takes calls of both ways to log in; its webhooks are those of Facebook Login unless `bare`.
    """

    host = "graph.instagram.com"
    scopes = (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_content_publish",
        "instagram_manage_messages",
        "pages_read_engagement",
    )

    def citizen(self, name: str, *, account: str = AGENCY) -> _Citizen:
        """Somebody with an account, by user name."""
        return _Citizen(self, name, account)

    def officer(self, account: str = AGENCY) -> _Officer:
        """Somebody of an agency who uses Instagram's own app."""
        return _Officer(self, account)

    def default(self) -> str:
        """The account that any token opens while none is registered."""
        return AGENCY

    def route(self, account: str, path: str, request: Request) -> Response:
        """The answer to one call with an account's token."""
        if path == "refresh_access_token":
            return json_answer(self.renewed(str(request.params["access_token"])))
        node, _, edge = path.partition("/")
        if request.method == "POST":
            return json_answer(self._write(account, node, edge, request))
        if edge == "content_publishing_limit":
            return json_answer({"data": [{"quota_usage": 1, "config": {"quota_total": 50}}]})
        if edge:
            return json_answer(self._listing(self._edge(account, node, edge, request), request))
        return json_answer(self._node(account, node, request))

    def _edge(self, account: str, node: str, edge: str, request: Request) -> list[Json]:
        if edge == "media":
            return [self._post(one, request) for one in self.posts(account)]
        if edge == "conversations":
            person = str(request.params.get("user_id", ""))
            return [self._thread(one) for one in self.threads(account, person)]
        if edge == "messages":
            return [self.message_shown(one) for one in self.said(node)]
        if edge in {"comments", "replies"}:
            return [self.comment_shown(one) for one in self.below(node)]
        raise RefusedError(100)

    def _node(self, account: str, node: str, request: Request) -> Json:
        fields = str(request.params.get("fields", ""))
        if node == account and (asked := _ELSEWHERE.match(fields)):
            return {"id": node, f"mentioned_{asked[1]}": self.elsewhere(asked[2])}
        if node == account:
            return {"id": node, "username": self.username}
        if self.is_container(node):
            return {"id": node, "status_code": self.state(node)}
        with self.world() as state:
            if node in part(state, "comments"):
                return self.comment_shown(node)
            if node in part(state, "posts"):
                return self.post_shown(node)
        raise RefusedError(100, 33)

    def _post(self, media_id: str, request: Request) -> Json:
        shown = self.post_shown(media_id)
        if "comments.limit" in str(request.params.get("fields", "")):
            comments = [self.comment_shown(one) for one in self.below(media_id)]
            shown["comments"] = cut(comments, 50, "")
        return shown

    def _thread(self, thread_id: str) -> Json:
        messages = [self.message_shown(one) for one in self.said(thread_id)]
        newest = messages[0]["created_time"]
        return {"id": thread_id, "updated_time": newest, "messages": cut(messages, 20, "")}

    def _listing(self, shown: list[Json], request: Request) -> Json:
        limit = int(request.params.get("limit", 25))  # type: ignore[arg-type]  # never a list
        found = cut(shown, limit, str(request.params.get("after", "")))
        if found["data"] and self.strikes("duplicate"):
            found["data"] = [found["data"][0], *found["data"]]
            for post in found["data"]:
                if below := post.get("comments", {}).get("data"):
                    below.insert(0, below[0])
        return found

    def _write(self, account: str, node: str, edge: str, request: Request) -> Json:
        given = self.given(request)
        if edge == "replies":
            return {"id": self.comment(self.username, node, str(given.get("message", "")))}
        if edge == "messages":
            return self.send(account, given)
        if node == "ig-api-upload" and request.body is not None and self.is_container(edge):
            return {"success": True}
        if node == account and edge == "media":
            return self.container(account, given)
        if node == account and edge == "media_publish":
            return {"id": self.publish(account, self.take(account, given))}
        if node == account and edge == "mentions":
            return {"id": self.below_others(given)}
        raise RefusedError(100)
