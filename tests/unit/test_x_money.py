"""X: tokens that serve once, and money that is counted."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.drivers.vault import DefaultVault, secret
from pelayanan.errors import (
    ConfigError,
    PlatformError,
    QuotaError,
    ReauthRequiredError,
    StoreError,
    TransportError,
)
from pelayanan.models import Author, Mention, Secret
from pelayanan.platforms import X
from pelayanan.platforms._x import id_of
from pelayanan.platforms._x_costs import PRICES, Spending, prices_of
from pelayanan.protocol.flow import Keep, Lease
from pelayanan.protocol.request import Response
from pelayanan.testing import FakeX, answer, replay

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
US = "1550000000000000001"
EMPTY = answer({"meta": {"result_count": 0}})
FRESH = answer(
    {"access_token": "akses-2", "refresh_token": "segar-2", "expires_in": 7200, "scope": "a b"}
)
UNAUTHORIZED = answer({"title": "Unauthorized"}, status=401)


def token(**more: Any) -> str:
    return json.dumps({"access_token": "akses-1", "refresh_token": "segar-1", **more})


def account(given: str | Secret = "", **more: Any) -> X:
    given = given or token()
    known = {"user_id": US, "client_id": "klien", "clock": lambda: NOW, "direct_messages": False}
    return X("dinsos_contoh", given, **{**known, **more})


def bearers(run: Any) -> list[str]:
    return [one.headers.get("Authorization", "").removeprefix("Bearer ") for one in run.requests]


def test_a_token_that_ended_is_renewed_before_it_is_used() -> None:
    soon = (NOW + timedelta(seconds=30)).isoformat()
    run = replay(account(token(expires=soon)).mentions(), [FRESH, EMPTY])
    assert bearers(run) == ["", "akses-2"]
    assert run.requests[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "segar-1",
        "client_id": "klien",
    }
    assert not run.requests[0].repeatable  # a refresh token serves once
    before, kept = run.kept  # the old one first: a full disk is known before it is used up
    assert json.loads(before.get_secret_value())["refresh_token"] == "segar-1"
    stored = json.loads(kept.get_secret_value())
    assert stored == {
        "access_token": "akses-2",
        "refresh_token": "segar-2",
        "expires": "2026-11-20T06:00:00Z",
        "scope": "a b",
    }


def test_a_refused_token_is_renewed_once() -> None:
    run = replay(account().mentions(), [UNAUTHORIZED, FRESH, EMPTY])
    assert bearers(run) == ["akses-1", "", "akses-2"]
    with pytest.raises(PlatformError, match="not valid any more"):
        replay(account().mentions(), [UNAUTHORIZED, FRESH, UNAUTHORIZED])


def test_a_token_that_holds_is_left_alone() -> None:
    later = (NOW + timedelta(hours=1)).isoformat()
    run = replay(account(token(expires=later)).mentions(), [EMPTY])
    assert bearers(run) == ["akses-1"]
    renewed = replay(account(token(expires=later)).renew(), [FRESH])
    assert [*renewed.kept][-1].get_secret_value().startswith('{"access_token":"akses-2"')


def test_a_confidential_client_shows_its_secret() -> None:
    run = replay(account(client_secret="rahasia").renew(), [FRESH])
    assert run.requests[0].headers["Authorization"] == "Basic a2xpZW46cmFoYXNpYQ=="


def test_what_cannot_be_renewed_needs_a_person() -> None:
    for given, more in (("akses", {}), (token(), {"client_id": ""})):
        with pytest.raises(ReauthRequiredError) as error:
            replay(account(given, **more).mentions(), [UNAUTHORIZED])
        assert "refresh_token" in error.value.remedy
    with pytest.raises(ReauthRequiredError, match="used up") as lapsed:
        replay(account().renew(), [answer({"error": "invalid_request"}, status=400)])
    assert lapsed.value.remedy.startswith("administrator")


def test_a_token_endpoint_that_is_away_is_no_reason_to_log_in() -> None:
    with pytest.raises(PlatformError) as error:
        replay(account().renew(), [answer({}, status=503)])
    assert not isinstance(error.value, ReauthRequiredError)


def test_the_new_token_is_durable_before_it_is_used(tmp_path: Path) -> None:
    place = tmp_path / "token"
    place.write_text(token())
    place.chmod(0o600)
    fake = FakeX(clock=lambda: NOW)
    fake.agency(token="lain", refresh="segar-1")
    with Client(transport=fake, sleep=lambda _: None) as client:
        x = account(secret(f"file:{place}"))
        assert list(client.mentions(x)) == []
        stored = json.loads(place.read_text())
        assert stored["refresh_token"].startswith("segar-")
        assert stored["refresh_token"] != "segar-1"
        # a second process with the token of before finds what the first one kept
        late = account(Secret(token(), source=f"file:{place}"))
        assert list(client.mentions(late)) == []
        assert json.loads(place.read_text()) == stored


def test_a_full_disk_uses_up_no_refresh_token(tmp_path: Path) -> None:
    class Full(DefaultVault):
        def keep(self, secret: Secret) -> None:
            raise StoreError(f"{secret.source}: no space left")

    place = tmp_path / "token"
    place.write_text(token())
    place.chmod(0o600)
    fake = FakeX(clock=lambda: NOW)
    fake.agency(token="lain", refresh="segar-1")
    x = account(secret(f"file:{place}"))
    with Client(transport=fake, vault=Full()) as client, pytest.raises(StoreError):
        list(client.mentions(x))
    with Client(transport=fake) as client:
        assert list(client.mentions(x)) == []
    assert json.loads(place.read_text())["refresh_token"] != "segar-1"


def test_a_token_from_the_environment_cannot_be_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", token())
    fake = FakeX(clock=lambda: NOW)
    fake.agency(token="lain", refresh="segar-1")
    with Client(transport=fake) as client, pytest.raises(ConfigError, match="cannot be rewritten"):
        list(client.mentions(account(secret("env:X_TOKEN"))))


def test_of_many_flows_one_renews_and_the_others_use_what_it_got() -> None:
    x = account()
    slow = iter(x.mentions())
    request = next(slow)
    assert request.headers["Authorization"] == "Bearer akses-1"  # type: ignore[union-attr]
    replay(x.renew(), [FRESH])
    again = slow.throw(_expired())
    assert again.headers["Authorization"] == "Bearer akses-2"  # type: ignore[union-attr]
    slow.close()


def test_who_waited_for_the_lease_does_not_renew_again() -> None:
    x = account()
    waiting = iter(x.renew())
    lease = next(waiting)
    assert isinstance(lease, Lease)
    replay(x.renew(), [FRESH])
    assert list(lease.work(Secret(token()))) == []  # nothing is asked, nothing is kept
    waiting.close()


def _expired() -> PlatformError:
    from pelayanan.platforms._x_errors import classifier  # noqa: PLC0415  here only

    error = classifier(None)("x.uji", UNAUTHORIZED)
    assert error is not None
    return error


def spending(**more: Any) -> Spending:
    known: dict[str, Any] = {"month_limit": None, "run_limit": None, "session": None}
    known |= {"kept_for_answers": 0.2, **more}
    return Spending(prices_of(known.pop("prices", None)), known.pop("clock", lambda: NOW), **known)


def add(money: Spending, *paid: tuple[str, str]) -> list[str]:
    """Count, and give what was made durable."""
    kept: list[str] = []
    told: dict[str, list[str]] = {}
    for kind, native in paid:
        told.setdefault(kind, []).append(native)
    for effect in money.add(told):
        assert isinstance(effect, Lease)
        kept += _kept(effect.work(Secret("", source="file:x")))
    return kept


def _kept(steps: Iterable[Any]) -> list[str]:
    return [one.secret.get_secret_value() for one in steps if isinstance(one, Keep)]


def test_each_thing_is_paid_for_once_a_day() -> None:
    money = spending()
    add(money, ("post_read", "1"), ("post_read", "2"), ("user_read", "7"), ("post_read", "1"))
    assert money.cost({"post_read": ["1", "3"]}) == PRICES["post_read"]
    assert "US$ 0.020" in money.finding().detail
    add(money, ("post_read", "1"), ("user_read", "7"))
    assert "US$ 0.020" in money.finding().detail
    for _ in range(2):
        add(money, ("dm_create", ""))
    assert "US$ 0.050" in money.finding().detail


def test_a_new_day_pays_again_and_a_new_month_begins_with_nothing() -> None:
    at = [NOW]
    money = spending(clock=lambda: at[0])
    add(money, ("post_read", "1"))
    at[0] = NOW + timedelta(days=1)
    add(money, ("post_read", "1"))
    assert "US$ 0.010" in money.finding().detail
    at[0] = NOW + timedelta(days=30)
    assert "US$ 0.000" in money.finding().detail


def test_reading_stops_first_and_answers_go_on() -> None:
    money = spending(month_limit="0.05")
    assert money.items("mentions", ["owned_read"], 100, 5) == 40  # a fifth is for answers
    add(money, *(("owned_read", str(number)) for number in range(38)))
    with pytest.raises(QuotaError, match=r"month_limit of US\$ 0.05") as full:
        money.items("mentions", ["owned_read"], 100, 5)
    assert "next month" in full.value.remedy
    money.allow("reply", PRICES["summoned_reply"])
    add(money, ("summoned_reply", ""))
    with pytest.raises(QuotaError):
        money.allow("reply", PRICES["summoned_reply"])
    free = spending(run_limit=1, prices={"owned_read": 0})
    assert free.items("x", ["owned_read"], 100, 5) == 100


def test_a_run_has_a_limit_of_its_own() -> None:
    money = spending(run_limit=0.01, month_limit=10)
    add(money, ("summoned_reply", ""))
    with pytest.raises(QuotaError, match="run_limit") as full:
        money.allow("reply", PRICES["summoned_reply"])
    assert "next run" in full.value.remedy


def test_what_was_spent_outlives_the_process() -> None:
    place = Secret("", source="file:x")
    money = spending(month_limit=1, session=place)
    (kept,) = add(money, ("post_read", "1"), ("dm_create", ""))
    assert json.loads(kept)["usd"] == "0.020"
    assert "1" not in json.loads(kept)["told"]  # nobody is found by it
    later = spending(month_limit=1, session=Secret(kept, source="file:x"))
    assert later.cost({"post_read": ["1"]}) == 0
    assert add(later, ("post_read", "1")) == []
    assert "US$ 0.020" in later.finding().detail
    damaged = spending(month_limit=1, session=Secret("rusak", source="file:x"))
    assert "US$ 0.000" in damaged.finding().detail


def test_two_processes_keep_one_limit(tmp_path: Path) -> None:
    place = tmp_path / "biaya"
    fake = FakeX(clock=lambda: NOW)
    for number in range(3):
        fake.citizen(f"warga_{number}").post(f"@dinsos_contoh {number}")
    made = [
        account("akses", month_limit="0.20", session=Secret("", source=f"file:{place}"))
        for _ in range(2)
    ]
    with Client(transport=fake, sleep=lambda _: None) as client:
        assert len(list(client.mentions(made[0]))) == 3
        assert json.loads(place.read_text())["usd"] == "0.045"  # three posts and their authors
        assert len(list(client.mentions(made[1]))) == 3
        assert json.loads(place.read_text())["usd"] == "0.045"  # already paid for today
        fake.citizen("warga_9").post("@dinsos_contoh baru")
        (mention, *_) = client.mentions(made[1])
        client.reply(made[1], mention, "Siap", key="k")
        assert json.loads(place.read_text())["usd"] == "0.070"


def test_a_limit_that_is_reached_sends_nothing() -> None:
    who = Author(id="7", handle="warga")
    mention = Mention(platform="x", id=str(id_of(NOW)), author=who, text="x", created_at=NOW)
    poor = account("akses", run_limit="0.001")
    with pytest.raises(QuotaError):
        replay(poor.mentions(), [])
    with pytest.raises(QuotaError):
        replay(poor.publish("Paket", key="k"), [])
    with pytest.raises(QuotaError):
        replay(poor.reply(mention, "Siap", key="k"), [])
    with pytest.raises(QuotaError):
        replay(poor.search("bansos"), [])
    with pytest.raises(QuotaError):
        replay(account("akses", run_limit="0.001", user_id="").mentions(), [])
    some = account("akses", month_limit="0.5")
    run = replay(some.mentions(), [EMPTY])
    assert run.requests[0].params["max_results"] == 20  # with authors, and posts referred to


def test_a_listing_asks_for_no_more_than_what_is_left_pays_for() -> None:
    def size(cursor: str | None = None, **more: Any) -> Any:
        poor = account("akses", month_limit="0.5", **more)
        return replay(poor.mentions(cursor), [EMPTY]).requests[0].params["max_results"]

    assert size(dialect="tweet") == 26  # that vocabulary brings no posts referred to
    assert size('x/1:{"todo":["dm"]}', direct_messages=True) == 20  # with who wrote them
    search = account("akses", month_limit="0.5", search_page=100).search("bansos")
    assert replay(search, [EMPTY]).requests[0].params["max_results"] == 20


@pytest.mark.parametrize("private", [False, True])
def test_an_answer_is_looked_for_and_sent_when_reading_has_stopped(*, private: bool) -> None:
    fake = FakeX(clock=lambda: NOW)
    wati = fake.citizen("wati_contoh")
    _ = wati.message("halo") if private else wati.post("@dinsos_contoh halo")
    x = account("akses", month_limit=1, user_id="", direct_messages=True)
    with Client(transport=fake, sleep=lambda _: None) as client:
        (read,) = client.mentions(x)
        add(x._spending, *(("dm_read", str(number)) for number in range(78)))
        with pytest.raises(QuotaError):
            list(client.mentions(x))
        x._reader.user_id = ""
        sent = client.reply(x, read, "Siap", key="k")
        assert client.find_reply(x, read, key="k", text="Siap") is not None
        assert fake.published == ["Siap"]
        assert sent.confirmed


def test_a_lost_call_that_was_not_sent_costs_nothing() -> None:
    x = account("akses", month_limit=1)
    who = Author(id="7", handle="warga")
    mention = Mention(platform="x", id=str(id_of(NOW)), author=who, text="x", created_at=NOW)
    steps = iter(x.reply(mention, "Siap", key="k"))
    next(steps)
    steps.send(EMPTY)
    with pytest.raises(TransportError):
        steps.throw(TransportError("no route", operation="x.reply", sent=False))
    assert "US$ 0.000" in x._spending.finding().detail


def test_the_check_speaks_of_money() -> None:
    assert "month_limit" in spending().finding().remedy
    assert "session" in spending(month_limit=5).finding().remedy
    place = Secret("", source="file:x")
    assert spending(month_limit=5, session=place).finding().remedy == ""
    money = spending(month_limit="0.01", session=place)
    add(money, ("dm_read", "1"))
    full = money.finding()
    assert not full.ok
    assert full.remedy
    assert "2026-08-22" in full.detail


def test_prices_may_be_other_ones() -> None:
    assert prices_of({"post_read": "0.002"})["post_read"] == Decimal("0.002")
    owned = account("akses", owned=True, run_limit=1)
    post = {"id": str(id_of(NOW)), "text": "x", "author_id": "7"}
    replay(owned.mentions(), [Response(200, {}, json.dumps({"data": [post]}).encode())])
    assert "US$ 0.001" in owned._spending.finding().detail
    wide = {"data": [post], "includes": {"users": [{"id": "7"}], "posts": [{"id": "5"}]}}
    replay(owned.mentions(), [Response(200, {}, json.dumps(wide).encode())])
    assert "US$ 0.016" in owned._spending.finding().detail


def test_the_token_finding_says_where_a_token_can_be_kept() -> None:
    kept = account(Secret(token(scope="tweet.read"), source="file:x"))
    assert kept._tokens.findings(direct_messages=True)[0].ok
    assert not account(Secret(token(), source="env:X"))._tokens.findings(direct_messages=True)[0].ok
    later = (NOW + timedelta(minutes=30)).isoformat()
    told = account(token(expires=later))._tokens.findings(direct_messages=True)[0]
    assert "30 menit" in told.detail
    full = "tweet.read tweet.write users.read dm.read dm.write media.write"
    assert account(token(scope=full))._tokens.findings(direct_messages=True)[1].ok
