"""What is heard elsewhere: signals of searches and feeds, and a person who takes one up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Config, Desk, Period
from pelayanan.cases import Received
from pelayanan.errors import ConfigError
from pelayanan.platforms import Bluesky, Mastodon
from pelayanan.protocol.request import Request, Response
from pelayanan.reply.draft import DraftState
from pelayanan.store.tables import cursors
from pelayanan.testing import FakeBluesky, FakeFeed, FakeInternet, FakeMastodon, FakeX

START = datetime(2026, 11, 10, 2, tzinfo=UTC)  # a Tuesday, 9.00 WIB


class Town:
    """Two agencies, a server, a network and a news site, and what is watched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.mastodon = FakeMastodon(clock=self.clock)
        self.mastodon.agency("dinsos", token="rahasia")
        self.bluesky = FakeBluesky(clock=self.clock)
        self.bluesky.agency("dinkes.test", "sandi")
        self.news = FakeFeed(clock=self.clock)
        for name, text in (("token", "rahasia"), ("sandi", "sandi")):
            (folder / name).write_text(text, "utf-8")
        self.watch: list[dict[str, Any]] = [
            {"account": "dinsos-m", "hashtags": ["bansos"], "places": ["bengkulu"]},
            {"account": "dinkes-b", "words": ["posyandu"]},
            {"feed": "https://berita.example/rss", "words": ["bansos"], "places": ["bengkulu"]},
        ]
        self.accounts: list[dict[str, Any]] = []
        self.more: dict[str, Any] = {}

    def clock(self) -> datetime:
        return self.now

    def later(self, **much: float) -> None:
        self.now += timedelta(**much)

    def open(self) -> Desk:
        since = "2026-11-01"
        accounts = [
            {"key": "dinsos-m", "agency": "dinsos", "platform": "mastodon", "since": since}
            | {"server": "https://sosial.example", "token": "file:token", "handle": "dinsos"},
            {"key": "dinkes-b", "agency": "dinkes", "platform": "bluesky", "since": since}
            | {"handle": "dinkes.test", "password": "file:sandi"}
            | {"base_url": "https://bluesky.example"},
        ]
        agencies = [{"key": key, "name": key} for key in ("dinsos", "dinkes")]
        accounts += self.accounts
        settings = {"agencies": agencies, "accounts": accounts, "watch": self.watch, **self.more}
        config = Config.of(settings, folder=self.folder)
        internet = FakeInternet([self.mastodon, self.bluesky, self.news])
        return Desk.open(config, transport=internet, clock=self.clock)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.fixture
def desk(town: Town) -> Iterator[Desk]:
    with town.open() as opened:
        yield opened


def counted(desk: Desk) -> int:
    return sum(counts.get("n", 0) for _, counts in desk.tally(Period.month("2026-11")))


def texts(desk: Desk, **asked: Any) -> list[str]:
    return [each.mention.text for each in desk.signals(**asked)]


