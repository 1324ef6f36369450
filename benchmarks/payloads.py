"""Listings as the platforms send them, of invented people, made to the specifications.

Every field that the specification requires is there, and those optional ones that servers send.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 1, tzinfo=UTC)
APART = timedelta(seconds=260)  # 10,000 messages in 30 days
AGENCY_DID = "did:plc:dinascontohdinascontoh23"
_TEXTS = (
    "bantuan beras untuk RT 03 belum sampai sejak minggu lalu, kapan ya dibagikan?",
    "jalan depan sekolah rusak & berlubang, sudah dua motor jatuh 🙏 mohon ditinjau",
    "mau tanya syarat surat keterangan usaha, apakah harus datang sendiri?",
    "lampu jalan di gang Melati mati, gelap sekali kalau malam",
    "terima kasih, air sudah mengalir lagi. Petugasnya ramah.",
)


def mastodon_pages(items: int, per_page: int = 80) -> list[bytes]:
    """Answers to ``GET /api/v1/notifications``, the oldest page first."""
    pages = (range(end, end - per_page, -1) for end in range(per_page, items + 1, per_page))
    return [_bytes([_mastodon(number) for number in page]) for page in pages]


def bluesky_pages(items: int, per_page: int = 100, people: int = 997) -> Iterator[bytes]:
    """Answers to ``app.bsky.notification.listNotifications``, the newest page first."""
    for end in range(items, 0, -per_page):
        listed = [
            _bluesky(number, number % people) for number in range(end, max(0, end - per_page), -1)
        ]
        last = end <= per_page
        more = {} if last else {"cursor": listed[-1]["indexedAt"]}
        yield _bytes({"notifications": listed, "priority": False, "seenAt": _at(0)} | more)


def x_pages(items: int, per_page: int = 100, people: int = 997) -> Iterator[bytes]:
    """Answers to ``GET /2/users/{id}/mentions`` with their authors, the newest page first."""
    for end in range(items, 0, -per_page):
        numbers = range(end, max(0, end - per_page), -1)
        authors = dict.fromkeys(number % people for number in numbers)
        meta: dict[str, Any] = {"result_count": len(numbers), "newest_id": _x_id(end)}
        meta |= {"oldest_id": _x_id(numbers[-1])}
        meta |= {} if end <= per_page else {"next_token": f"7140dibdnow9c7btw4{end:08}"}
        includes = {"users": [_x_author(number) for number in authors]}
        data = [_x(number, number % people) for number in numbers]
        yield _bytes({"data": data, "includes": includes, "meta": meta})


def telegram_pages(items: int, per_page: int = 100) -> list[bytes]:
    """Answers to ``getUpdates``, the oldest page first."""
    return [
        _bytes({"ok": True, "result": [_telegram(number) for number in range(first, last)]})
        for first, last in _spans(items, per_page)
    ]


def _spans(items: int, per_page: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + per_page, items)) for first in range(0, items, per_page))


def _bytes(value: Any) -> bytes:
    """JSON as both servers write it: no blanks, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _at(number: int) -> str:
    made = START + number * APART
    return made.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(number: int) -> str:
    return f"{_TEXTS[number % len(_TEXTS)]} ({number})"


def _x_id(number: int) -> str:
    made = START + number * APART
    return str((int(made.timestamp() * 1000) - 1_288_834_974_657 << 22) + number)


def _x_author(number: int) -> dict[str, Any]:
    name = f"warga_contoh_{number:04}"
    return {"id": str(1_550_000_000_000_000_000 + number), "username": name, "name": name.title()}


