"""``score``: in the profile of the province; for the public at most twice and always the same."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pelayanan import Config, Desk, Period
from pelayanan.cli.main import main
from pelayanan.errors import ConfigError
from pelayanan.platforms import Manual

MONTH = Period.month("2026-10")
SETTINGS = """[[agencies]]
key = "dinsos"
name = "Dinas Sosial"
"""


class Clock:
    now = datetime(2026, 10, 30, 2, tzinfo=UTC)  # Friday, 09:00 in Bengkulu

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "pelayanan.toml").write_text(SETTINGS)
    with Desk.open(Config.read(tmp_path / "pelayanan.toml"), clock=clock) as opened:
        called(opened, 12)
        yield opened


def called(desk: Desk, calls: int) -> None:
    for number in range(calls):
        call = Manual("telepon").mention(
            text=f"pertanyaan {number}", at=desk.now, author_name=f"Warga Contoh {number}"
        )
        desk.add_mention(call, agency="dinsos")


def test_a_month_that_is_not_over_is_not_published(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="not over"):
        desk.publish_score(MONTH)


def test_what_was_published_comes_again_as_it_was(desk: Desk, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 1, 3, tzinfo=UTC)
    first = desk.publish_score(MONTH)
    assert (first.province["n"], first.footing.as_of) == (10, clock.now)
    clock.now += timedelta(days=40)
    assert desk.publish_score(MONTH) == first


def test_final_figures_wait_until_no_case_can_be_answered_in_time(desk: Desk, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 1, 3, tzinfo=UTC)
    with pytest.raises(ConfigError, match="12 cases of 2026-10 can still be answered in time"):
        desk.publish_score(MONTH, final=True)
    clock.now += timedelta(days=14)
    final = desk.publish_score(MONTH, final=True)
    assert final.agencies["dinsos"]["n"] == 10
    clock.now += timedelta(days=1)
    assert desk.publish_score(MONTH, final=True) == final != desk.publish_score(MONTH)


def test_the_command_writes_the_same_file_each_time(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.close()
    config, place = str(tmp_path / "pelayanan.toml"), tmp_path / "publik.json"
    words = ["score", "--config", config, "--month", "2026-10", "--public", str(place)]
    after = datetime(2026, 11, 2, 3, tzinfo=UTC)
    assert main(words, clock=lambda: after) == 0
    first = place.read_text()
    assert json.loads(first)["footing"]["definition"] == "idt/1"
    assert main(words, clock=lambda: after + timedelta(days=1)) == 0
    assert place.read_text() == first
    assert main([*words, "--final"], clock=lambda: after) == 2
    assert "can still be answered" in capsys.readouterr().err
    assert place.read_text() == first
    assert main([*words[:-2], "--final"]) == 2


def test_the_command_scores_in_the_profile_of_the_province(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.close()
    config = tmp_path / "pelayanan.toml"
    config.write_text(SETTINGS + '[score]\nprofile = "lengkap"\n')
    words = ["score", "--config", str(config), "--month", "2026-10"]
    at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert main([*words, "--json"], clock=lambda: at) == 0
    assert json.loads(capsys.readouterr().out)["profile"] == "lengkap"
    assert main([*words, "--explain", "dinsos"], clock=lambda: at) == 0
    assert "profil lengkap" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "limits"),
    [("id", ("15 menit", "1 jam", "1 hari")), ("en", ("15 minutes", "1 hour ", "1 working day "))],
)
def test_the_table_speaks_the_language_asked_for(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, limits: list[str]
) -> None:
    desk.close()
    words = ["--lang", lang, "score", "--config", str(tmp_path / "pelayanan.toml")]
    at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert main([*words, "--month", "2026-10"], clock=lambda: at) == 0
    head = capsys.readouterr().out.splitlines()[0]
    assert [limit for limit in limits if limit not in head] == []


def test_the_survey_stands_beside_the_index_and_moves_nothing(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.close()
    survey = tmp_path / "skm.csv"
    heads = ",".join(f"u{number}" for number in range(1, 10))
    survey.write_text(f"agency,{heads}\ndinsos,{','.join('3' * 9)}\n")
    words = ["score", "--config", str(tmp_path / "pelayanan.toml"), "--month", "2026-10"]
    at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert main([*words, "--json"], clock=lambda: at) == 0
    alone = json.loads(capsys.readouterr().out)
    assert main([*words, "--json", "--skm", str(survey)], clock=lambda: at) == 0
    both = json.loads(capsys.readouterr().out)
    assert both.pop("skm")["dinsos"]["index"] == "75.00"
    assert both == alone
    assert main([*words, "--skm", str(survey)], clock=lambda: at) == 0
    assert "75,00" in capsys.readouterr().out
