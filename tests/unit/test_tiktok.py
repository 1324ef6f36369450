"""TikTok through `replay` and its fake: what is asked, what is read, what a token goes through."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, secret
from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    PlatformError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TokenExpiredError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Mention
from pelayanan.platforms import TikTok
from pelayanan.protocol.request import Response
from pelayanan.testing import FakeTikTok, answer, replay


class Clock:
    now = datetime(2026, 11, 20, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def account(clock: Clock | None = None, **more: Any) -> TikTok:
    basic: dict[str, Any] = {"experimental": True, "token": "act.rahasia"}
    return TikTok("open-dinsos", **{**basic, "clock": clock or Clock(), **more})


def comment(number: int, **more: Any) -> dict[str, Any]:
    basic = {"comment_id": f"739{number}", "create_time": 1_795_000_000 + number, "text": "halo"}
    basic |= {"replies": 0}
    return {**basic, "username": "warga.contoh", "unique_identifier": "u1", **more}


def told(**data: Any) -> Any:
    return answer({"code": 0, "message": "OK", "data": data})


def mention(clock: Clock | None = None) -> Mention:
    answers = [told(videos=[{"item_id": "738"}]), told(comments=[comment(1)])]
    return replay(account(clock).mentions(), answers).result.items[0]


def test_only_who_says_that_it_is_experimental_gets_an_account() -> None:
    with pytest.raises(ConfigError, match="experimental = true"):
        TikTok("open-dinsos", "act.rahasia")


@pytest.mark.parametrize(
    "wrong", [{"videos": 0}, {"videos": 21}, {"base_url": "http://x"}, {"codes": {"1": "apa"}}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        account(**wrong)


def test_the_check_says_that_it_is_experimental() -> None:
    check = replay(account().check(), [told(videos=[])]).result
    assert check.findings[0].name == "experimental"
    assert "eksperimental" in check.findings[0].detail
    assert not check.ok  # a bare token ends after a day
    assert TikTok.__doc__
    assert "EXPERIMENTAL" in TikTok.__doc__
    assert TikTok.capabilities.experimental


def test_comments_and_what_stands_below_them_come_from_each_video() -> None:
    below = [comment(8, owner=True), comment(9, parent_comment_id="7391", username="wati")]
    answers = [
        told(videos=[{"item_id": "738"}, {"item_id": "737"}]),
        told(comments=[comment(2, owner=True), comment(1, replies=2)], cursor=2, has_more=False),
        told(comments=below, has_more=False),
    ]
    run = replay(account().mentions(), answers)
    first, second = run.result.items
    assert (first.id, first.thread, first.reply_to) == ("7391", "7391", "")
    assert (second.id, second.thread, second.reply_to) == ("7399", "7391", "7391")
    assert second.ref == {"video": "738", "comment": "7391"}
    assert run.result.more
    assert run.requests[1].params["sort_order"] == "desc"
    assert {each.headers["Access-Token"] for each in run.requests} == {"act.rahasia"}
    rest = replay(account().mentions(run.result.cursor), [told(comments=[])])
    assert rest.requests[0].params["video_id"] == "737"
    assert not rest.result.more


def test_a_walk_ends_where_the_one_before_began_and_looks_back() -> None:
    clock = Clock()
    clock.now = datetime.fromtimestamp(1_795_000_000, UTC)
    videos = told(videos=[{"item_id": "738"}])
    first = replay(account(clock).mentions(), [videos, told(comments=[])]).result
    old = comment(-4 * 86_400)
    answers = [videos, told(comments=[comment(5), old], cursor=30, has_more=True)]
    page = replay(account(clock).mentions(first.cursor), answers).result
    assert [each.id for each in page.items] == ["7395"]
    assert not page.more


def test_pages_of_one_video_follow_each_other() -> None:
    videos = told(videos=[{"item_id": "738"}])
    first = replay(
        account().mentions(), [videos, told(comments=[comment(5)], cursor=30, has_more=True)]
    ).result
    assert first.more
    then = replay(account().mentions(first.cursor), [told(comments=[comment(1)], cursor=31)])
    assert then.requests[0].params["cursor"] == 30
    assert not then.result.more


def test_a_video_that_tiktok_does_not_open_stops_no_other() -> None:
    """Else the walk would stand at it for ever: the place is in the cursor."""
    videos = told(videos=[{"item_id": "738"}, {"item_id": "737"}])
    page = replay(account().mentions(), [videos, answer({"code": 40002})]).result
    assert [bad.id for bad in page.unreadable] == ["738"]
    rest = replay(account().mentions(page.cursor), [told(comments=[comment(1)])])
    assert rest.requests[0].params["video_id"] == "737"
    assert [item.id for item in rest.result.items] == ["7391"]


def test_answers_that_cannot_all_be_read_are_told() -> None:
    videos = told(videos=[{"item_id": "738"}])
    known = told(comments=[comment(2, replies=None), comment(1)])
    refused = replay(account().mentions(), [videos, known, answer({"code": 40002})]).result
    pages = [told(comments=[], cursor=at, has_more=True) for at in range(1, 11)]
    many = replay(account().mentions(), [videos, known, *pages]).result
    for page in (refused, many):
        assert [item.id for item in page.items] == ["7391", "7392"]
        assert [bad.id for bad in page.unreadable] == ["7392"]
    gone = replay(account().mentions(), [videos, known, answer({}, status=404)]).result
    assert (len(gone.items), gone.unreadable) == (2, ())


def test_no_videos_are_no_comments() -> None:
    page = replay(account().mentions(), [told(videos=[])]).result
    assert (page.items, page.more) == ((), False)


def test_a_cursor_that_cannot_be_read_is_told() -> None:
    with pytest.raises(ConfigError, match="unreadable cursor"):
        replay(account().mentions("tiktok/1:[]"), [])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (40100, RateLimitError),
        (40105, AuthError),
        (40001, AccessTierError),
        (40002, RejectedError),
        (50000, ServerError),
    ],
)
def test_a_code_is_an_error_though_the_status_is_200(code: int, kind: type[PlatformError]) -> None:
    refused = answer({"code": code, "message": "act.rahasia"})
    with pytest.raises(kind) as caught:
        replay(account().mentions(), [refused])
    assert "rahasia" not in f"{caught.value} {caught.value!r}"
    if kind is RateLimitError:
        assert caught.value.retry_after == 60


def test_a_code_can_be_said_to_mean_something_else() -> None:
    refused = answer({"code": 40105, "message": ""})
    with pytest.raises(RateLimitError):
        replay(account(codes={"40105": "rate"}).mentions(), [refused])


def test_an_answer_without_json_is_read_by_its_status() -> None:
    with pytest.raises(ServerError):
        replay(account().mentions(), [Response(502, {}, b"<html>")])


def test_a_reply_of_more_than_150_characters_is_not_sent() -> None:
    with pytest.raises(TooLongError, match="151"):
        replay(account().reply(mention(), "x" * 151, key="k"), [])


def test_a_reply_looks_below_the_comment_first() -> None:
    standing = comment(9, owner=True, text="Kamis  ini.")
    run = replay(account().reply(mention(), "Kamis ini.", key="k"), [told(comments=[standing])])
    assert run.result.id == "7399"
    assert run.requests[0].params["status"] == "ALL"  # it may wait to be shown
    assert run.result.confirmed
    waiting = told(comments=[standing | {"status": "PENDING"}])
    found = replay(account().find_reply(mention(), key="k", text="Kamis ini."), [waiting]).result
    assert found is not None
    assert not found.confirmed
    answers = [told(comments=[comment(9, text="Kamis ini.")]), told(comment_id="7400")]
    run = replay(account().reply(mention(), "Kamis ini.", key="k"), answers)
    assert run.result.id == "7400"
    assert run.requests[1].json == {
        "business_id": "open-dinsos",
        "video_id": "738",
        "comment_id": "7391",
        "text": "Kamis ini.",
    }
    assert not run.requests[1].repeatable


def test_who_wrote_below_somebody_else_is_named_so_that_each_gets_an_answer() -> None:
    below = comment(2, username="wati", unique_identifier="u2")
    known = [told(videos=[{"item_id": "738"}]), told(comments=[comment(1, replies=1)])]
    asked = replay(account().mentions(), [*known, told(comments=[below])]).result.items[1]
    to_another = comment(9, owner=True, text="Kamis ini.")
    answers = [told(comments=[below, to_another]), told(comment_id="7400")]
    run = replay(account().reply(asked, "Kamis ini.", key="k"), answers)
    body: Any = run.requests[1].json
    assert (body["comment_id"], body["text"]) == ("7391", "@wati Kamis ini.")
    standing = told(comments=[comment(9, owner=True, text="@wati Kamis ini.")])
    found = replay(account().find_reply(asked, key="k", text="Kamis ini."), [standing]).result
    assert found is not None
    with pytest.raises(TooLongError, match="151"):
        replay(account().reply(asked, "x" * 145, key="k"), [])


def test_the_same_words_before_the_comment_are_no_answer_to_it() -> None:
    earlier = comment(0, owner=True, text="Kamis ini.")
    found = account().find_reply(mention(), key="k", text="Kamis ini.")
    assert replay(found, [told(comments=[earlier])]).result is None


def test_where_not_all_can_be_read_a_person_decides() -> None:
    found = account().find_reply(mention(), key="k", text="Kamis ini.")
    with pytest.raises(UnsupportedError):
        replay(found, [told(comments=[{"comment_id": "1"}])])
    with pytest.raises(UnsupportedError):
        replay(account().find_reply(mention(), key="k"), [])
    found = account().find_reply(mention(), key="k", text="Kamis ini.")
    pages = [told(comments=[comment(1)], cursor=at, has_more=True) for at in range(1, 11)]
    with pytest.raises(UnsupportedError):
        replay(found, pages)


PAIR: dict[str, Any] = {"access_token": "act.0", "refresh_token": "rft.0", "expires_in": 86_400}


def kept(place: Path, clock: Clock) -> TikTok:
    place.chmod(0o600)
    app = {"client_id": "klien", "client_secret": "rahasia-klien"}
    return account(clock, token=secret(f"file:{place}"), **app)


@pytest.mark.parametrize("saved", [PAIR, {"code": 0, "message": "OK", "data": PAIR}])
def test_a_pair_is_exchanged_before_its_day_is_over_and_kept_before_it_is_used(
    tmp_path: Path, saved: dict[str, Any]
) -> None:
    clock, place = Clock(), tmp_path / "tiktok"
    place.write_text(json.dumps(saved))
    fake = FakeTikTok(clock=clock, token="act.0", refresh_token="rft.0")
    with Client(transport=fake, sleep=lambda _: None) as client:
        first, other = kept(place, clock), kept(place, clock)
        assert client.check(first).ok
        held = json.loads(place.read_text())
        assert (held["access_token"], held["refresh_token"]) == ("act.1", "rft.1")
        assert client.check(other).ok  # it takes what the first one kept
        assert json.loads(place.read_text()) == held
        clock.now += timedelta(hours=22)
        assert client.check(kept(place, clock)).ok
        assert json.loads(place.read_text()) == held
        clock.now += timedelta(hours=1, minutes=30)
        assert client.check(first).ok
        assert json.loads(place.read_text())["access_token"] == "act.2"
        detail = client.check(first).findings[1].detail
        assert detail == "terhubung 365 hari lagi"
        clock.now += timedelta(days=340)
        finding = kept(place, clock)._tokens.finding()
        assert (finding.ok, "hubungkan akun lagi" in finding.remedy) == (True, True)


def test_a_token_that_another_program_voided_is_renewed_at_once(tmp_path: Path) -> None:
    clock, place = Clock(), tmp_path / "tiktok"
    place.write_text(json.dumps(PAIR))
    fake = FakeTikTok(clock=clock, token="act.0", refresh_token="rft.0")
    asked = fake.citizen("warga").comment(fake.video(), "kapan?")
    with Client(transport=fake, sleep=lambda _: None) as client:
        tiktok = kept(place, clock)
        client.check(tiktok)
        with fake.world() as state:
            state["pair"]["access_token"] = "act.lain"
        (found,) = client.mentions(tiktok)
        assert found.id == asked
        fake.fault("expired_token", times=2)  # the new one too: it is asked once
        with pytest.raises(TokenExpiredError):
            list(client.mentions(tiktok))


def test_a_bare_token_that_ended_needs_a_person() -> None:
    with pytest.raises(ReauthRequiredError) as caught:
        replay(account().mentions(), [answer({"code": 40105})])
    assert "connect the account again" in caught.value.remedy


def test_a_pair_that_no_longer_holds_is_told_with_its_remedy(tmp_path: Path) -> None:
    place = tmp_path / "tiktok"
    place.write_text(json.dumps(PAIR | {"refresh_token": "rft.dicabut"}))
    fake = FakeTikTok(clock=Clock(), token="act.0", refresh_token="rft.0")
    with Client(transport=fake, sleep=lambda _: None) as client:
        check = client.check(kept(place, Clock()))
    assert not check.ok
    assert "connect the account again" in check.findings[-1].remedy
    assert "rft" not in repr(check)
