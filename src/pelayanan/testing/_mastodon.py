"""How a Mastodon server shows what it knows: the entities of its API, and texts as HTML."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

_MENTION = re.compile(r"(?<![\w=/@])@([A-Za-z0-9_]+)(?:@([\w.-]*\w))?")
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_LINK = re.compile(r"https?://[^\s<]+")


def names_in(text: str, host: str) -> set[str]:
    """The accounts that a text names, as this server calls them."""
    found = {(name, server) for name, server in _MENTION.findall(text)}
    return {name if server in {"", host} else f"{name}@{server}" for name, server in found}


def html(text: str) -> str:
    """A text as the server shows it: paragraphs, breaks, links shortened, names without domain."""
    shown = _MENTION.sub(_name, _LINK.sub(_link, escape(text, quote=False)))
    paragraphs = re.split(r"\n{2,}", shown.strip())
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in paragraphs)


def _link(found: re.Match[str]) -> str:
    scheme, _, rest = found[0].partition("://")
    first, more = rest[:30], rest[30:]
    shape = "ellipsis" if more else ""
    return (
        f'<a href="{found[0]}" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{shape}">{first}</span>'
        f'<span class="invisible">{more}</span></a>'
    )


def _name(found: re.Match[str]) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="https://{found[2] or "sosial.example"}/'
        f'users/{found[1]}" class="u-url mention">@<span>{found[1]}</span></a></span>'
    )


def account(known: Mapping[str, Any], host: str) -> dict[str, Any]:
    """An account as the API shows it."""
    name, _, server = str(known["acct"]).partition("@")
    page = f"https://{server or host}/@{name}"
    return {
        "id": known["id"],
        "username": name,
        "acct": known["acct"],
        "display_name": known["name"],
        "created_at": known["created_at"],
        "bot": False,
        "url": page,
        "uri": f"https://{server or host}/users/{name}",
        **dict.fromkeys(("avatar", "avatar_static", "header", "header_static"), f"{page}.png"),
        **dict.fromkeys(("followers_count", "following_count", "statuses_count"), 0),
        **dict.fromkeys(("group", "locked", "indexable", "discoverable"), False),
        "note": "",
        "emojis": [],
        "fields": [],
    }


def credentials(known: Mapping[str, Any], host: str) -> dict[str, Any]:
    """The own account as the API shows it."""
    source: dict[str, Any] = {
        "note": "",
        "fields": [],
        "privacy": "public",
        "sensitive": False,
        "language": "id",
    }
    source |= {"follow_requests_count": 0, "indexable": False, "hide_collections": False}
    source |= {"attribution_domains": [], "discoverable": False}
    role = {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False}
    return {**account(known, host), "source": source, "role": role}


def status(
    known: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]], host: str
) -> dict[str, Any]:
    """A status as the API shows it."""
    author = account(people[known["account"]], host)
    named = [people[number] for number in known["named"]]
    return {
        "id": known["id"],
        "created_at": known["created_at"],
        "account": author,
        "content": html(known["text"]),
        "visibility": known["visibility"],
        "spoiler_text": known["spoiler_text"],
        "sensitive": bool(known["spoiler_text"]),
        "language": known["language"],
        "in_reply_to_id": known["in_reply_to_id"],
        "in_reply_to_account_id": known["in_reply_to_account_id"],
        "uri": f"{author['uri']}/statuses/{known['id']}",
        "url": f"{author['url']}/{known['id']}",
        "media_attachments": known["media"],
        "mentions": [_named(one, host) for one in named],
        **dict.fromkeys(("favourites_count", "reblogs_count", "replies_count"), 0),
        "tags": [_tag(name, host) for name in sorted({*_HASHTAG.findall(known["text"])})],
        "emojis": [],
        "reblog": None,
        "application": {"name": known["application"], "website": None},
    }


def _tag(name: str, host: str) -> dict[str, str]:
    return {"name": name.lower(), "url": f"https://{host}/tags/{name.lower()}"}


def _named(known: Mapping[str, Any], host: str) -> dict[str, str]:
    shown = account(known, host)
    return {name: shown[name] for name in ("id", "username", "acct", "url")}


def application(scopes: list[str]) -> dict[str, Any]:
    """The application that a token belongs to."""
    here = "urn:ietf:wg:oauth:2.0:oob"
    return {
        "id": "1",
        "name": "pelayanan",
        "website": None,
        "scopes": scopes,
        "redirect_uri": here,
        "redirect_uris": [here],
        "vapid_key": "",
    }


def instance(host: str, max_characters: int) -> dict[str, Any]:
    """The server about itself."""
    return {
        "domain": host,
        "title": "Contoh",
        "version": "4.5.0",
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "",
        "usage": {"users": {"active_month": 1}},
        "thumbnail": {"url": f"https://{host}/thumbnail.png"},
        "icon": [],
        "languages": ["id"],
        "rules": [],
        "api_versions": {"mastodon": 7},
        "registrations": {
            "enabled": False,
            "approval_required": False,
            "message": None,
            "min_age": None,
            "reason_required": False,
            "url": None,
        },
        "contact": {"email": f"admin@{host}", "account": None},
        "configuration": _configuration(host, max_characters),
    }


def _configuration(host: str, max_characters: int) -> dict[str, Any]:
    return {
        "urls": {"streaming": f"wss://{host}"},
        "accounts": {
            "max_display_name_length": 30,
            "max_featured_tags": 10,
            "max_note_length": 500,
            "max_pinned_statuses": 5,
            "max_profile_fields": 4,
            "profile_field_name_limit": 255,
            "profile_field_value_limit": 255,
        },
        "statuses": {
            "max_characters": max_characters,
            "max_media_attachments": 4,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": ["image/jpeg", "image/png", "video/mp4"],
            "description_limit": 1500,
            "image_size_limit": 16_777_216,
            "image_matrix_limit": 33_177_600,
            "video_size_limit": 103_809_024,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8_294_400,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
        "translation": {"enabled": False},
        "vapid": {"public_key": ""},
        "limited_federation": False,
    }
