"""What a fake Facebook knows: people, posts, comments, conversations, and what it pushes."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pelayanan.protocol.request import Request
from pelayanan.testing._meta import GraphFake, Json, RefusedError, part, stamp

__all__ = ["AGENCY", "FacebookWorld"]

AGENCY = "1060"
_CHAT_S = timedelta(hours=24).total_seconds()
_AGENT_S = timedelta(days=7).total_seconds()
_LONGEST = 8_000


class FacebookWorld(GraphFake):
    """The state of a network and what changes it; the API is in `FakeFacebook`."""

    def person(self, name: str) -> str:
        """A person's id; made where there is none."""
        with self.world() as state:
            people = part(state, "people")
            known = next((key for key, who in people.items() if who["name"] == name), None)
            made = known or str(9000 + len(people))
            people.setdefault(made, {"name": name, "named": True})
            return made

    def post(self, author: str, page: str, text: str, *, tagged: bool = False) -> str:
        """Publish on a Page's wall, or elsewhere with its name."""
        with self.world() as state:
            place = author if tagged else page
            post_id = f"{place}_{self.number()}"
            known = {"author": author, "page": page, "text": text, "at": self.now_s()}
            part(state, "posts")[post_id] = {**known, "tagged": tagged}
            field = "mention" if tagged else "feed"
            self._tell(page, self._of_post(post_id, "add"), field)
            return post_id

    def comment(self, author: str, on: str, text: str) -> str:
        """Write below a post or a comment; an answer to an answer lands beside it."""
        if not 0 < len(text) <= _LONGEST:
            raise RefusedError(100)
        with self.world() as state:
            posts, comments = part(state, "posts"), part(state, "comments")
            if on not in posts and on not in comments:
                raise RefusedError(100, 33)
            above = comments.get(on)
            post_id = above["post"] if above else on
            parent = (above["parent"] or on) if above else ""
            comment_id = f"{post_id.partition('_')[2]}_{self.number()}"
            comments[comment_id] = {
                "author": author,
                "post": post_id,
                "parent": parent,
                "text": text,
                "at": self.now_s(),
                "private": "",
            }
            self._tell(posts[post_id]["page"], self._of_comment(comment_id, "add"))
            return comment_id

    def edit(self, on: str, text: str) -> None:
        """Change a comment or post."""
        with self.world() as state:
            comment = on in part(state, "comments")
            found = part(state, "comments" if comment else "posts")[on]
            found["text"] = text
            told = self._of_comment(on, "edited") if comment else self._of_post(on, "edited")
            page = part(state, "posts")[found["post"] if comment else on]["page"]
            self._tell(page, told)

    def delete(self, on: str) -> None:
        """Take a comment or post away, with what stands below it."""
        with self.world() as state:
            comments, posts = part(state, "comments"), part(state, "posts")
            comment = on in comments
            told = self._of_comment(on, "remove") if comment else self._of_post(on, "remove")
            page = posts[comments[on]["post"] if comment else on]["page"]
            for gone in [k for k, c in comments.items() if on in {k, c["post"], c["parent"]}]:
                del comments[gone]
            posts.pop(on, None)
            told.pop("message", None)
            self._tell(page, told)

    def message(self, person: str, page: str, text: str, *, own: bool) -> str:
        """Say something in a private conversation."""
        with self.world() as state:
            mid = f"m_{self.number()}"
            at = self.now_s()
            known = {"person": person, "page": page, "text": text, "at": at, "own": own}
            part(state, "messages")[mid] = known
            said: Json = {"mid": mid, "text": text} | ({"is_echo": True} if own else {})
            sender, recipient = (page, person) if own else (person, page)
            messaging = {
                "sender": {"id": sender},
                "recipient": {"id": recipient},
                "timestamp": at * 1000,
                "message": said,
            }
            entry = {"id": page, "time": at * 1000, "messaging": [messaging]}
            self.push({"object": "page", "entry": [entry]})
            return mid

    def posts(self, page: str, edge: str) -> list[str]:
        """Ids of a listing of posts, newest first."""
        with self.world() as state:
            known = part(state, "posts")
        if edge == "published_posts":
            return [key for key, one in reversed(known.items()) if one["author"] == page]
        tagged = edge == "tagged"
        return [
            key
            for key, one in reversed(known.items())
            if (one["page"], one["tagged"]) == (page, tagged)
        ]

    def below(self, on: str) -> list[str]:
        """Ids of all comments below a post or comment, newest first."""
        with self.world() as state:
            posts, comments = part(state, "posts"), part(state, "comments")
            if on not in posts and on not in comments:
                raise RefusedError(100, 33)
            return [k for k, c in reversed(comments.items()) if on in {c["post"], c["parent"]}]

    def threads(self, page: str, person: str = "") -> list[str]:
        """Ids of private conversations, the one with the newest message first."""
        with self.world() as state:
            known = [one for one in part(state, "messages").values() if one["page"] == page]
        people = [one["person"] for one in reversed(known) if person in {"", one["person"]}]
        return [f"t_{page}_{one}" for one in dict.fromkeys(people)]

    def said(self, thread_id: str) -> list[str]:
        """Ids of the messages of a conversation, newest first."""
        _, page, person = thread_id.split("_")
        with self.world() as state:
            return [
                key
                for key, one in reversed(part(state, "messages").items())
                if (one["page"], one["person"]) == (page, person)
            ]

    @property
    def published(self) -> list[str]:
        """Texts that Pages published, wrote below something, or said in private."""
        with self.world() as state:
            pages = {one["page"] for one in part(state, "posts").values()} | {AGENCY}
            written = [*part(state, "posts").values(), *part(state, "comments").values()]
            said = [one["text"] for one in part(state, "messages").values() if one["own"]]
            return [one["text"] for one in written if one["author"] in pages] + said

    # ---- as the API shows it

    def post_shown(self, post_id: str) -> Json:
        """A post."""
        with self.world() as state:
            found = part(state, "posts")[post_id]
        shown = {"id": post_id, "message": found["text"], "created_time": _time(found)}
        shown["permalink_url"] = f"https://www.facebook.com/{post_id}"
        return shown | self._from(found["author"])

    def comment_shown(self, comment_id: str) -> Json:
        """A comment."""
        with self.world() as state:
            found = part(state, "comments")[comment_id]
        shown = {
            "id": comment_id,
            "message": found["text"],
            "created_time": _time(found),
            "permalink_url": f"https://www.facebook.com/{comment_id}",
            "can_reply_privately": not found["private"],
        }
        shown |= {"parent": {"id": found["parent"]}} if found["parent"] else {}
        return shown | self._from(found["author"])

    def message_shown(self, mid: str) -> Json:
        """A private message."""
        with self.world() as state:
            found = part(state, "messages")[mid]
        shown = {"id": mid, "message": found["text"], "created_time": _time(found)}
        shown["to"] = {"data": [{"id": found["person"] if found["own"] else found["page"]}]}
        return shown | self._from(found["page"] if found["own"] else found["person"])

    def private_state(self, on: str) -> Json:
        """Whether and how a comment or post was answered in private."""
        with self.world() as state:
            found = part(state, "comments").get(on) or part(state, "posts")[on]
        if not (mid := found.get("private")):
            return {"can_reply_privately": True}
        message = self.message_shown(mid)
        thread = {"id": "t_1", "messages": {"data": [message]}}
        return {"can_reply_privately": False, "private_reply_conversation": thread}

    def _from(self, author: str) -> Json:
        with self.world() as state:
            who = part(state, "people").get(author, {"name": "Dinas Contoh", "named": True})
        return {"from": {"id": author, "name": who["name"]}} if who["named"] else {}

    # ---- what a Page writes

    def words(self, text: Any) -> str:
        """A text that was given."""
        return text if isinstance(text, str) else ""

    def publish(self, page: str, given: Json) -> str:
        """A post of a Page; the same words twice in a row are refused."""
        text = self.words(given.get("message"))
        own = self.posts(page, "published_posts")
        with self.world() as state:
            if own and text and part(state, "posts")[own[0]]["text"] == text:
                raise RefusedError(506)
            made = self.post(page, page, text)
            names = [name for name in given if name.startswith("attached_media")]
            part(state, "posts")[made]["photos"] = [given[name] for name in sorted(names)]
            return made

    def photo(self, page: str, given: Json, request: Request) -> Json:
        """A photo, by itself a post or waiting for one."""
        file = next((one for one in request.uploads if one.field == "source"), None)
        if file is None:
            raise RefusedError(324)
        with self.world() as state, file.open() as opened:
            photo_id = str(self.number())
            seen = sha256(opened.read()).hexdigest()
            alt = self.words(given.get("alt_text_custom"))
            part(state, "photos")[photo_id] = {"sha256": seen, "alt": alt}
            if given.get("published") == "false":
                return {"id": photo_id}
            return {"id": photo_id, "post_id": self.publish(page, given)}

    def upload(self, request: Request) -> str:
        """A file of a resumable upload; returns its handle."""
        assert request.body is not None
        with self.world() as state, request.body() as opened:
            handle = f"h{self.number()}"
            part(state, "videos")[handle] = sha256(opened.read()).hexdigest()
            return handle

    def video(self, page: str, given: Json) -> str:
        """A video that was uploaded."""
        with self.world() as state:
            if given.get("fbuploader_video_file_chunk") not in part(state, "videos"):
                raise RefusedError(100)
        return self.publish(page, {"message": given.get("description", "")})

    def send(self, page: str, given: Json) -> Json:
        """A private message of a Page: to who wrote, or once to who commented."""
        to, text = given["recipient"], self.words(given["message"].get("text"))
        if on := to.get("comment_id") or to.get("post_id"):
            return self._privately(page, on, text)
        with self.world() as state:
            theirs = [
                one["at"]
                for one in part(state, "messages").values()
                if not one["own"] and (one["page"], one["person"]) == (page, to["id"])
            ]
            age = self.now_s() - max(theirs, default=0)
            allowed = _AGENT_S if given.get("tag") == "HUMAN_AGENT" else _CHAT_S
            if age >= allowed:
                raise RefusedError(10, 2018278)
            return {
                "recipient_id": to["id"],
                "message_id": self.message(to["id"], page, text, own=True),
            }

    def _privately(self, page: str, on: str, text: str) -> Json:
        with self.world() as state:
            found = part(state, "comments").get(on) or part(state, "posts").get(on)
            if found is None:
                raise RefusedError(100, 33)
            if found.get("private"):
                raise RefusedError(10900)
            if self.now_s() - found["at"] >= _AGENT_S:
                raise RefusedError(10, 2018278)
            found["private"] = self.message(found["author"], page, text, own=True)
            return {"recipient_id": found["author"], "message_id": found["private"]}

    # ---- what is pushed

    def _of_comment(self, comment_id: str, verb: str) -> Json:
        with self.world() as state:
            found = part(state, "comments")[comment_id]
        return {
            "item": "comment",
            "verb": verb,
            "comment_id": comment_id,
            "post_id": found["post"],
            "parent_id": found["parent"] or found["post"],
            "message": found["text"],
            "created_time": found["at"],
        } | self._from(found["author"])

    def _of_post(self, post_id: str, verb: str) -> Json:
        with self.world() as state:
            found = part(state, "posts")[post_id]
        return {
            "item": "post",
            "verb": verb,
            "post_id": post_id,
            "message": found["text"],
            "created_time": found["at"],
        } | self._from(found["author"])

    def _tell(self, page: str, value: Json, field: str = "feed") -> None:
        changes = [{"field": field, "value": value}]
        entry = {"id": page, "time": self.now_s(), "changes": changes}
        self.push({"object": "page", "entry": [entry]})


def _time(found: Json) -> str:
    return stamp(datetime.fromtimestamp(found["at"], UTC))