def _x(number: int, author: int) -> dict[str, Any]:
    """One mention, in the words of before, which the peer reads and X still sends."""
    native = _x_id(number)
    text = f"@dinsos_contoh {_text(number)}"
    named = {"start": 0, "end": 14, "username": "dinsos_contoh", "id": "1550000000000000999"}
    post: dict[str, Any] = {
        "id": native,
        "text": text,
        "author_id": _x_author(author)["id"],
        "created_at": _at(number),
        "conversation_id": native,
        "edit_history_tweet_ids": [native],
        "entities": {"mentions": [named]},
    }
    if number % 4 == 0:
        post["referenced_tweets"] = [{"type": "replied_to", "id": _x_id(number - 1)}]
        post["conversation_id"] = _x_id(number - 1)
    if number % 7 == 0:
        short = f"https://t.co/{_code(native, 10)}"
        link = {"start": len(text) + 1, "end": len(text) + 24, "url": short}
        full = {"expanded_url": "https://lapor.example/aduan", "display_url": "lapor.example/aduan"}
        post["text"], post["entities"]["urls"] = f"{text} {short}", [link | full]
    return post


def _mastodon(number: int) -> dict[str, Any]:
    account = _mastodon_account(number % 997)
    return {
        "id": str(100_000_000 + number),
        "type": "mention",
        "created_at": _at(number),
        "group_key": f"ungrouped-{100_000_000 + number}",
        "account": account,
        "status": _mastodon_status(number, account),
    }


def _mastodon_status(number: int, account: dict[str, Any]) -> dict[str, Any]:
    id_ = str(114_000_000_000_000_000 + number)
    text = _text(number).replace("&", "&amp;")
    link = '<a href="https://sosial.example/@dinsos" class="u-url mention">@<span>dinsos</span></a>'
    return {
        "id": id_,
        "created_at": _at(number),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "id",
        "uri": f"https://contoh.example/users/{account['username']}/statuses/{id_}",
        "url": f"https://contoh.example/@{account['username']}/{id_}",
        "replies_count": 0,
        "reblogs_count": number % 3,
        "favourites_count": number % 7,
        "quotes_count": 0,
        "edited_at": None,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "content": f'<p><span class="h-card" translate="no">{link}</span> {text}</p>',
        "filtered": [],
        "reblog": None,
        "quote": None,
        "account": account,
        "media_attachments": [_mastodon_photo(number)] if number % 10 == 0 else [],
        "mentions": [
            {
                "id": "9",
                "username": "dinsos",
                "url": "https://sosial.example/@dinsos",
                "acct": "dinsos",
            }
        ],
        "tags": [{"name": "lapor", "url": "https://sosial.example/tags/lapor"}],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def _mastodon_account(number: int) -> dict[str, Any]:
    name = f"warga_contoh_{number}"
    picture = f"https://berkas.contoh.example/accounts/avatars/{number:09d}/original/foto.png"
    return {
        "id": str(110_000_000_000_000_000 + number),
        "username": name,
        "acct": f"{name}@contoh.example",
        "display_name": f"Warga Contoh {number}",
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": False,
        "group": False,
        "created_at": "2023-01-05T00:00:00.000Z",
        "note": "<p>Warga biasa. Suka kopi dan sepeda.</p>",
        "url": f"https://contoh.example/@{name}",
        "uri": f"https://contoh.example/users/{name}",
        "avatar": picture,
        "avatar_static": picture,
        "avatar_description": "",
        "header": picture.replace("avatars", "headers"),
        "header_static": picture.replace("avatars", "headers"),
        "header_description": "",
        "followers_count": 12 + number,
        "following_count": 80,
        "statuses_count": 400 + number,
        "last_status_at": "2026-11-01",
        "hide_collections": False,
        "emojis": [],
        "fields": [{"name": "Kota", "value": "Bengkulu", "verified_at": None}],
    }


def _mastodon_photo(number: int) -> dict[str, Any]:
    place = f"https://berkas.contoh.example/media_attachments/{number}/original/foto.jpg"
    size = {"width": 1280, "height": 960, "size": "1280x960", "aspect": 1.3333}
    return {
        "id": str(number),
        "type": "image",
        "url": place,
        "preview_url": place.replace("original", "small"),
        "remote_url": place,
        "preview_remote_url": None,
        "text_url": None,
        "meta": {"original": size, "small": size},
        "description": "Lubang di jalan",
        "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
    }


def _bluesky(number: int, author: int) -> dict[str, Any]:
    did = f"did:plc:{_code(f'warga{author}', 24)}"
    post = f"at://{did}/app.bsky.feed.post/{_code(f'post{number}', 13)}"
    text = f"@dinsos.example.test {_text(number)}"[:300]
    end = len("@dinsos.example.test")
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "createdAt": _at(number),
        "facets": [
            {
                "$type": "app.bsky.richtext.facet",
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": AGENCY_DID}],
                "index": {"byteStart": 0, "byteEnd": end},
            }
        ],
        "langs": ["id"],
        "text": text,
    }
    if number % 4 == 0:
        record["reply"] = {"parent": _ref(number - 1), "root": _ref(number - 2)}
    if number % 10 == 0:
        record["embed"] = _bluesky_photo(number)
    return {
        "uri": post,
        "cid": _cid(f"post{number}"),
        "author": _bluesky_author(author, did),
        "reason": "reply" if "reply" in record else "mention",
        **({"reasonSubject": record["reply"]["parent"]["uri"]} if "reply" in record else {}),
        "record": record,
        "isRead": False,
        "indexedAt": _at(number),
        "labels": [],
    }


