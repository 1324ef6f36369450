"""``tally`` and ``merge``, as provinces hand counts on."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cli.main import main
from pelayanan.score import Tally

AT = int(datetime(2026, 10, 5, 2, tzinfo=UTC).timestamp())


def tally(province: str, agency: str, answered: list[int]) -> Tally:
    count = len(answered)
    return Tally.from_columns(
        opened=np.full(count, AT),
        answered=np.array(answered),
        agency=np.full(count, agency),
        kind=np.full(count, "pengaduan"),
        calendar=WorkCalendar.indonesia(),
        as_of=datetime(2026, 11, 10, tzinfo=UTC),
        province=province,
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    places = tmp_path / "a.json", tmp_path / "b.json"
    tally("Bengkulu", "dinsos", [AT + 60, -1]).save(places[0])
    tally("Jambi", "dinkes", [AT + 60]).save(places[1])
    return places


def test_tallies_of_two_provinces_add_up(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = tmp_path / "semua.json"
    assert main(["merge", *map(str, files), "-o", str(whole), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["n"], said["tally"]) == (3, str(whole))
    assert Tally.load(whole).digest == said["digest"]


def test_the_same_file_twice_is_refused_and_nothing_is_written(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = tmp_path / "semua.json"
    assert main(["merge", str(files[0]), str(files[0]), "-o", str(whole)]) == 2
    assert "counted twice" in capsys.readouterr().err
    assert not whole.exists()


def test_a_damaged_file_is_named(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "rusak.json"
    bad.write_text(files[0].read_text()[:-20])
    assert main(["merge", str(files[1]), str(bad), "-o", str(tmp_path / "x.json")]) == 2
    assert "rusak.json" in capsys.readouterr().err


def test_an_empty_month_is_a_tally_of_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["tally", "--month", "2026-10"]) == 0
    assert "n = 0" in capsys.readouterr().out
    assert Tally.load(tmp_path / "hitungan-2026-10.json").counts == {}
    assert main(["tally", "--output", str(tmp_path / "tidak" / "ada.json")]) == 2
