"""What a Bluesky server knows by heart: names of records, tokens, rules of a post, views."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeAlias

from pelayanan.text.length import count
from pelayanan.text.links import byte_ranges, find_links

Json: TypeAlias = dict[str, Any]

POST = "app.bsky.feed.post"
_TID = re.compile(r"[234567a-j][234567a-z]{12}")
_CID = re.compile(r"b[a-z2-7]{58}")
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_IMAGE_BYTES = 2_000_000
_FACET = "app.bsky.richtext.facet"


class Refused(Exception):  # noqa: N818  an answer of the server, no failure of the fake
    """An answer that is no success, as the protocol words it."""

    def __init__(self, error: str, message: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.message = message or error
        self.status = status


def iso(at: datetime) -> str:
    """A time as the lexicons want it: sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tid(number: int) -> str:
    """The record key for a number of 63 bits."""
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def did_of(handle: str) -> str:
    """The identity of an account that never changes."""
    return f"did:plc:{_base32(sha256(handle.encode()).digest())[:24]}"


def cid_of(content: Any) -> str:
    """The content's own name: of a record, or of a file's bytes."""
    codec, data = (0x55, content) if isinstance(content, bytes) else (0x71, _canonical(content))
    return "b" + _base32(bytes([1, codec, 0x12, 0x20]) + sha256(data).digest())


def token(claims: Json) -> str:
    """A token that tells its claims and can be told from a forged one."""
    body = base64.urlsafe_b64encode(_canonical(claims)).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.{sha256(body.encode()).hexdigest()[:22]}"


def claims(given: str) -> Json:
    """What a token says.

    Raises:
        Refused: It is none of this server's.
    """
    _, _, rest = given.partition(".")
    body, _, signature = rest.partition(".")
    if signature != sha256(body.encode()).hexdigest()[:22]:
        raise Refused("InvalidToken", "Token could not be verified")
    found: Json = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def marks(text: str, known: Mapping[str, str]) -> list[Json]:
    """The facets that Bluesky's app would find; `known` gives the account behind a handle."""
    spans, found = find_links(text), list[Json]()
    for span, (start, end) in zip(spans, byte_ranges(text, spans), strict=True):
        feature: Json = {"url": {"uri": span.value}, "tag": {"tag": span.value}}.get(span.kind, {})
        if span.kind == "mention" and span.value in known:
            feature = {"did": known[span.value]}
        if feature:
            kind = f"{_FACET}#{'link' if span.kind == 'url' else span.kind}"
            index = {"byteStart": start, "byteEnd": end}
            found.append({"index": index, "features": [{"$type": kind, **feature}]})
    return found


def check_post(rkey: str, record: Json, blobs: Mapping[str, Json]) -> None:
    """Hold a record against the rules that the server checks.

    Raises:
        Refused: One is broken.
    """
    if not _TID.fullmatch(rkey):
        raise Refused("InvalidRequest", f"Invalid record key for {POST}: Invalid TID string")
    text = record.get("text")
    wrong: dict[str, Callable[[], bool]] = {
        "$.record.text": lambda: not isinstance(text, str),
        "grapheme too big (maximum 300)": lambda: count("graphemes", str(text)) > 300,
        "string too big (maximum 3000)": lambda: count("bytes", str(text)) > 3000,
        "$.record.createdAt": lambda: not _is_time(record.get("createdAt")),
        "$.record.facets": lambda: not _facets_fit(str(text), record.get("facets", [])),
        "$.record.reply": lambda: not all(map(_is_ref, record.get("reply", {}).values())),
        "$.record.embed": lambda: not _embed_fits(record.get("embed", {}), blobs),
    }
    for where, is_wrong in wrong.items():
        if is_wrong():
            raise Refused("InvalidRequest", f"Invalid {POST} record: {where}")


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_ref(ref: Json) -> bool:
    return bool(ref["uri"].startswith("at://") and _CID.fullmatch(ref["cid"]))


def _facets_fit(text: str, facets: list[Json]) -> bool:
    ends = 0
    for facet in facets:
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if not ends <= start < end <= len(text.encode()):
            return False
        ends = end
    return True


def _embed_fits(embed: Json, blobs: Mapping[str, Json]) -> bool:
    images = embed.get("images", [])
    files = [each["image"] for each in images] + ([embed["video"]] if "video" in embed else [])
    known = all(blobs.get(file["ref"]["$link"]) == file for file in files)
    small = all(each["image"]["size"] <= _IMAGE_BYTES and "alt" in each for each in images)
    return known and small and len(images) <= 4


def profile(account: Mapping[str, Any]) -> Json:
    """An account as the API shows it."""
    shown: Json = {"did": account["did"], "handle": account["handle"], "labels": []}
    return {**shown, "viewer": {}, **({"displayName": account["name"]} if account["name"] else {})}


def post_view(post: Mapping[str, Any], author: Mapping[str, Any]) -> Json:
    """A post as feeds show it."""
    counts = dict.fromkeys(("replyCount", "repostCount", "likeCount", "quoteCount"), 0)
    names = ("uri", "cid", "record", "indexedAt")
    return {**{name: post[name] for name in names}, "author": profile(author), **counts}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