def _bluesky_author(number: int, did: str) -> dict[str, Any]:
    return {
        "did": did,
        "handle": f"warga-contoh-{number}.example.test",
        "displayName": f"Warga Contoh {number}",
        "avatar": f"https://cdn.example.test/img/avatar/plain/{did}/{_cid(f'foto{number}')}@jpeg",
        "associated": {
            "chat": {"allowIncoming": "following"},
            "activitySubscription": {"allowSubscriptions": "followers"},
        },
        "viewer": {"muted": False, "blockedBy": False},
        "labels": [],
        "createdAt": "2024-02-07T10:00:00.000Z",
        "description": "Warga biasa. Suka kopi dan sepeda.",
        "indexedAt": "2026-10-07T10:00:00.000Z",
    }


def _bluesky_photo(number: int) -> dict[str, Any]:
    picture = {
        "$type": "blob",
        "ref": {"$link": _cid(f"foto{number}")},
        "mimeType": "image/jpeg",
        "size": 250_000 + number,
    }
    image = {"alt": "Lubang di jalan", "image": picture}
    image["aspectRatio"] = {"width": 1280, "height": 960}
    return {"$type": "app.bsky.embed.images", "images": [image]}


def _ref(number: int) -> dict[str, str]:
    uri = f"at://{AGENCY_DID}/app.bsky.feed.post/{_code(f'jawab{number}', 13)}"
    return {"uri": uri, "cid": _cid(f"jawab{number}")}


def _code(of: str, length: int) -> str:
    """Letters and digits of base32 as identities and record keys have them."""
    digits = "234567abcdefghijklmnopqrstuvwxyz"
    made = hashlib.sha256(of.encode()).digest()
    return "".join(digits[byte & 31] for byte in made)[:length].replace("z", "a", 1)


def _cid(of: str) -> str:
    """The name of a record's content (CIDv1, dag-cbor, sha-256)."""
    from base64 import b32encode  # noqa: PLC0415  beside its use

    made = bytes([1, 0x71, 0x12, 0x20]) + hashlib.sha256(of.encode()).digest()
    return "b" + b32encode(made).decode().rstrip("=").lower()


def _telegram(number: int) -> dict[str, Any]:
    author = 200_000_000 + number % 997
    name = {"first_name": "Warga", "last_name": f"Contoh {number % 997}"}
    text = f"/lapor {_text(number)}"
    message = {
        "message_id": 1000 + number,
        "from": {"id": author, "is_bot": False, **name, "language_code": "id"},
        "chat": {"id": author, **name, "type": "private"},
        "date": int((START + number * APART).timestamp()),
        "text": text,
        "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
    }
    return {"update_id": 500_000_000 + number, "message": message}
