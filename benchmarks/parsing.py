"""10,000 notifications, page by page: bytes to records, as our flows and the peers' clients do it.

The network is left out on both sides: each client is given the same bytes.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import payloads
from measure import Row, at_least, at_most, in_turns

ITEMS = 10_000


def rows() -> Iterable[Row]:
    """Each platform against its peer, and against `json.loads` of the same bytes."""
    yield from _x(list(payloads.x_pages(ITEMS)))
    yield from _mastodon(payloads.mastodon_pages(ITEMS))
    yield from _bluesky(list(payloads.bluesky_pages(ITEMS)))
    yield from _telegram(payloads.telegram_pages(ITEMS))


def _x(pages: list[bytes]) -> Iterable[Row]:
    what = "parse a mention on X"
    plain = in_turns(lambda: ours_x(pages), lambda: _loads(pages))
    yield at_most(what, "json.loads", plain, 1.5, ITEMS)
    peer = in_turns(lambda: ours_x(pages), lambda: _tweepy(pages), turns=5)
    yield at_least(what, "tweepy", peer, 4, ITEMS)


def _telegram(pages: list[bytes]) -> Iterable[Row]:
    what = "parse a message on Telegram"
    plain = in_turns(lambda: ours_telegram(pages), lambda: _loads(pages))
    yield at_most(what, "json.loads", plain, 1.5, ITEMS)
    peer = in_turns(lambda: ours_telegram(pages), lambda: _telegram_bot(pages), turns=5)
    yield at_least(what, "python-telegram-bot", peer, 1, ITEMS)


def _mastodon(pages: list[bytes]) -> Iterable[Row]:
    what = "parse a Mastodon notification"
    plain = in_turns(lambda: ours_mastodon(pages), lambda: _loads(pages))
    yield at_most(what, "json.loads", plain, 1.5, ITEMS)
    few = pages[:10]  # the peer takes its time
    peer = in_turns(lambda: ours_mastodon(few), lambda: _mastodon_py(few), turns=5)
    yield at_least(what, "Mastodon.py", peer, 100, 10 * len(json.loads(few[0])))


def _bluesky(pages: list[bytes]) -> Iterable[Row]:
    what = "parse a Bluesky notification"
    plain = in_turns(lambda: ours_bluesky(pages), lambda: _loads(pages))
    yield at_most(what, "json.loads", plain, 1.5, ITEMS)
    peer = in_turns(lambda: ours_bluesky(pages), lambda: _atproto(pages), turns=5)
    yield at_least(what, "atproto", peer, 3, ITEMS)


def _loads(pages: list[bytes]) -> None:
    for page in pages:
        json.loads(page)


def ours_x(pages: list[bytes]) -> None:
    """Our flow, from cursor to cursor, with what each page costs counted."""
    from pelayanan.platforms.x import X  # noqa: PLC0415  one peer at a time

    account = X(
        "dinsos_contoh",
        "tanda-contoh",
        user_id="1550000000000000999",
        direct_messages=False,
        look_back_days=3_650,
    )
    _walk(account.mentions, [], pages)


def ours_telegram(pages: list[bytes]) -> None:
    """Our flow, from cursor to cursor."""
    from pelayanan.platforms.telegram import Telegram  # noqa: PLC0415  one peer at a time

    account = Telegram("123456:tanda-contoh", handle="dinsos_contoh_bot")
    _walk(account.mentions, [], pages)


def ours_mastodon(pages: list[bytes]) -> None:
    """Our flow, from cursor to cursor."""
    from pelayanan.platforms.mastodon import Mastodon  # noqa: PLC0415  one peer at a time

    _walk(Mastodon("https://sosial.example", "tanda-contoh").mentions, [], pages)


def ours_bluesky(pages: list[bytes]) -> None:
    """Our flow, from cursor to cursor, the login included."""
    from pelayanan.platforms.bluesky import Bluesky  # noqa: PLC0415  one peer at a time

    account = Bluesky("dinsos.example.test", "sandi-contoh", base_url="https://pds.example.test")
    session = {"did": payloads.AGENCY_DID, "accessJwt": "jwt", "refreshJwt": "jwt"}
    _walk(account.mentions, [json.dumps(session).encode()], pages)


def _walk(listing: Callable[..., Any], first: list[bytes], pages: list[bytes]) -> None:
    from pelayanan.protocol.request import Response  # noqa: PLC0415
    from pelayanan.testing import replay  # noqa: PLC0415

    cursor, seen = None, 0
    for body in pages:
        answers = [Response(200, {}, each) for each in (*first, body)]
        page = replay(listing(cursor), answers).result
        seen, cursor, first = seen + len(page.items), page.cursor, []
    assert seen == sum(len(_items(json.loads(body))) for body in pages[:1]) * len(pages)


def _items(listed: Any) -> list[Any]:
    if isinstance(listed, dict):
        found: list[Any] = next(
            listed[name] for name in ("notifications", "data", "result") if name in listed
        )
        return found
    whole: list[Any] = listed
    return whole


def _tweepy(pages: list[bytes]) -> None:
    import requests  # noqa: PLC0415
    import tweepy  # noqa: PLC0415

    left = iter(pages)

    class Session(requests.Session):
        def request(self, *_: Any, **__: Any) -> requests.Response:
            made = requests.Response()
            made.status_code, made._content = 200, next(left)
            made.headers["Content-Type"] = "application/json; charset=utf-8"
            return made

    client = tweepy.Client("tanda-contoh")
    client.session = Session()
    for _ in pages:
        found = client.get_users_mentions("1550000000000000999")
        assert found.data[0].text
        assert found.includes["users"][0].username


def _mastodon_py(pages: list[bytes]) -> None:
    import mastodon  # noqa: PLC0415
    import requests  # noqa: PLC0415

    left = iter(pages)

    class Session(requests.Session):
        def request(self, *_: Any, **__: Any) -> requests.Response:
            made = requests.Response()
            made.status_code, made._content = 200, next(left)
            made.headers["Content-Type"] = "application/json; charset=utf-8"
            return made

    client = mastodon.Mastodon(
        access_token="tanda-contoh",
        api_base_url="https://sosial.example",
        session=Session(),
        ratelimit_method="throw",
        version_check_mode="none",
    )
    for _ in pages:
        found = client.notifications(types=["mention"])
        assert found[0].status.content


def _atproto(pages: list[bytes]) -> None:
    import httpx  # noqa: PLC0415
    from atproto import Client  # noqa: PLC0415
    from atproto_client.request import Request, _parse_response  # noqa: PLC0415

    left = iter(pages)

    class Replayed(Request):
        def get(self, *_: Any, **__: Any) -> Any:
            kind = {"content-type": "application/json; charset=utf-8"}
            return _parse_response(httpx.Response(200, headers=kind, content=next(left)))

    client = Client(base_url="https://pds.example.test", request=Replayed())
    for _ in pages:
        found = client.app.bsky.notification.list_notifications()
        assert found.notifications[0].record.text


def _telegram_bot(pages: list[bytes]) -> None:
    import asyncio  # noqa: PLC0415

    from telegram import Bot  # noqa: PLC0415
    from telegram.request import BaseRequest  # noqa: PLC0415

    left = iter(pages)

    class Replayed(BaseRequest):
        read_timeout = 5.0

        async def initialize(self) -> None: ...

        async def shutdown(self) -> None: ...

        async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
            return 200, next(left)

    async def ask() -> None:
        bot = Bot("123456:tanda-contoh", request=Replayed(), get_updates_request=Replayed())
        for _ in pages:
            found = await bot.get_updates(limit=100)
            assert found[0].message.text

    asyncio.run(ask())
