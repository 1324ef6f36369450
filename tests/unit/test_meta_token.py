"""Tokens of 60 days: renewed in time, durable first, by one process."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, secret
from pelayanan.errors import ConfigError, StoreError
from pelayanan.models import Secret
from pelayanan.platforms import Instagram
from pelayanan.protocol.flow import Flow
from pelayanan.testing import FakeInstagram, Replay, answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
OLD, NEW = "IGAAlama", "IGAAbaru"
EMPTY = answer({"data": []})
FRESH = answer({"access_token": NEW, "token_type": "bearer", "expires_in": 60 * 86_400})


def stored(days_old: float, days_left: float, token: str = OLD) -> str:
    times = {
        "issued": (NOW - timedelta(days=days_old)).isoformat(),
        "expires": (NOW + timedelta(days=days_left)).isoformat(),
    }
    return json.dumps({"access_token": token, **times})


def account(text: str, source: str = "file:/contoh", **options: Any) -> Instagram:
    given = Secret(text, source=source)
    known: dict[str, Any] = {"clock": lambda: NOW, "inbox": False}
    return Instagram("1060", "dinsos_contoh", given, **{**known, **options})


def read(ig: Instagram, *answers: Any) -> Replay[Any]:
    return replay(ig.comments(), answers)


def used(run: Replay[Any]) -> str:
    return run.requests[-1].headers["Authorization"].removeprefix("Bearer ")


def test_a_token_that_holds_is_left_alone() -> None:
    run = read(account(stored(30, 30)), EMPTY)
    assert (len(run.requests), used(run), run.kept) == (1, OLD, ())


def test_one_that_ends_soon_is_renewed_and_kept_before_it_is_used() -> None:
    ig = account(stored(51, 9))
    run = read(ig, FRESH, EMPTY)
    asked, listing = run.requests
    assert asked.url == "https://graph.instagram.com/refresh_access_token"
    assert asked.params == {"grant_type": "ig_refresh_token", "access_token": OLD}
    assert listing.headers["Authorization"] == f"Bearer {NEW}"
    (kept,) = run.kept
    assert json.loads(kept.get_secret_value()) == {
        "access_token": NEW,
        "issued": "2026-11-20T05:00:00+00:00",
        "expires": "2027-01-19T05:00:00+00:00",
    }
    assert kept.source == "file:/contoh"
    assert len(read(ig, EMPTY).requests) == 1  # not again


def test_a_bare_token_is_renewed_at_its_first_use() -> None:
    run = read(account(f"{OLD}\n"), FRESH, EMPTY)
    assert run.requests[0].params["access_token"] == OLD
    assert used(run) == NEW


def test_one_that_is_too_young_is_used_as_it_is_and_not_asked_about_again() -> None:
    young = answer({"error": {"code": 100}}, status=400)
    ig = account(OLD)
    assert used(read(ig, young, EMPTY)) == OLD
    assert len(read(ig, EMPTY).requests) == 1
    assert len(read(account(stored(0.9, 5)), EMPTY).requests) == 1


def test_a_program_that_runs_on_tries_again_after_a_fault() -> None:
    now = [NOW]
    ig = account(stored(51, 9), clock=lambda: now[0])
    fault = answer({"error": {"code": 2}}, status=500)
    assert used(read(ig, fault, EMPTY)) == OLD
    now[0] += timedelta(minutes=59)
    assert used(read(ig, EMPTY)) == OLD
    now[0] += timedelta(minutes=1)
    assert used(read(ig, FRESH, EMPTY)) == NEW


@pytest.mark.parametrize("source", ["", "env:TOKEN"])
def test_what_cannot_be_kept_is_not_exchanged(source: str) -> None:
    assert len(read(account(stored(55, 5), source), EMPTY).requests) == 1


def test_a_token_of_a_page_is_never_renewed() -> None:
    ig = account(OLD, login="facebook")
    assert len(read(ig, EMPTY).requests) == 1


def test_it_can_be_renewed_at_once() -> None:
    run = replay(account(OLD).renew(), [FRESH])
    assert len(run.kept) == 1


def test_who_comes_second_takes_what_the_first_one_kept(tmp_path: Path) -> None:
    now = [NOW]
    fake = FakeInstagram(clock=lambda: now[0])
    fake.agency("1060", token=OLD)
    now[0] = NOW + timedelta(days=52)
    place = tmp_path / "token"
    place.write_text(OLD)
    place.chmod(0o600)
    options: dict[str, Any] = {"clock": lambda: now[0], "inbox": False}
    first, second = (
        Instagram("1060", "dinsos_contoh", secret(f"file:{place}"), **options) for _ in range(2)
    )
    calls: list[str] = []
    with Client(transport=fake, on_call=lambda call: calls.append(call.operation)) as client:
        for ig in (first, second, first):
            client.run(ig.comments())
    assert calls.count("instagram.renew") == 1
    kept = json.loads(place.read_text())
    assert kept["access_token"] != OLD
    assert kept["expires"].startswith("2027-03-12")
    assert second._graph.token.get_secret_value() == kept["access_token"]


def test_a_disk_that_keeps_nothing_stops_everything() -> None:
    class Full:
        def keep(self, secret: Secret) -> None:
            raise StoreError("the disk is full")

        def lease(self, secret: Secret) -> Any:
            import contextlib  # noqa: PLC0415  one line

            return contextlib.nullcontext(secret)

    now = [NOW]
    fake = FakeInstagram(clock=lambda: now[0])
    fake.agency("1060", token=OLD)
    now[0] += timedelta(days=52)
    with (
        Client(transport=fake, vault=Full()) as client,
        pytest.raises(StoreError, match="the disk is full"),
    ):
        client.run(account(OLD, clock=lambda: now[0]).comments())


def test_a_lease_that_is_refused_leaves_the_token_as_it_is(tmp_path: Path) -> None:
    class Locked:
        def keep(self, secret: Secret) -> None:
            raise AssertionError

        def lease(self, secret: Secret) -> Any:
            raise ConfigError("others may read the file")

    fake = FakeInstagram(clock=lambda: NOW)
    fake.agency("1060", token=OLD)
    with Client(transport=fake, vault=Locked()) as client:
        assert client.run(account(OLD).comments()).items == ()


def findings(ig: Instagram) -> Any:
    (found,) = ig._tokens.findings()
    return found


def test_the_days_are_told() -> None:
    assert findings(account(stored(20, 40))).detail == "berlaku 40 hari lagi"
    late = findings(account(stored(55, 5)))
    assert (late.ok, late.detail) == (False, "berlaku 5 hari lagi")
    assert late.remedy


def test_a_place_where_nothing_can_be_kept_is_told() -> None:
    env = findings(account(OLD, "env:TOKEN"))
    assert (env.ok, "file:" in env.remedy) == (False, True)
    bare = findings(account(OLD, ""))
    assert (bare.ok, "file:" in bare.remedy) == (True, True)
    unknown = findings(account(OLD))
    assert (unknown.ok, unknown.remedy) == (True, "")


def test_no_token_is_shown() -> None:
    ig = account(stored(51, 9))
    run = read(ig, FRESH, EMPTY)
    shown = f"{ig!r} {vars(ig)!r} {vars(ig._tokens)!r} {vars(ig._graph)!r} {run.requests!r}"
    assert OLD not in shown
    assert NEW not in shown
    assert NEW not in repr(run.kept)


def test_a_damaged_file_is_taken_as_a_bare_token() -> None:
    assert used(read(account('{"access_token": 7}'), FRESH, EMPTY)) == NEW


def test_the_flow_of_a_renewal_is_named() -> None:
    flow = account(OLD).renew()
    assert isinstance(flow, Flow)
    replay(flow, [FRESH])
