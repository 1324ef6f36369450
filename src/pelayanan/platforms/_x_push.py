"""What X pushes: handshake, signature, age, and what stands in it.

Two forms: the X Activity API (one event a body) and the older Account Activity API, which still
wraps direct messages.
Source: reference: platforms.md, 1 (Webhooks); https://docs.x.com/x-api/webhooks/quickstart and
.../activity/event-payloads; Account Activity from memory (unverified).
"""

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from pelayanan.errors import AuthError, ConfigError
from pelayanan.models import Secret
from pelayanan.platforms._x import DmEvent, Includes, Post
from pelayanan.platforms._x_read import Around, Reader
from pelayanan.protocol.page import Unreadable, why
from pelayanan.protocol.webhook import Deleted, Edited, Elsewhere, Pushed

__all__ = ["Webhook", "events", "signature"]

_HEADER = "x-twitter-webhooks-signature"
_REMEDY = "administrator: compare consumer_secret with the app's keys; anybody can call this"
# X signs with the key that answers its questions: whoever asks may choose what is signed, so that
# only what cannot be a body is answered
_QUESTION = re.compile(r"[A-Za-z0-9+/=_.~-]{1,256}")
_POST: TypeAdapter[Post] = TypeAdapter(Post)
_DM: TypeAdapter[DmEvent] = TypeAdapter(DmEvent)
_INCLUDES: TypeAdapter[Includes] = TypeAdapter(Includes)
_NOBODY: dict[str, Any] = {}
_MENTIONS = frozenset({"post.mention.create", "post.reply.create", "post.quote.create"})


def signature(consumer_secret: str, body: bytes) -> str:
    """The header that X puts beside a body, and its answer to a question."""
    digest = hmac.new(consumer_secret.encode(), body, sha256).digest()
    return f"sha256={b64encode(digest).decode()}"


