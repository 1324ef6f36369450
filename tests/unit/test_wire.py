"""Half an emoji in a text: the rest of the page is read all the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pelayanan.protocol.flow import Steps, fetch, flow
from pelayanan.protocol.page import Items, Unreadable
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.wire import readable
from pelayanan.testing import replay


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (rb'{"t":"rumah \ud83d"}', "rumah \ufffd"),
        (rb'{"t":"\ude00 rumah"}', "\ufffd rumah"),
        (rb'{"t":"\uD83D\uD83D\uDE00"}', "\ufffd\U0001f600"),
        (rb'{"t":"\ud83d\u0041"}', "\ufffdA"),
        (rb'{"t":"\\ud83d"}', "\\ud83d"),
        (b'{"t":"rumah \xf0\x9f\x98"}', "rumah \ufffd"),
        (b'\n {"t":"\xff"}', "\ufffd"),
    ],
)
def test_half_a_character_becomes_the_sign_for_it(told: bytes, text: str) -> None:
    assert json.loads(readable(told)) == {"t": text}


@given(st.text(), st.booleans())
def test_what_is_whole_stays_as_it_is(text: str, ascii_only: bool) -> None:  # noqa: FBT001
    body = json.dumps([text], ensure_ascii=ascii_only).encode()
    assert json.loads(readable(body)) == [text]


@given(st.binary())
def test_a_picture_stays_as_it_is(body: bytes) -> None:
    picture = b"\xff\xd8" + body
    assert readable(picture) is picture


@given(st.lists(st.integers(0, 0xFFFF), max_size=8))
def test_any_escapes_can_be_read(units: list[int]) -> None:
    body = b'["' + b"".join(b"\\u%04x" % unit for unit in units) + b'"]'
    (text,) = json.loads(readable(body))
    text.encode()  # no half is left


@flow
def listed() -> Steps[list[str | Unreadable]]:
    return (yield from fetch(Request(operation="uji.list", url="https://uji.example/"), Items[str]))


@pytest.mark.parametrize("half", [rb"\ud83d", b"\xf0\x9f\x98"])
def test_a_page_with_half_an_emoji_is_read(half: bytes) -> None:
    body = b'["halo","rumah ' + half + b'","tiga"]'
    run = replay(listed(), [Response(status=200, body=body)])
    assert run.result == ["halo", "rumah \ufffd", "tiga"]
