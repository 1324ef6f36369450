"""What Google's platforms share: tokens, refusals, the walk through a listing."""

import json
import sys
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    QuotaError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TokenExpiredError,
)
from pelayanan.models import Finding
from pelayanan.platforms import _google_check as check
from pelayanan.platforms._google import (
    Google,
    Token,
    base_of,
    by_refresh_token,
    by_service_account,
)
from pelayanan.platforms._google_sweep import Depth, Found, Sweep
from pelayanan.protocol.flow import Flow
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.protocol.request import Response
from pelayanan.protocol.throttle import Throttle
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TOKEN_URL = "https://google.example/token"


class Clock:
    """A time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def google(clock: Any = lambda: NOW, grant: Any = None, **more: Any) -> Google:
    return Google(
        "uji",
        grant or by_refresh_token("klien", "rahasia-klien", "rahasia-segar"),
        token_url=TOKEN_URL,
        clock=clock,
        throttle=Throttle(10, 1.0),
        **more,
    )


def ask(account: Google, **more: Any) -> Flow[Response]:
    call = account.request("lihat", "https://google.example/v1/x", **more)
    return Flow("uji", account.send(call))


def token(text: str = "a1", **more: Any) -> Response:
    return answer({"access_token": text, "expires_in": 3600, **more})


def refusal(code: int, reason: str = "", /, *, date: str = "", **error: Any) -> Response:
    body: dict[str, Any] = {"code": code, "message": "rahasia-isi", **error}
    body |= {"errors": [{"reason": reason, "domain": "global"}]} if reason else {}
    return answer({"error": body}, status=code, date=date)


# --- tokens -----------------------------------------------------------------------------------


def test_a_token_is_got_once_and_used_until_it_ends() -> None:
    clock = Clock()
    account = google(clock)
    first = replay(ask(account), [token(), answer({})])
    assert first.requests[0].url == TOKEN_URL
    assert first.requests[0].form == {
        "grant_type": "refresh_token",
        "client_id": "klien",
        "client_secret": "rahasia-klien",
        "refresh_token": "rahasia-segar",
    }
    assert first.requests[1].headers == {"Authorization": "Bearer a1"}
    clock.now += timedelta(seconds=3530)
    replay(ask(account), [answer({})])
    clock.now += timedelta(seconds=20)  # it would end on the way
    again = replay(ask(account), [token("a2"), answer({})])
    assert again.requests[1].headers["Authorization"] == "Bearer a2"


def test_a_token_that_google_took_back_is_renewed_once() -> None:
    account = google()
    run = replay(ask(account), [token(), refusal(401), token("a2"), answer({})])
    assert [call.operation for call in run.requests] == [
        "uji.token",
        "uji.lihat",
        "uji.token",
        "uji.lihat",
    ]
    with pytest.raises(TokenExpiredError):
        replay(ask(account), [refusal(401), token("a3"), refusal(401)])


def test_a_consent_that_ended_needs_a_person() -> None:
    with pytest.raises(ReauthRequiredError, match="invalid_grant") as caught:
        replay(ask(google()), [answer({"error": "invalid_grant"}, status=400)])
    assert "Testing" in caught.value.remedy
    for refused in (answer("?", status=403), answer({"error": "invalid_client"}, status=401)):
        with pytest.raises(ReauthRequiredError):
            replay(ask(google()), [refused])
    with pytest.raises(ServerError):
        replay(ask(google()), [answer(None, status=503)])


def test_reads_may_be_repeated_and_writes_may_not() -> None:
    account = google()
    assert account.request("lihat", "https://google.example").repeatable
    assert not account.request("tulis", "https://google.example", method="POST").repeatable


@pytest.mark.parametrize("parts", [("", "b", "c"), ("a", "", "c"), ("a", "b", "")])
def test_a_consent_has_three_parts(parts: tuple[str, str, str]) -> None:
    with pytest.raises(ConfigError, match="all three"):
        by_refresh_token(*parts)


def test_tokens_do_not_travel_in_the_open() -> None:
    with pytest.raises(ConfigError, match="base_url"):
        base_of("http://google.example")
    assert base_of("http://127.0.0.1:8000/") == "http://127.0.0.1:8000"
    with pytest.raises(ConfigError, match="token_url"):
        Google(
            "uji",
            by_refresh_token("a", "b", "c"),
            token_url="http://google.example/token",
            clock=lambda: NOW,
            throttle=Throttle(1, 1.0),
        )


def test_secrets_are_shown_nowhere() -> None:
    account = google()
    run = replay(ask(account), [token("rahasia-akses"), answer({})])
    shown = repr(run) + repr(vars(account)) + repr(account)
    for status in (400, 401, 403, 404, 429, 500):
        refused = [token("rahasia-akses"), refusal(status, "x")]
        with pytest.raises(PlatformError) as caught:
            replay(ask(google()), refused * (2 if status == 401 else 1))
        shown += repr(caught.value) + str(vars(caught.value))
    assert "rahasia" not in shown


# --- service accounts -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> Any:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_file(key: Any, **more: Any) -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra

    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    known = {"client_email": "cron@contoh.example", "private_key_id": "k1", "private_key": text}
    return json.dumps(known | more)


def test_a_service_account_signs_its_claim(key: Any) -> None:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415  an extra

    form = by_service_account(SecretStr(key_file(key)), "https://s.example/x", TOKEN_URL)(NOW)
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claim, signature = form["assertion"].split(".")
    assert json.loads(unpacked(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(unpacked(claim)) == {
        "iss": "cron@contoh.example",
        "scope": "https://s.example/x",
        "aud": TOKEN_URL,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    }
    signed = f"{head}.{claim}".encode()
    key.public_key().verify(unpacked(signature), signed, padding.PKCS1v15(), hashes.SHA256())
    account = google(grant=by_service_account(key_file(key), "s", TOKEN_URL))
    run = replay(ask(account), [token(), answer({})])
    assert set(run.requests[0].form or {}) == {"grant_type", "assertion"}


def unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("text", ["", "rusak", "{}", '{"client_email": "a"}'])
def test_a_key_file_is_what_google_gave(text: str) -> None:
    with pytest.raises(ConfigError, match="JSON key file"):
        by_service_account(text, "s", TOKEN_URL)


def test_a_key_must_be_one(key: Any) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  an extra

    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for text in ("rusak", other.decode()):
        grant = by_service_account(key_file(key, private_key=text), "s", TOKEN_URL)
        with pytest.raises(ConfigError, match="no RSA key"):
            grant(NOW)


def test_without_the_extra_its_name_is_told(key: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = by_service_account(key_file(key), "s", TOKEN_URL)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(ConfigError, match=r"pelayanan\[sign\]"):
        grant(NOW)


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (refusal(403, "quotaExceeded"), QuotaError),
        (refusal(403, "rateLimitExceeded"), RateLimitError),
        (refusal(429, status="RESOURCE_EXHAUSTED"), RateLimitError),
        (refusal(403, "accessNotConfigured"), AccessTierError),
        (refusal(403, details=[{"reason": "SERVICE_DISABLED"}]), AccessTierError),
        (refusal(403, "forbidden", status="PERMISSION_DENIED"), AuthError),
        (refusal(404, "lain"), NotFoundError),
        (refusal(400, "lain"), RejectedError),
        (refusal(500, "backendError"), ServerError),
        (answer("bukan json", status=503), ServerError),
        (answer("bukan json", status=400), RejectedError),
        (answer(None, status=302), RejectedError),
        (refusal(400, "khusus"), NotFoundError),
    ],
)
def test_refusals_are_read_by_their_reason(refused: Response, error: type[PlatformError]) -> None:
    account = google(reasons={"khusus": NotFoundError})
    with pytest.raises(error) as caught:
        replay(ask(account), [token(), refused])
    assert type(caught.value) is error
    assert "isi" not in str(caught.value)  # Google repeats there what was sent


def test_a_project_that_was_not_let_in_has_a_quota_of_nothing() -> None:
    nothing = {"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit_value": "0"}}
    refused = refusal(429, status="RESOURCE_EXHAUSTED", details=[nothing])
    with pytest.raises(AccessTierError, match="quota of this project is 0"):
        replay(ask(google()), [token(), refused])


@pytest.mark.parametrize(
    ("date", "hours"),
    [
        ("Fri, 20 Nov 2026 05:00:00 GMT", 3.0),  # 21:00 the day before in California
        ("Wed, 01 Jul 2026 08:00:00 GMT", 23.0),
        ("Sun, 01 Nov 2026 08:00:00 GMT", 24.0),  # the day has 25 hours; an hour is gone already
    ],
)
def test_a_used_up_quota_says_when_the_next_day_begins(date: str, hours: float) -> None:
    with pytest.raises(QuotaError) as caught:
        replay(ask(google()), [token(), refusal(403, "quotaExceeded", date=date)])
    assert caught.value.retry_after == pytest.approx(hours * 3600)


def test_without_a_date_nobody_knows_when() -> None:
    with pytest.raises(QuotaError) as caught:
        replay(ask(google()), [token(), refusal(403, "quotaExceeded")])
    assert caught.value.retry_after is None


# --- findings ---------------------------------------------------------------------------------


def found(error: PlatformError) -> Finding:
    return check.refused_finding(error)


def test_findings_name_whose_task_it_is() -> None:
    told = {
        kind: found(kind("x", operation="uji.lihat"))
        for kind in (AccessTierError, QuotaError, AuthError, NotFoundError, ServerError)
    }
    names = ["access", "limits", "token", "account", "server"]
    assert [each.name for each in told.values()] == names
    assert "konfigurasi" in told[NotFoundError].remedy  # a wrong package is not the network's fault
    assert all(each.remedy and not each.ok for each in told.values())


def test_a_consent_in_testing_is_found_before_it_ends() -> None:
    lasting = Token(access_token=SecretStr("a"), scope="x https://s.example/y")
    assert check.token_finding(lasting).ok
    short = lasting.model_copy(update={"refresh_token_expires_in": 3 * 86_400 + 5})
    assert check.token_finding(short).detail == "izin berakhir dalam 3 hari"
    assert check.scope_finding(lasting, "https://s.example/y").ok
    assert not check.scope_finding(lasting, "https://s.example/z").ok
    assert check.scope_finding(Token(access_token=SecretStr("a")), "https://s.example/z").ok


@pytest.mark.parametrize(
    ("date", "ok", "detail"),
    [
        ("Fri, 20 Nov 2026 05:00:10 GMT", True, "-10"),
        ("Fri, 20 Nov 2026 04:00:00 GMT", False, "+3600"),
        ("", True, "tidak"),
    ],
)
def test_the_clock_is_compared(date: str, detail: str, *, ok: bool) -> None:
    told = check.clock_finding({"date": date} if date else {}, NOW)
    assert (told.ok, detail in told.detail) == (ok, True)


# --- the walk ---------------------------------------------------------------------------------

DEPTH = Depth(whole=timedelta(days=30))


def item(name: str, hours: float, changed: float | None = None, **more: Any) -> Found[str]:
    at = NOW - timedelta(hours=hours)
    late = at if changed is None else NOW - timedelta(hours=changed)
    return Found(name, at, late, more.get("record", name))


def walk(
    listed: list[Found[str]],
    cursor: str | None = None,
    *,
    place: str | None = None,
    now: datetime = NOW,
    depth: Depth = DEPTH,
) -> Page[str]:
    sweep = Sweep.resume("uji/1", cursor).begun(now, depth)
    return sweep.page("uji/1", listed, place, depth)


def test_a_walk_tells_each_item_once() -> None:
    first = walk([item("b", 1), item("a", 2)])
    assert (first.items, first.more) == (("a", "b"), False)
    again = walk([item("c", 0.5), item("b", 1), item("a", 2)], first.cursor)
    assert again.items == ("c",)
    assert walk([item("c", 0.5)], again.cursor).items == ()


def test_a_walk_ends_below_the_mark_and_not_at_something_pinned() -> None:
    first = walk([item("b", 1), item("a", 2)])
    page = walk([item("b", 1), item("a", 2)], first.cursor, place="p2")
    assert not page.more
    page = walk([item("pinned", 900), item("d", 0.1), item("c", 0.2)], first.cursor, place="p2")
    assert (page.more, page.items) == (True, ("c", "d"))  # told in another order than it came


def test_a_walk_that_is_cut_short_goes_on() -> None:
    first = walk([item("d", 1), item("c", 2)], place="p2")
    assert first.more
    second = walk([item("c", 2), item("b", 3)], first.cursor, place="p3")
    assert second.items == ("b",)
    last = walk([item("a", 4)], second.cursor)
    assert (last.items, last.more) == (("a",), False)
    assert walk([item("e", 0.9), item("d", 1)], last.cursor).items == ("e",)


def test_a_deep_walk_that_is_cut_short_tells_nothing_twice() -> None:
    listed = [item(str(hours), hours) for hours in range(1, 40)]
    first = walk(listed)
    day = NOW + timedelta(hours=30)
    new = [item("new", -29)]
    cut = walk(new, first.cursor, place="p2", now=day)
    assert (cut.items, cut.more) == (("new",), True)
    assert walk(listed, cut.cursor, now=day).items == ()


def test_what_was_written_while_a_deep_walk_lay_cut_short_for_days_is_told() -> None:
    """As where the quota of the day is used up: the walk goes on below what is new."""
    cut = walk([item("b", 1)], place="p2")
    later = NOW + timedelta(days=3)
    old = NOW - timedelta(hours=9)
    reply = Found("reply", old, later, "reply")
    rest = walk([Found("a", old, old, "a"), reply], cut.cursor, now=later)
    assert (rest.items, rest.more) == (("a", "reply"), False)
    assert walk([item("c", -24), item("b", 1)], rest.cursor, now=later).items == ("c",)


def test_a_place_that_stands_still_ends_the_walk() -> None:
    first = walk([item("b", 1)], place="p2")
    assert not walk([item("a", 2)], first.cursor, place="p2").more


def test_a_place_that_was_forgotten_begins_the_walk_anew() -> None:
    first = walk([item("b", 1)], place="p2")
    sweep = Sweep.resume("uji/1", first.cursor).anew()
    page = sweep.page("uji/1", [item("c", 0.5), item("b", 1), item("a", 2)], None, DEPTH)
    assert page.items == ("a", "c")


def test_late_replies_in_old_places_are_seen_by_a_deep_walk() -> None:
    listed = [item("b", 1), Found("old", NOW - timedelta(days=9), NOW - timedelta(days=9), "old")]
    first = walk(listed)
    reply = Found("reply", NOW - timedelta(days=9), NOW + timedelta(hours=1), "reply")
    soon = walk([*listed, reply], first.cursor, now=NOW + timedelta(hours=2), place="p2")
    assert not soon.more  # ends at the mark: what comes on this page is told all the same
    assert soon.items == ("reply",)
    deep = walk([*listed, reply], first.cursor, now=NOW + timedelta(hours=7))
    assert deep.items == ("reply",)
    assert walk([*listed, reply], deep.cursor, now=NOW + timedelta(hours=14)).items == ()


def test_an_edit_is_told_again() -> None:
    first = walk([item("a", 2)])
    edited = item("a", 2, changed=-1, record="a!")
    assert walk([edited], first.cursor).items == ("a!",)


def test_a_deep_walk_ends_at_its_age_and_others_at_the_mark() -> None:
    old = [item("a", 31 * 24)]
    assert not walk(old, place="p2").more
    assert walk(old, place="p2", depth=Depth(whole=None)).more


def test_what_is_of_no_interest_is_passed_and_what_is_unreadable_is_told_once() -> None:
    bad = Unreadable("x", "rusak")
    nameless: Found[str] = Found("", None, None, Unreadable("", "rusak"))
    listed: list[Found[str]] = [item("own", 1, record=None), Found("x", None, None, bad), nameless]
    first = walk(listed)
    assert (first.items, first.unreadable) == ((), (Unreadable("", "rusak"), bad))
    assert walk(listed, first.cursor).unreadable == (Unreadable("", "rusak"),)


def test_a_cursor_does_not_grow_for_ever() -> None:
    first = walk([item(str(number), 1 + number / 1000) for number in range(3000)])
    assert len(first.items) == 3000
    assert len(first.cursor) < 40_000


@pytest.mark.parametrize("cursor", ["lain/1:{}", "uji/1:{", 'uji/1:{"mark": 5, "told": []}'])
def test_a_strange_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ConfigError, match="uji/1"):
        walk([], cursor)
