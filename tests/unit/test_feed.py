"""Feeds as sites write them, and as nobody should."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan.errors import ConfigError, ContractError
from pelayanan.models import Mention
from pelayanan.platforms import Feed
from pelayanan.protocol.page import Page
from pelayanan.protocol.request import Response
from pelayanan.testing import replay

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://berita.example/rss"


def feed() -> Feed:
    return Feed(URL, clock=lambda: NOW)


def rss(items: str, before: str = "") -> bytes:
    head = f"<?xml version='1.0'?>{before}<rss version='2.0'><channel><title>Berita Contoh</title>"
    return f"{head}{items}</channel></rss>".encode()


def read(body: bytes, cursor: str | None = None, **headers: str) -> Page[Mention]:
    page: Page[Mention] = replay(feed().entries(cursor), [Response(200, headers, body)]).result
    return page


def item(number: int, text: str = "Jalan rusak", **more: str) -> str:
    more = {"pubDate": f"Tue, 24 Nov 2026 0{number}:00:00 +0700", **more}
    rest = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return f"<item><guid>g{number}</guid><title>{text}</title>{rest}</item>"


def test_entries_come_oldest_first_as_plain_text() -> None:
    summary = "&lt;p&gt;Lubang &amp;amp; genangan&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;"
    found = read(rss(item(3) + item(2, description=summary, link="https://berita.example/2")))
    first, second = found.items
    assert (first.id, second.id) == ("g2", "g3")
    assert first.text == "Jalan rusak\nLubang & genangan"
    assert first.url == "https://berita.example/2"
    assert first.author.id == first.author.handle == "berita.example"
    assert first.author.name == "Berita Contoh"
    assert first.created_at == datetime(2026, 11, 23, 19, tzinfo=UTC)
    assert not found.more


def test_atom_is_read_like_rss_and_its_author_is_left_out() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Kota</title><entry><id>urn:1</id>
    <title type="html">Air &amp;lt;b&amp;gt;mati</title><updated>2026-11-24T03:00:00Z</updated>
    <author><name>Wati Contoh</name></author><link href="https://kota.example/1"/>
    <summary>Sejak pagi</summary></entry></feed>"""
    (found,) = read(body).items
    assert found.text.endswith("mati\nSejak pagi")
    assert found.url == "https://kota.example/1"
    assert "Wati" not in found.model_dump_json()


def test_what_was_told_is_not_told_again_and_what_did_not_change_is_not_fetched() -> None:
    page = read(rss(item(1)), etag='"v1"', **{"last-modified": "Tue, 24 Nov 2026 00:00:00 GMT"})
    run = replay(feed().entries(page.cursor), [Response(304)])
    asked = run.requests[0].headers
    assert asked["If-None-Match"] == '"v1"'
    assert asked["If-Modified-Since"] == "Tue, 24 Nov 2026 00:00:00 GMT"
    assert run.result.items == ()
    assert run.result.cursor == page.cursor
    assert [each.id for each in read(rss(item(2) + item(1)), page.cursor).items] == ["g2"]


@pytest.mark.parametrize("mark", ['"sébelas"', "x" * 500])
def test_a_mark_that_no_header_can_carry_is_not_kept(mark: str) -> None:
    page = read(rss(item(1)), etag=mark, **{"last-modified": mark})
    (asked,) = replay(feed().entries(page.cursor), [Response(304)]).requests
    assert set(asked.headers) == {"Accept"}


@pytest.mark.parametrize(
    ("told", "utc_hour"),
    [
        ("Tue, 24 Nov 2026 10:00:00 +0700", 3),
        ("Tue, 24 Nov 2026 10:00:00 WIB", 3),
        ("Selasa, 24 November 2026 10:00 WITA", 2),
        ("Sel, 24 Nov 2026 10:00:00 WIT", 1),
        ("24 Nov 2026 10:00:00 GMT+7", 3),
        ("24 Nov 2026 10:00 UTC+07:00", 3),
        ("Tue, 24 Nov 2026 01:00:00 EST", 6),  # RSS has the names of RFC 822
        ("Tue, 24 Nov 2026 01:00:00 PDT", 8),
        ("Tue, 24 Nov 2026 10:00:00 XYZ", 10),
        ("24/11/2026 10:00", 10),
        ("2026-11-24T10:00:00Z", 10),
        ("2026-11-24 10:00:00", 10),
        ("Tue, 24 Nov 2036 10:00:00 GMT", 12),  # the future is the present
        ("besok", 12),
        ("10:002026000000000000000000000000000000000001pm", 12),
        ("", 12),
    ],
)
def test_times_are_understood_as_sites_here_write_them(told: str, utc_hour: int) -> None:
    (found,) = read(rss(item(1, pubDate=told))).items
    assert found.created_at == datetime(2026, 11, 24, utc_hour, tzinfo=UTC)