class Webhook:
    """One account's address for webhooks.

    Args:
        consumer_secret: Of the app ("API key secret"); without it nothing can be verified.
        oldest_days: How old an event may be.
    """

    def __init__(self, consumer_secret: Secret | None, oldest_days: float) -> None:
        self._secret = consumer_secret
        self._oldest = timedelta(days=oldest_days)

    def handshake(self, params: Mapping[str, str]) -> str | None:
        """The answer to X's question, as JSON; ``None`` where it is not X's."""
        question = params.get("crc_token", "")
        if self._secret is None or not _QUESTION.fullmatch(question):
            return None
        answer = signature(self._secret.get_secret_value(), question.encode())
        return json.dumps({"response_token": answer})

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Make sure that X sent these bytes, not too long ago.

        Raises:
            AuthError: It did not, or nobody can tell.
            ConfigError: The account has no `consumer_secret`.
        """
        if self._secret is None:
            raise ConfigError("x.webhook: consumer_secret is missing, so anybody could write")
        given = [value for name, value in headers.items() if name.lower() == _HEADER]
        wanted = signature(self._secret.get_secret_value(), body)
        if len(given) != 1 or not hmac.compare_digest(
            given[0].strip().encode(errors="replace"), wanted.encode()
        ):
            raise _refused("the signature is missing or wrong")
        newest = max(_times(body), default=None)
        if newest is not None and newest < now - self._oldest:
            raise _refused("it is too old: somebody repeats it")


def events(body: bytes, reader: Reader) -> Iterator[Pushed]:
    """Everything that a body tells about one account."""
    try:
        told = _dict(from_json(body))
    except ValueError:
        yield Unreadable("", "no JSON")
        return
    if "for_user_id" in told:
        yield from _older(told, str(told["for_user_id"]), reader)
    elif isinstance(told.get("data"), dict):
        yield from _activity(_dict(told["data"]), reader)
    else:
        yield Unreadable("", "data (missing)")


def _activity(data: dict[str, Any], reader: Reader) -> Iterator[Pushed]:
    kind, payload = str(data.get("event_type", "")), _dict(data.get("payload"))
    user = str(_dict(data.get("filter")).get("user_id", ""))
    around, known = _around(data.get("includes"))
    reader = _known(reader, known, user)
    if user and reader.user_id and user != reader.user_id:
        yield Elsewhere(_name_of(user, known))
    elif kind in _MENTIONS:
        yield from _post(payload, around, reader)
    elif kind == "post.create":
        found = _valid(_POST, payload)
        answer = found if isinstance(found, Unreadable) else reader.answer(found)
        yield from () if answer is None else (answer,)
    elif kind == "post.delete" and payload.get("id"):
        yield Deleted(str(payload["id"]), by_author=True)
    elif kind in {"dm.received", "dm.sent"}:
        if "direct_message_events" in payload:
            yield from _older(payload, user, reader)
        else:
            yield from _message(payload, around, reader)


def _older(told: dict[str, Any], user: str, reader: Reader) -> Iterator[Pushed]:
    """The Account Activity API, whose objects have other names."""
    people = [_user(key, one) for key, one in _dict(told.get("users")).items()]
    reader = _known(reader, people, user)
    if user and reader.user_id and user != reader.user_id:
        yield Elsewhere(_name_of(user, people))
        return
    for one in _list(told.get("tweet_create_events")):
        author, files = _dict(one.get("user")), _files_of(one)
        by = [_user(str(author.get("id_str", "")), author)]
        around, _ = _around({"users": by, "media": files})
        yield from _post(_with_files(_as_post(one), files), around, reader)
    for one in _list(told.get("tweet_delete_events")):
        if gone := _dict(one.get("status")).get("id"):
            yield Deleted(str(gone), by_author=True)
    for one in _list(told.get("direct_message_events")):
        if one.get("type", "message_create") == "message_create":
            files = _files_of(_dict(_dict(one.get("message_create")).get("message_data")))
            around, _ = _around({"users": people, "media": files})
            yield from _message(_with_files(_as_message(one), files), around, reader)


def _post(payload: dict[str, Any], around: Around, reader: Reader) -> Iterator[Pushed]:
    found = _valid(_POST, payload)
    if isinstance(found, Unreadable):
        yield found
        return
    if found.get("author_id") == reader.user_id and reader.user_id:
        answer = reader.answer(found)
        yield from () if answer is None else (answer,)
        return
    mention = reader.mention(found, around)
    if isinstance(mention, Unreadable):
        yield mention
    elif mention is not None:
        yield mention if mention.id == found["id"] else Edited(mention)


def _message(payload: dict[str, Any], around: Around, reader: Reader) -> Iterator[Pushed]:
    found = _valid(_DM, payload)
    if isinstance(found, Unreadable):
        yield found
        return
    answer = reader.said(found)
    told = reader.message(found, around) if answer is None else answer
    yield from () if told is None else (told,)


def _as_post(one: dict[str, Any]) -> dict[str, Any]:
    """A post of the older API in the newer names."""
    parent = one.get("in_reply_to_status_id_str")
    kinds = [("replied_to", parent), ("quoted", one.get("quoted_status_id_str"))]
    kinds.append(("retweeted", _dict(one.get("retweeted_status")).get("id_str")))
    whole = _dict(one.get("extended_tweet"))
    return {
        "id": one.get("id_str"),
        "text": whole.get("full_text") or one.get("text"),
        "author_id": _dict(one.get("user")).get("id_str"),
        "created_at": _date(one.get("created_at")),
        "entities": {"urls": _dict(whole.get("entities") or one.get("entities")).get("urls")},
        "referenced_tweets": [{"type": kind, "id": to} for kind, to in kinds if to],
    }


def _as_message(one: dict[str, Any]) -> dict[str, Any]:
    inner = _dict(one.get("message_create"))
    sender, target = inner.get("sender_id"), _dict(inner.get("target")).get("recipient_id")
    data = _dict(inner.get("message_data"))
    pair = sorted(filter(None, (sender, target)), key=lambda each: (len(str(each)), str(each)))
    return {
        "id": one.get("id"),
        "text": data.get("text"),
        "sender_id": sender,
        "created_at": _date(one.get("created_timestamp")),
        "dm_conversation_id": "-".join(map(str, pair)) if len(pair) == 2 else None,
        "entities": {"urls": _dict(data.get("entities")).get("urls")},
    }


def _files_of(one: dict[str, Any]) -> list[dict[str, Any]]:
    """What a post or a message of the older API carries, in the newer names."""
    whole = _dict(one.get("extended_tweet")) or one
    told = _list(_dict(whole.get("extended_entities")).get("media"))
    told += _list([_dict(one.get("attachment")).get("media")])
    return [
        {
            "media_key": str(each.get("id_str") or each.get("url")),
            "type": each.get("type"),
            "url": each.get("media_url_https"),
            "alt_text": each.get("ext_alt_text"),
            "short": each.get("url"),
        }
        for each in told
    ]


def _with_files(one: dict[str, Any], files: list[dict[str, Any]]) -> dict[str, Any]:
    """With its files; their addresses stand in the text, as X wrote them there."""
    keys = [each["media_key"] for each in files]
    links = [{"url": each["short"], "media_key": each["media_key"]} for each in files]
    urls = links + _list(_dict(one["entities"]).get("urls"))
    return {**one, "entities": {"urls": urls}, "attachments": {"media_keys": keys}}


def _around(includes: object) -> tuple[Around, list[dict[str, Any]]]:
    """People and files, some of them wrapped once more in ``data``."""
    told = dict(_dict(includes))
    people = [_dict(one.get("data")) or one for one in _list(told.get("users"))]
    told["users"] = people
    try:
        return Around(_INCLUDES.validate_python(told)), people
    except ValidationError:
        return Around(None), people


def _known(reader: Reader, people: list[dict[str, Any]], user: str) -> Reader:
    """The reader with its own id, where only the body tells it: an address is one account's."""
    if reader.user_id:
        return reader
    name = reader.username.casefold()
    own = (one for one in people if str(one.get("username", "")).casefold() == name)
    return Reader(reader.username, str(next(own, _NOBODY).get("id", "")) or user)


