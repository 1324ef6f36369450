"""What a fake Mastodon server knows: people, statuses, notifications, files."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pelayanan.protocol.request import Upload
from pelayanan.testing import _mastodon as show
from pelayanan.testing.fake import Fake

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")
_OPEN = ("public", "unlisted")


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.headers = headers or {}


def part(state: Json, name: str) -> Json:
    """One table of the world."""
    found: Json = state.setdefault(name, {})
    return found


def window(
    listed: Sequence[T],
    params: Mapping[str, Any],
    most: int,
    *,
    key: Callable[[T], int],
    keep: Callable[[T], bool],
) -> list[T]:
    """Cut a listing, given oldest first, as the server does; newest first comes back.

    ``min_id`` takes what follows it, ``since_id`` and ``max_id`` what is newest.
    """
    limit = min(int(params.get("limit", most)), most)
    low = bisect_right(listed, int(params.get("min_id") or params.get("since_id") or 0), key=key)
    before = params.get("max_id")
    high = bisect_left(listed, int(before), key=key) if before else len(listed)
    forward = bool(params.get("min_id"))
    places = range(low, high) if forward else range(high - 1, low - 1, -1)
    found = [*islice(filter(keep, (listed[place] for place in places)), limit)]
    return found[::-1] if forward else found


class MastodonWorld(Fake):
    """The state of a server and what changes it; the API is in `FakeMastodon`."""

    host = "sosial.example"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "sosial.example",
        agency: str = "dinsos",
        polls: int = 2,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host
        self._default = agency
        self._polls = polls

    def post(
        self,
        acct: str,
        text: str,
        *,
        visibility: str = "public",
        reply_to: str | None = None,
        spoiler_text: str = "",
    ) -> str:
        """Publish a status in the app, tell whom it names, and return its id."""
        body = {"status": text, "visibility": visibility, "in_reply_to_id": reply_to}
        with self.world():
            found = self._publish(acct, {**body, "spoiler_text": spoiler_text}, "Web")
            return str(found["id"])

    def edit(self, status_id: str, text: str) -> None:
        """Change a status, as its author does; nobody is told again."""
        with self.world() as state:
            part(state, "statuses")[status_id]["text"] = text

    def delete(self, status_id: str) -> None:
        """Take a status away, as its author does; answers to it stay and lose what they answer."""
        with self.world() as state:
            gone = part(state, "statuses").pop(status_id)
            part(state, "posts")[gone["account"]].remove(status_id)
            for child in part(state, "children").pop(status_id, []):
                if answer := part(state, "statuses").get(child):
                    answer.update(in_reply_to_id=None, in_reply_to_account_id=None)
            if siblings := part(state, "children").get(gone["in_reply_to_id"]):
                siblings.remove(status_id)
            for told in part(state, "notifications").values():
                told[:] = [one for one in told if one.get("status") != status_id]

    def tell(self, kind: str, acct: str, status_id: str) -> None:
        """Notify the author of a status of something other than a mention."""
        with self.world() as state:
            to = part(state, "statuses")[status_id]["account"]
            self._notify(to, {"type": kind, "from": self._person(acct), "status": status_id})

    def notify(self, agency: str = "", **fields: Any) -> None:
        """Put a notification into an agency's list, as strange as you like."""
        with self.world():
            self._notify(self._person(agency or self._default), {"raw": fields})

    def status(self, status_id: str) -> Json:
        """A status as the API shows it."""
        with self.world() as state:
            if status_id not in part(state, "statuses"):
                raise RefusedError(404, "Record not found")
            known = part(state, "statuses")[status_id]
            return show.status(known, part(state, "people"), self.host)

    def replies(self, status_id: str) -> list[Json]:
        """What stands under a status, oldest first, whoever wrote it."""
        with self.world() as state:
            return [self.status(one) for one in part(state, "children").get(status_id, [])]

    @property
    def answers(self) -> list[Json]:
        """What agencies published through the API, oldest first."""
        with self.world() as state:
            known = part(state, "statuses")
            return [self.status(one) for one in known if known[one]["application"] == "pelayanan"]

    @property
    def uploads(self) -> list[Json]:
        """The files that the server was given: `description`, `media_type`, `sha256`."""
        with self.world() as state:
            return list(part(state, "media").values())

    def _person(self, acct: str) -> str:
        with self.world() as state:
            ids, people = part(state, "accts"), part(state, "people")
            if acct not in ids:
                number = str(101 + len(ids))
                name = f"{acct.partition('@')[0].capitalize()} Contoh"
                born = self._now()
                people[number] = {"id": number, "acct": acct, "name": name, "created_at": born}
                ids[acct] = number
            return str(ids[acct])

    def _publish(self, acct: str, body: Mapping[str, Any], application: str) -> Json:
        with self.world() as state:
            statuses, author = part(state, "statuses"), self._person(acct)
            parent = body.get("in_reply_to_id")
            if parent and not self._visible(str(parent), author):
                raise RefusedError(404, "The post you are trying to reply to does not appear")
            named = self._named(str(body.get("status") or ""), author)
            status: Json = {
                "id": str(self.number()),
                "account": author,
                "created_at": self._now(skewed=self.strikes("clock_skew")),
                "text": str(body.get("status") or ""),
                "visibility": body.get("visibility") or "public",
                "spoiler_text": body.get("spoiler_text") or "",
                "language": body.get("language") or "id",
                "in_reply_to_id": parent or None,
                "in_reply_to_account_id": statuses[parent]["account"] if parent else None,
                "named": named,
                "media": [self._media_shown(one) for one in body.get("media_ids") or ()],
                "application": application,
            }
            statuses[status["id"]] = status
            part(state, "posts").setdefault(author, []).append(status["id"])
            if parent:
                part(state, "children").setdefault(parent, []).append(status["id"])
            for number in named:
                told = {"type": "mention", "from": author, "status": status["id"]}
                self._notify(number, told)
            return status

    def _named(self, text: str, author: str) -> list[str]:
        """Whom a text reaches: accounts that the server knows, the author apart."""
        with self.world() as state:
            self._person(self._default)
            known = part(state, "accts")
            names = show.names_in(text, self.host)
            return [known[one] for one in sorted(names) if known.get(one, author) != author]

    def _notify(self, to: str, told: Json) -> None:
        with self.world() as state:
            numbered = {"id": str(self.number()), "created_at": self._now(), **told}
            part(state, "notifications").setdefault(to, []).append(numbered)

    def _visible(self, status_id: str, reader: str) -> bool:
        with self.world() as state:
            known = part(state, "statuses").get(status_id)
            return known is not None and (
                known["visibility"] in _OPEN or reader in {known["account"], *known["named"]}
            )

    def _descendants(self, status_id: str, reader: str) -> list[str]:
        """Depth first, as the server gives them."""
        with self.world() as state:
            found: list[str] = []
            for child in part(state, "children").get(status_id, []):
                found += [child] if self._visible(child, reader) else []
                found += self._descendants(child, reader)
            return found

    def _told(self, known: Json) -> Json:
        """A notification as the API shows it."""
        head = {"id": known["id"], "type": "mention", "created_at": known["created_at"]}
        if "raw" in known:
            return {**head, "group_key": f"ungrouped-{known['id']}", **known["raw"]}
        with self.world() as state:
            return {
                **head,
                "type": known["type"],
                "group_key": f"ungrouped-{known['id']}",
                "account": show.account(part(state, "people")[known["from"]], self.host),
                "status": self.status(known["status"]),
            }

    def _keep_file(self, upload: Upload, description: str) -> Json:
        with upload.open() as file:
            content = file.read()
        kind = upload.media_type.partition("/")[0]
        if kind not in {"image", "video"}:
            raise RefusedError(422, "Validation failed: File type is not supported")
        known: Json = {
            "id": str(self.number()),
            "type": kind,
            "description": description,
            "media_type": upload.media_type,
            "sha256": sha256(content).hexdigest(),
            "polls": self._polls if kind == "video" else 0,
        }
        with self.world() as state:
            part(state, "media")[known["id"]] = known
        return known

    def _media_shown(self, media_id: str) -> Json:
        with self.world() as state:
            known = part(state, "media")
            if media_id not in known:
                raise RefusedError(404, "Record not found")
            one, page = known[media_id], f"https://{self.host}/media/{media_id}"
        return {
            "id": media_id,
            "type": one["type"],
            "url": None if one["polls"] > 0 else page,
            "preview_url": f"{page}/small",
            "remote_url": None,
            "description": one["description"] or None,
            "blurhash": None,
            "meta": {},
        }

    def _now(self, *, skewed: bool = False) -> str:
        ahead = timedelta(minutes=10 if skewed else 0)
        return (self.clock() + ahead).astimezone(UTC).isoformat().replace("+00:00", "Z")