def test_months_have_indonesian_names() -> None:
    (found,) = read(rss(item(1, pubDate="Rab, 26 Agt 2026 10:00:00 +0700"))).items
    assert found.created_at == datetime(2026, 8, 26, 3, tzinfo=UTC)


@pytest.mark.parametrize("told", ["05/11/2026", "5-11-2026", "2026-11-05", "2026/11/05"])
def test_in_numbers_the_day_stands_before_the_month(told: str) -> None:
    (found,) = read(rss(item(1, pubDate=f"{told} 10:00 WIB"))).items
    assert found.created_at == datetime(2026, 11, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"<html><body>Masuk</body></html>", b"/etc/hostname", b"{}"])
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ContractError, match="no RSS or Atom feed"):
        read(body)


def test_a_body_that_names_a_file_or_an_address_opens_nothing(tmp_path: Path) -> None:
    place = tmp_path / "rahasia.xml"
    place.write_bytes(rss(item(1, "rahasia")))
    for body in (str(place), place.as_uri(), "http://127.0.0.1:9/rss"):
        with pytest.raises(ContractError):
            read(body.encode())


def test_an_entity_that_names_a_file_stays_empty(tmp_path: Path) -> None:
    place = tmp_path / "rahasia.txt"
    place.write_text("rahasia")
    outside = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{place.as_uri()}">]>'
    page = read(rss(item(1, "&x;", description="isi"), outside))
    assert "rahasia" not in repr(page)


def test_an_entity_that_grows_a_thousand_million_times_does_not() -> None:
    grown = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    begun = time.process_time()
    page = read(rss(item(1, "&l9;"), f"<!DOCTYPE a [{grown}]>"))
    assert len(repr(page)) < 5000
    assert time.process_time() - begun < 30


@pytest.mark.parametrize("piece", ["<a>", "<item>", "<", "&", "<![CDATA[", "<!--", "&lt;a "])
def test_damaged_markup_ends(piece: str) -> None:
    begun = time.process_time()
    try:
        page = read(rss(f"<item><title>{piece * 20_000}"))
        assert all(len(each.text) <= 2000 for each in page.items)
    except ContractError:
        pass
    assert time.process_time() - begun < 30


def test_a_huge_feed_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ContractError, match="more than 2 MiB"):
        read(rss(item(1, "x" * 2_100_000)))


def test_an_empty_entry_is_set_aside_and_long_ones_are_cut() -> None:
    page = read(rss("<item><guid>kosong</guid></item>" + item(1, description="x" * 9000)))
    assert [(each.id, each.reason) for each in page.unreadable] == [
        ("kosong", "it has neither title nor text")
    ]
    assert len(page.items[0].text) == 2000


def test_an_empty_entry_is_told_once_and_again_when_it_has_words() -> None:
    empty = rss("<item><guid>g1</guid></item>")
    first = read(empty)
    assert len(first.unreadable) == 1
    assert read(empty, first.cursor).unreadable == ()
    assert [each.id for each in read(rss(item(1)), first.cursor).items] == ["g1"]


def test_a_link_that_is_a_program_is_no_address() -> None:
    (found,) = read(rss(item(1, link="javascript:x()"))).items
    assert found.url is None


@pytest.mark.parametrize(
    "url", ["berita.example/rss", "file:///etc/hostname", "https://a:b@berita.example/rss"]
)
def test_only_plain_web_addresses_are_feeds(url: str) -> None:
    with pytest.raises(ConfigError, match="must be like"):
        Feed(url)


def test_a_damaged_cursor_is_told() -> None:
    with pytest.raises(ConfigError, match="unreadable cursor"):
        replay(feed().entries("feed/1:{"), [])


def test_without_the_library_it_is_named(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "feedparser", None)
    with pytest.raises(ConfigError, match=r"pelayanan\[feeds\]"):
        read(rss(item(1)))


def test_whatever_the_library_trips_over_is_told_as_no_feed(monkeypatch: Any) -> None:
    def trip(*_: Any, **__: Any) -> None:
        raise RecursionError("isi yang rahasia")

    monkeypatch.setattr("feedparser.parse", trip)
    with pytest.raises(ContractError, match=r"\(RecursionError\)") as told:
        read(rss(item(1)))
    assert "rahasia" not in str(told.value)


def test_an_old_entry_that_is_listed_for_years_is_told_once() -> None:
    body = rss(item(1, pubDate="Tue, 24 Nov 2020 10:00:00 +0700"))
    page = read(body)
    assert page.items[0].created_at < NOW - timedelta(days=2000)
    assert read(body, page.cursor).items == ()
