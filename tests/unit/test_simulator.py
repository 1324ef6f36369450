"""A simulated province is the same for the same seed, and what happened in it is known."""

import tomllib
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, Config, Desk, Period
from pelayanan.cli.demo import _live
from pelayanan.reply.lint import lint
from pelayanan.testing import SimulatedProvince
from pelayanan.testing._words import AGAIN, AGENCIES, HOLLOW, NEEDS, PLACES, THANKS
from pelayanan.triage.substance import substance

ANSWERS = [need.answer for needs in NEEDS.values() for need in needs]
SAID = [said for needs in NEEDS.values() for need in needs for said in (need.text, need.formal)]


def small(**how: Any) -> SimulatedProvince:
    return SimulatedProvince(**{"agencies": 2, "days": 3, **how})


def lived(province: SimulatedProvince) -> SimulatedProvince:
    list(province.run(province.end))
    return province


def test_the_same_seed_is_the_same_province() -> None:
    one, two = lived(small(seed=11)), lived(small(seed=11))
    assert one.truth == two.truth
    posts = [[post["record"] for post in each.bluesky.posts()] for each in (one, two)]
    assert posts[0] == posts[1]
    address = "dinsos@prov.example"
    assert one.mailbox.messages(address) == two.mailbox.messages(address)


def test_another_seed_is_another_province() -> None:
    assert lived(small(seed=1)).truth != lived(small(seed=2)).truth


def test_time_may_pass_in_any_steps() -> None:
    whole, steps = lived(small()), small()
    until = steps.start
    while until < steps.end:
        until += timedelta(hours=5)
        list(steps.run(until))
    assert steps.truth == whole.truth


def test_time_stands_where_it_was_let_run_to() -> None:
    province = small()
    middle = province.start + timedelta(days=1)
    for due in province.run(middle):
        assert province.start <= province.clock() <= middle
        assert due.account.partition("-")[0] in province.truth
    assert province.clock() == middle


def test_a_killed_process_finds_the_worlds_again(tmp_path: Path) -> None:
    province = lived(small(folder=tmp_path))
    assert (
        sorted(path.suffix for path in tmp_path.iterdir() if path.suffix == ".json")
        == [".json"] * 3
    )
    again = small(folder=tmp_path)
    assert len(again.bluesky.posts()) == len(province.bluesky.posts())


def test_the_configuration_is_the_same_as_values_and_as_a_file(tmp_path: Path) -> None:
    province = small()
    place = tmp_path / "pelayanan.toml"
    place.write_text(province.toml(), "utf-8")
    read, made = Config.read(place), Config.of(province.config(), folder=tmp_path)
    assert read.model_dump() == made.model_dump()
    named = {account["password" if "password" in account else "token"]
             for account in tomllib.loads(province.toml())["accounts"]}  # fmt: skip
    assert named == {f"file:{name}" for name in province.secrets()}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A week of three agencies, fetched and answered through the library."""
    folder = tmp_path_factory.mktemp("province")
    province = SimulatedProvince(agencies=4, days=7, seed=3)
    for name, content in province.secrets().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    client = Client(transport=province.transport, sleep=lambda _: None)
    config = Config.of(province.config(), folder=folder)
    with client, Desk.open(config, client=client, clock=province.clock) as desk:
        replies = _live(desk, province)
        return {
            "truth": province.truth,
            "replies": replies,
            "score": desk.score(Period.month("2026-10")),
            "counts": desk.store.counts(),
            "open": Counter(case.agency for case in desk.cases(status="open")),
            "wrong": desk.verify(),
            "again": desk.sync().new,
        }


def test_the_library_counts_to_the_unit_what_happened(week: dict[str, Any]) -> None:
    agencies = week["score"].agencies
    assert agencies.keys() == week["truth"].keys()
    for key, truth in week["truth"].items():
        assert agencies[key].n == truth.needs
        assert agencies[key].answered == truth.answered
        assert agencies[key].unanswered == truth.unanswered == week["open"][key]
    assert week["wrong"] == []


def test_every_message_is_stored_once(week: dict[str, Any]) -> None:
    told = week["truth"].values()
    said = sum(each.needs + each.again + each.answered + each.hollow for each in told)
    assert week["counts"]["messages"] == said
    assert week["counts"]["cases"] == sum(each.needs for each in told)
    assert week["again"] == 0


def test_a_week_has_everything_in_it(week: dict[str, Any]) -> None:
    told = list(week["truth"].values())
    for what in ("needs", "again", "library", "app", "hollow", "unanswered"):
        assert sum(getattr(each, what) for each in told) > 0, what
    assert week["replies"] >= sum(each.library for each in told)


def test_every_agency_has_its_needs_and_habits() -> None:
    assert [each.key for each in AGENCIES] == list(NEEDS)
    for each in AGENCIES:
        for share in (each.answers, each.library, each.hollow):
            assert 0 <= share <= 1


@pytest.mark.parametrize("place", PLACES)
def test_answers_answer_and_may_go_out(place: str) -> None:
    day = datetime(2026, 10, 12).strftime("%d Oktober %Y")  # noqa: DTZ001  a day in a text
    for answer in ANSWERS:
        said = answer.format(place=place, day=day)
        assert substance(said).substantive, said
        assert lint(said) == ()
        assert len(said) < 250


def test_hollow_replies_do_not_count() -> None:
    assert [said for said in HOLLOW if substance(said).substantive] == []


def test_nobody_says_personal_data() -> None:
    assert [said for said in (*SAID, *AGAIN, *THANKS, *HOLLOW) if lint(said)] == []