def test_what_is_heard_is_a_signal_and_no_case(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("#bansos di Bengkulu belum cair")
    town.mastodon.citizen("wati").post("#bansos di Curup belum cair")
    town.later(minutes=1)
    town.bluesky.citizen("budi.test").post("Posyandu tutup terus")
    town.later(minutes=1)
    town.news.publish("Bansos Bengkulu tersendat")
    town.news.publish("Harga cabai")
    report = desk.sync()
    assert [(each.account, each.platform, each.new) for each in report.watches] == [
        ("dinsos-m", "mastodon", 1),
        ("dinkes-b", "bluesky", 1),
        ("berita.example", "feed", 1),
    ]
    assert report.failed == ()
    assert report.new == 0
    assert texts(desk) == [  # the newest first
        "Bansos Bengkulu tersendat",
        "Posyandu tutup terus",
        "#bansos di Bengkulu belum cair",
    ]
    assert list(desk.cases()) == []
    assert counted(desk) == 0


def test_listening_twice_changes_nothing(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("#bansos bengkulu")
    town.news.publish("Bansos Bengkulu tersendat")
    desk.sync()
    before = list(desk.signals())
    for _ in range(2):
        town.later(hours=1)
        assert [each.new for each in desk.sync().watches] == [0, 0, 0]
    assert list(desk.signals()) == before


def test_what_is_addressed_to_an_account_is_no_signal(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("@dinsos #bansos bengkulu belum cair")
    report = desk.sync()
    assert report.new == 1
    assert [each.new for each in report.watches] == [0, 0, 0]
    assert texts(desk) == []


def test_what_is_heard_before_it_arrives_as_a_message_is_no_signal_any_more(
    town: Town, desk: Desk
) -> None:
    mastodon = desk.account("dinsos-m", Mastodon)
    answers = mastodon.answers
    town.mastodon.citizen("wati").post("@dinsos #bansos bengkulu belum cair")
    with pytest.MonkeyPatch.context() as patch:  # so it is while the listing is away
        patch.setattr(mastodon, "mentions", lambda cursor=None: answers(None))
        desk.sync()
    assert len(texts(desk)) == 1
    desk.sync()
    assert len(list(desk.cases())) == 1
    assert texts(desk) == []


def test_what_the_agencies_themselves_say_is_no_signal(town: Town, desk: Desk) -> None:
    town.bluesky.officer("dinkes.test").post("Posyandu buka Senin")
    town.mastodon.officer("dinsos").post("#bansos bengkulu cair Senin")
    desk.sync()
    assert texts(desk) == []


def test_what_another_agency_of_the_province_says_is_no_signal_either(town: Town) -> None:
    town.bluesky.agency("dinsos.test", "sandi")
    town.accounts.append(
        {"key": "dinsos-b", "agency": "dinsos", "platform": "bluesky", "handle": "dinsos.test"}
        | {"password": "file:sandi", "base_url": "https://bluesky.example"}
    )
    town.bluesky.officer("dinsos.test").post("Posyandu buka Senin")
    town.bluesky.citizen("sri.test").post("Posyandu tutup")
    with town.open() as desk:
        desk.sync()
        assert texts(desk) == ["Posyandu tutup"]


def test_a_bug_in_one_platform_stops_no_other(
    town: Town, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(query: str, cursor: str | None = None) -> Any:
        raise ZeroDivisionError(query, cursor)

    town.news.publish("Bansos Bengkulu tersendat")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.account("dinkes-b", Bluesky), "search", broken)
        report = desk.sync()
    (failed,) = report.failed
    assert (failed.account, failed.failed) == ("dinkes-b", "program error ZeroDivisionError")
    assert report.watches[2].new == 1
    assert "posyandu" not in caplog.text
    assert "dinkes-b: ZeroDivisionError" in caplog.text


def test_signals_are_asked_for_by_words_and_time_and_never_by_person(
    town: Town, desk: Desk
) -> None:
    for text in ("bansos bengkulu satu", "bansos bengkulu dua"):
        town.news.publish(text)
        town.later(hours=1)
    desk.sync()
    assert texts(desk, query="bansos dua") == ["bansos bengkulu dua"]
    assert texts(desk, since=START + timedelta(minutes=30)) == ["bansos bengkulu dua"]
    with pytest.raises(ConfigError, match="by person"):
        texts(desk, query="@wati")


def test_many_signals_are_listed_part_by_part(town: Town, desk: Desk) -> None:
    site = FakeFeed(clock=town.clock, listed=900)
    for number in range(450):
        site.publish(f"bansos bengkulu {number}", at=START - timedelta(minutes=number // 3))
    desk.client = type(desk.client)(transport=site, sleep=lambda _: None)
    desk.sync()
    found = [int(text.rpartition(" ")[2]) for text in texts(desk)]
    assert sorted(found) == list(range(450))
    assert [number // 3 for number in found] == sorted(number // 3 for number in found)


# ---- taking up


def test_a_person_makes_it_a_case_with_the_clock_of_the_citizen(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("#bansos bengkulu belum cair")
    town.later(hours=1)
    desk.sync()
    (signal,) = desk.signals()
    town.later(hours=2)
    case_id = desk.take_up(signal.id, agency="dinsos", by="rina")
    case = desk.case(case_id)
    assert (case.agency, case.platform, case.account) == ("dinsos", "mastodon", "dinsos-m")
    assert case.opened == START  # when it was written: not listening stops no clock
    assert case.captured == START + timedelta(hours=1)
    (received,) = [each.event for each in desk.events()]
    assert isinstance(received, Received)
    assert received.by == "rina"
    assert counted(desk) == 1
    assert desk.verify() == []


def test_taking_it_up_again_changes_nothing(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("#bansos bengkulu")
    desk.sync()
    (signal,) = desk.signals()
    case_id = desk.take_up(signal.id, agency="dinsos", by="rina")
    assert desk.take_up(signal.id, agency="dinsos", by="budi") == case_id
    assert desk.take_up(signal.id, agency="dinkes", by="budi") == case_id
    assert len(list(desk.cases())) == len(list(desk.events())) == 1
    assert texts(desk) == []
    (taken,) = desk.signals(taken=True)
    assert (taken.case_id, taken.taken_by) == (case_id, "rina")
    desk.sync()
    assert len(list(desk.cases())) == 1


@pytest.mark.parametrize("agency", ["dinsos", "dinkes"])
def test_what_was_addressed_to_another_account_meanwhile_is_the_case_that_it_has(
    town: Town, agency: str
) -> None:
    """Two accounts of one agency: one hears the message, the other is told it."""
    town.mastodon.agency("dinsos_dua", token="rahasia2")
    (town.folder / "token2").write_text("rahasia2", "utf-8")
    town.accounts.append(
        {"key": "dinsos-dua", "agency": "dinsos", "platform": "mastodon", "since": "2026-11-01"}
        | {"server": "https://sosial.example", "token": "file:token2", "handle": "dinsos_dua"}
    )
    with town.open() as desk, pytest.MonkeyPatch.context() as patch:
        other = desk.account("dinsos-dua", Mastodon)
        patch.setattr(other, "mentions", lambda cursor=None: other.answers(None))
        town.mastodon.citizen("wati").post("@dinsos_dua #bansos bengkulu belum cair")
        desk.sync()
        (signal,) = desk.signals()
        patch.undo()
        desk.sync()
        (case,) = desk.cases()
        assert desk.take_up(signal.id, agency=agency, by="rina") == case.id
        assert [(each.id, each.contacts) for each in desk.cases()] == [(case.id, 0)]
        assert desk.verify() == []


def test_it_is_durable(town: Town) -> None:
    town.mastodon.citizen("wati").post("#bansos bengkulu")
    with town.open() as desk:
        desk.sync()
        (signal,) = desk.signals()
    with town.open() as desk:
        case_id = desk.take_up(signal.id, agency="dinsos", by="rina")
    with town.open() as desk:
        assert desk.case(case_id).text == "#bansos bengkulu"
        assert texts(desk) == []


def test_a_case_of_the_own_account_is_answered_like_all_others(town: Town, desk: Desk) -> None:
    status = town.mastodon.citizen("wati").post("#bansos bengkulu belum cair")
    desk.sync()
    (signal,) = desk.signals()
    case_id = desk.take_up(signal.id, agency="dinsos", by="rina")
    draft = desk.reply(case_id, "Cair Kamis ini di kantor lurah.", by="rina")
    assert draft.state.done, draft
    assert len(town.mastodon.replies(status)) == 1
    assert desk.case(case_id).answered is not None


def test_where_only_the_invited_may_answer_it_is_seen_and_not_answerable(
    town: Town, desk: Desk
) -> None:
    town.bluesky.citizen("budi.test").post("Posyandu tutup terus")
    desk.sync()
    (signal,) = desk.signals()
    case_id = desk.take_up(signal.id, agency="dinkes", by="rina")
    draft = desk.draft(case_id, "Posyandu buka Kamis pukul 8.", by="rina")
    assert "hanya yang menyapa akun" in draft.needs[0]
    with pytest.raises(ConfigError, match="may not go out"):
        desk.approve(draft.id, by="sekretaris")
    assert desk.send().sent == 0


def test_once_the_citizen_addresses_the_agency_it_may_answer(town: Town, desk: Desk) -> None:
    budi = town.bluesky.citizen("budi.test")
    budi.post("Posyandu tutup terus")
    desk.sync()
    (signal,) = desk.signals()
    case_id = desk.take_up(signal.id, agency="dinkes", by="rina")
    town.later(minutes=5)
    budi.post("@dinkes.test kapan buka?")
    desk.sync()
    assert desk.case(case_id).contacts == 1
    draft = desk.reply(case_id, "Posyandu buka Kamis pukul 8.", by="rina")
    assert draft.state is DraftState.CONFIRMED or draft.state.done


def test_another_agency_takes_it_up_and_answers_elsewhere(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("#bansos bengkulu, anak saya sakit")
    desk.sync()
    (signal,) = desk.signals()
    case_id = desk.take_up(signal.id, agency="dinkes", by="rina")
    assert desk.case(case_id).agency == "dinkes"
    draft = desk.draft(case_id, "Silakan ke puskesmas besok pukul 8.", by="rina")
    assert "jawab lewat saluran lain" in draft.needs[0]


def test_no_account_answers_what_none_of_its_agency_heard(town: Town) -> None:
    town.accounts.append(  # whatever an account may be called
        {"key": "signals", "agency": "dinsos", "platform": "mastodon", "since": "2026-11-01"}
        | {"server": "https://sosial.example", "token": "file:token", "handle": "dinsos"}
    )
    town.news.publish("Bansos Bengkulu tersendat")
    with town.open() as desk:
        desk.sync()
        (signal,) = desk.signals()
        case = desk.take_up(signal.id, agency="dinsos", by="rina")
        draft = desk.draft(case, "Cair Kamis ini di kantor lurah.", by="rina")
        assert "tidak ada akun dinsos yang dapat membalas" in draft.needs[0]


def test_once_the_citizen_addresses_the_agency_that_took_it_up_its_own_account_answers(
    town: Town,
) -> None:
    town.bluesky.agency("dinsos.test", "sandi")
    town.accounts.append(
        {"key": "dinsos-b", "agency": "dinsos", "platform": "bluesky", "handle": "dinsos.test"}
        | {"password": "file:sandi", "base_url": "https://bluesky.example", "since": "2026-11-01"}
    )
    sri = town.bluesky.citizen("sri.test")
    sri.post("Posyandu tutup, bansos juga")
    with town.open() as desk:
        desk.sync()
        (signal,) = desk.signals()  # dinkes-b heard it
        case = desk.take_up(signal.id, agency="dinsos", by="rina")
        town.later(minutes=5)
        sri.post("@dinsos.test kapan buka?")
        desk.sync()
        assert [(each.id, each.contacts) for each in desk.cases()] == [(case, 1)]
        draft = desk.reply(case, "Posyandu buka Kamis pukul 8.", by="rina")
        assert (draft.account, draft.state.done) == ("dinsos-b", True)
        assert desk.case(case).answered is not None
        desk.sync()
        assert len(desk.case(case).thread) == 3


def test_two_articles_of_one_site_are_two_needs(town: Town, desk: Desk) -> None:
    town.news.publish("Bansos Bengkulu tersendat")
    town.news.publish("Beras bansos Bengkulu berkutu")
    desk.sync()
    cases = {desk.take_up(each.id, agency="dinsos", by="rina") for each in desk.signals()}
    assert len(cases) == 2


@pytest.mark.parametrize(
    ("agency", "by", "told"),
    [("dinas", "rina", "no agency"), ("dinsos", " ", "who takes it up")],
)
def test_it_is_said_what_is_missing(
    town: Town, desk: Desk, agency: str, by: str, told: str
) -> None:
    town.news.publish("Bansos Bengkulu tersendat")
    desk.sync()
    (signal,) = desk.signals()
    with pytest.raises(ConfigError, match=told):
        desk.take_up(signal.id, agency=agency, by=by)
    assert list(desk.cases()) == []


def test_a_signal_that_is_not_there_is_told(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="there is no signal"):
        desk.take_up("tidak-ada", agency="dinsos", by="rina")


# ---- forgetting and keeping


def test_forgetting_a_person_reaches_signals(town: Town, desk: Desk) -> None:
    town.bluesky.citizen("budi.test").post("Posyandu tutup, WA 0812-0000-0001")
    town.bluesky.citizen("sri.test").post("Posyandu ramai")
    desk.sync()
    signal = next(each for each in desk.signals() if each.mention.author.handle == "budi.test")
    assert desk.forget("bluesky", "budi.test") == 1
    assert texts(desk) == ["Posyandu ramai"]
    town.later(hours=1)
    desk.sync()
    assert texts(desk) == ["Posyandu ramai"]  # it is not heard anew
    with pytest.raises(ConfigError, match="forgotten"):
        desk.take_up(signal.id, agency="dinkes", by="rina")
    desk.close()
    assert b"0812-0000-0001" not in (town.folder / "pelayanan.db").read_bytes()


def test_forgetting_reaches_the_signal_and_its_case(town: Town, desk: Desk) -> None:
    town.mastodon.citizen("wati").post("#bansos bengkulu rahasia")
    desk.sync()
    (signal,) = desk.signals()
    case_id = desk.take_up(signal.id, agency="dinsos", by="rina")
    assert desk.forget("mastodon", "wati") == 2
    assert texts(desk, taken=True) == []
    assert "rahasia" not in desk.case(case_id).text
    assert desk.verify() == []


def test_signals_are_kept_for_a_while_only_and_cases_stay(town: Town) -> None:
    town.more = {"listening": {"keep_days": 30}}
    with town.open() as desk:
        for name in ("wati", "budi"):
            town.mastodon.citizen(name).post("#bansos bengkulu")
        desk.sync()
        first, _ = desk.signals()
        desk.take_up(first.id, agency="dinsos", by="rina")
        town.later(days=29)
        desk.sync()
        assert len(texts(desk)) == 1
        town.later(days=2)
        desk.sync()
        assert texts(desk) == []
        assert len(texts(desk, taken=True)) == 1
        old = START - timedelta(days=1)
        town.news.publish("Bansos Bengkulu lama", at=old)
        assert desk.sync().watches[2].new == 0  # what would be too old at once is not kept


# ---- what goes wrong


def test_a_watch_that_fails_stops_no_other(town: Town) -> None:
    town.watch.insert(0, {"feed": "https://mati.example/rss", "words": ["bansos"]})
    town.news.publish("Bansos Bengkulu tersendat")
    with town.open() as desk:
        desk.client = type(desk.client)(
            transport=FakeInternet([town.mastodon, town.bluesky, town.news]), sleep=lambda _: None
        )
        report = desk.sync()
    assert [bool(each.failed) for each in report.watches] == [True, False, False, False]
    assert [each.account for each in report.failed] == ["mati.example"]
    assert report.watches[3].new == 1


def test_an_account_that_cannot_be_searched_is_told(town: Town) -> None:
    town.accounts.append({"key": "loket", "agency": "dinsos", "platform": "manual"})
    town.watch = [{"account": "loket", "words": ["bansos"]}]
    with town.open() as desk:
        (watch,) = desk.sync().watches
    assert watch.failed == "manual is no SearchSource"


def test_a_cursor_that_cannot_be_read_is_told_and_the_window_searched_again(town: Town) -> None:
    town.watch = [{"feed": "https://berita.example/rss", "words": ["bansos"]}]
    town.news.publish("Bansos Bengkulu tersendat")
    with town.open() as desk:
        desk.sync()
        with desk.store.writing() as connection:
            connection.execute(cursors.update().values(cursor="feed/9:x"))
        town.news.publish("Bansos Curup tersendat")
        (watch,) = desk.sync().watches
        assert (watch.new, watch.failed) == (1, "")
        assert "searched again" in watch.notes[0]


def test_two_watches_of_one_feed_both_hear_it(town: Town) -> None:
    url = "https://berita.example/rss"
    town.watch = [{"feed": url, "words": ["bansos"]}, {"feed": url, "words": ["banjir"]}]
    town.news.publish("Bansos tersendat")
    town.news.publish("Banjir di Curup")
    with town.open() as desk:
        assert [each.new for each in desk.sync().watches] == [1, 1]
        assert [each.new for each in desk.sync().watches] == [0, 0]


def test_words_that_are_added_to_a_feed_are_looked_for_in_all_it_lists(town: Town) -> None:
    watch: dict[str, Any] = {"feed": "https://berita.example/rss", "words": ["bansos"]}
    town.watch = [watch]
    town.news.publish("Banjir di Curup")
    with town.open() as desk:
        desk.sync()
    watch["words"] = ["bansos", "banjir"]
    with town.open() as desk:
        assert [each.new for each in desk.sync().watches] == [1]


@pytest.mark.parametrize("limit", [20, 1])
def test_a_query_that_is_refused_stops_no_other(town: Town, limit: int) -> None:
    town.watch = [{"account": "dinkes-b", "words": ["aneh", "posyandu"], "limit": limit}]
    town.bluesky.citizen("sri.test").post("Posyandu tutup")
    real = town.bluesky.http

    def refusing(request: Request) -> Response:
        if request.params.get("q") == "aneh":
            return Response(400, {}, b'{"error": "InvalidRequest"}')
        return real(request)

    town.bluesky.http = refusing  # type: ignore[method-assign]  # one query it does not like
    with town.open() as desk:
        for _ in range(2):
            (watch,) = desk.sync().watches
            assert watch.failed
        assert texts(desk) == ["Posyandu tutup"]


def test_a_limit_lets_every_query_have_its_turn(town: Town) -> None:
    words = ["satu", "dua", "tiga"]
    town.watch = [{"account": "dinkes-b", "words": words, "limit": 2}]
    for word in words:
        town.bluesky.citizen("sri.test").post(f"nomor {word}")
    with town.open() as desk:
        (first,) = desk.sync().watches
        assert first.new == 2
        assert first.notes == ("limit of 2 pages: the rest next time",)
        town.later(minutes=15)
        (second,) = desk.sync().watches
        assert second.new == 1
        assert len(texts(desk)) == 3


# ---- a platform that takes money


def paying(town: Town, limit: str) -> Iterator[tuple[Desk, FakeX]]:
    fake = FakeX(clock=town.clock)
    folder = town.folder
    (folder / "x").write_text("token-contoh", "utf-8")
    account = {"key": "dinsos-x", "agency": "dinsos", "platform": "x", "since": "2026-11-01"}
    account |= {"username": "dinsos_contoh", "token": "file:x"}
    watch = {"account": "dinsos-x", "words": ["bansos", "banjir"], "cost_usd": limit}
    settings: dict[str, Any] = {"agencies": [{"key": "dinsos", "name": "dinsos"}]}
    settings |= {"accounts": [account], "watch": [watch]}
    with Desk.open(Config.of(settings, folder=folder), transport=fake, clock=town.clock) as desk:
        yield desk, fake


def test_a_platform_that_takes_money_is_asked_only_for_as_much(town: Town) -> None:
    for desk, fake in paying(town, "0"):
        fake.citizen("warga_contoh").post("bansos belum sampai")
        (watch,) = desk.sync().watches
        assert (watch.fetched, watch.failed) == (0, "")
        assert watch.notes == ("cost_usd = 0 is used up: raise it to ask for more",)


def test_what_is_heard_on_x_can_be_seen_and_not_answered(town: Town) -> None:
    for desk, fake in paying(town, "0.50"):
        fake.citizen("warga_contoh").post("bansos belum sampai")
        (watch,) = desk.sync().watches
        assert (watch.new, watch.failed, watch.notes) == (1, "", ())
        (signal,) = desk.signals()
        case_id = desk.take_up(signal.id, agency="dinsos", by="rina")
        draft = desk.reply(case_id, "Paket dikirim Senin, 16 November.", by="rina")
        assert draft.needs == (
            "di x hanya yang menyapa akun boleh dijawab: jawab lewat saluran lain",
        )
        assert desk.send().sent == 0