def _name_of(user: str, people: list[dict[str, Any]]) -> str:
    found = next((one for one in people if one.get("id") == user), _NOBODY)
    return str(found.get("username") or user)


def _user(key: str, one: object) -> dict[str, Any]:
    known = _dict(_dict(one).get("data")) or _dict(one)
    name = known.get("screen_name") or known.get("username")
    return {"id": known.get("id_str") or key, "username": name, "name": known.get("name")}


def _valid(shape: TypeAdapter[Any], payload: dict[str, Any]) -> Any:
    try:
        return shape.validate_python(payload)
    except ValidationError as error:
        return Unreadable(str(payload.get("id") or ""), why(error))


def _times(body: bytes) -> Iterator[datetime]:
    """When what a body tells happened; accounts have times of their own, which say nothing."""
    try:
        told = _dict(from_json(body))
    except ValueError:
        return
    payload = _dict(_dict(told.get("data")).get("payload"))
    every = [payload]
    for holder in (told, payload):
        for name in ("tweet_create_events", "tweet_delete_events", "direct_message_events"):
            every += _list(holder.get(name))
    for one in every:
        for name in ("created_at", "created_timestamp", "timestamp_ms"):
            if (at := _moment(_date(one.get(name)))) is not None:
                yield at


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None


def _date(value: object) -> object:
    """Milliseconds of Unix and dates as in a mail, as the older API writes them."""
    text = str(value)
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        if isinstance(value, str) and " +" in value:
            day = value.split()  # "Fri Nov 20 02:14:09 +0000 2026"
            return parsedate_to_datetime(f"{day[0]}, {day[2]} {day[1]} {day[5]} {day[3]} {day[4]}")
    except (ValueError, OverflowError, OSError, IndexError, TypeError):
        return None
    return value


def _refused(reason: str) -> AuthError:
    error = AuthError(reason, operation="x.webhook")
    error.remedy = _REMEDY
    return error


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        return []
    return [one for one in cast("list[object]", value) if isinstance(one, dict)]
