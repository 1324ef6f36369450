"""``audit`` through the command line: the sheet goes out, is filled in, and comes back."""

import csv
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from office import Office
from pelayanan.cli._audit_sheet import write_sheet
from pelayanan.desk.auditing import AuditItem
from pelayanan.score.rubric import ITEMS

HEAD = ["butir", "pertanyaan", "jawaban", *(item.id for item in ITEMS)]


def ask(office: Office, *texts: str) -> None:
    """Citizens ask and are answered."""
    for number, text in enumerate(texts):
        office.write(text, f"warga_contoh_{number}")
    office.run("sync")
    for case in office.run("cases", "--json").json:
        done = office.run("reply", case["id"], "Petugas kami datang besok pukul 9.", "--by", "rina")
        assert done.code == 0, done


def sheet(office: Office, *more: str) -> list[list[str]]:
    assert office.run("audit", "sample", "--output", "lembar.csv", *more).code == 0
    with Path("lembar.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter="," if "en" in more else ";"))


def save(rows: list[list[str]], separator: str = ";", encoding: str = "utf-8-sig") -> None:
    with Path("isi.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


def marked(rows: list[list[str]], *marks: str) -> list[list[str]]:
    """The sheet with marks in its last columns, row by row."""
    filled = [[*row[:3], *told] for row, told in zip(rows[1:], marks, strict=True)]
    return [rows[0], *filled]


@pytest.mark.parametrize("action", ["sample", "record", "status"])
def test_every_action_of_audit_helps_in_two_languages(office: Office, action: str) -> None:
    assert office.run("audit", action, "-h").out.startswith(f"pemakaian: pelayanan audit {action} ")
    english = office.run("audit", action, "-h", "--lang=en")
    assert english.out.startswith(f"usage: pelayanan audit {action} ")


def test_the_sheet_opens_in_a_spreadsheet_and_shows_nobody(office: Office) -> None:
    ask(office, "=HYPERLINK(1) kapan, NIK 1771015503900001?\nSaya menunggu")
    head, row = sheet(office)
    assert Path("lembar.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert head == HEAD
    assert row[1:3] == [
        "'=HYPERLINK(1) kapan, NIK [NIK]?\nSaya menunggu",
        "Petugas kami datang besok pukul 9.",
    ]
    assert row[3:] == [""] * 8
    assert row[0].isalnum()
    assert not {"dinsos", "Sosial", "warga"} & set(Path("lembar.csv").read_text().split())


@pytest.mark.parametrize("content", [b"a\rb\x00\n", b"PK\x03", b"", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_sheet_is_told(office: Office, content: bytes) -> None:
    Path("coret.csv").write_bytes(content)
    done = office.run("audit", "record", "--input", "coret.csv")
    assert (done.code, "coret.csv" in done.err) == (2, True)


def test_a_sheet_that_is_there_is_never_written_over(office: Office) -> None:
    ask(office, "kapan?")
    sheet(office)
    again = office.run("audit", "sample", "--output", "lembar.csv")
    assert again.code == 2
    assert "perhaps with marks" in again.err
    assert office.run("audit", "sample", "-o", "tidak/ada.csv").code == 2


def test_a_sheet_that_could_not_be_written_whole_is_not_there(tmp_path: Path) -> None:
    def drawn() -> Iterator[AuditItem]:
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    with pytest.raises(OSError, match="No space"):
        write_sheet(tmp_path / "lembar.csv", drawn(), "id")
    assert not (tmp_path / "lembar.csv").exists()


@pytest.mark.parametrize(
    ("lang", "separator", "encoding"),
    [
        ("id", ";", "utf-8-sig"),
        ("id", ",", "cp1252"),
        ("en", ",", "utf-8"),
        ("id", "\t", "utf-16"),
    ],
)
def test_what_a_rater_fills_in_is_recorded_once(
    office: Office, lang: str, separator: str, encoding: str
) -> None:
    ask(office, "kapan?", "di mana?")
    rows = sheet(office, "--lang", lang)
    save(marked(rows, "11011111", "00000000"), separator, encoding)
    record = "audit", "record", "--input", "isi.csv", "--by", "auditor"
    first, again = (office.run(*record, "--json") for _ in range(2))
    assert (first.code, again.code) == (0, 0)
    assert first.json == [{"recorded": 2, "unchanged": 0, "blank": 0, "failed": []}]
    assert again.json == [{"recorded": 0, "unchanged": 2, "blank": 0, "failed": []}]
    (status,) = office.run("audit", "status", "--json").json
    assert (status["drawn"], status["marked"], status["twice"]) == (2, 2, 0)


def test_one_bad_row_is_named_and_stops_no_other(office: Office) -> None:
    ask(office, "satu", "dua", "tiga", "empat", "lima")
    rows = marked(sheet(office), "11111111", "", "1111x111", "111111", "01111111")
    rows[-1] = ["tidakada", *rows[-1][1:]]
    save([*rows, [], [rows[1][0], "", "", *"11111110"]])
    done = office.run("audit", "record", "-i", "isi.csv", "--by", "auditor")
    assert done.code == 1
    assert done.out == "1 dicatat, 0 sudah ada, 1 kosong, 4 ditolak\n"
    assert [line.removeprefix("pelayanan: baris ") for line in done.err.splitlines()] == [
        f"4: {ITEMS[4].id}: 'x', tulis/write 0 / 1",
        f"5: {ITEMS[6].id}: 'kosong/empty', tulis/write 0 / 1",
        "6: there is no item 'tidakada': see `pelayanan audit sample`",
        f"8: 'auditor' marked {rows[1][0]} 11111111 before: say correct to replace it",
    ]
    again = office.run("audit", "record", "-i", "isi.csv", "--by", "auditor", "--json")
    assert [each["row"] for each in again.json[0]["failed"]] == [4, 5, 6, 8]


def test_a_sheet_without_its_columns_is_refused_before_anything_is_recorded(
    office: Office,
) -> None:
    ask(office, "satu")
    rows = marked(sheet(office), "11111111")
    save([["butir", *rows[0][1:-1], "bahasa"], rows[1]])
    done = office.run("audit", "record", "-i", "isi.csv", "--by", "auditor")
    assert done.code == 2
    assert "isi.csv: no column bahasa mudah dipahami / plain" in done.err
    Path("isi.csv").write_bytes(b"PK\x03\x04")
    assert "save it as CSV UTF-8" in office.run("audit", "record", "-i", "isi.csv").err
    assert office.run("audit", "record", "-i", "tidak.csv").code == 2
    Path("isi.csv").write_bytes(b"")
    assert office.run("audit", "record", "-i", "isi.csv").code == 2
    assert office.run("audit", "status", "--json").json[0]["marked"] == 0


def test_one_answer_is_marked_without_a_sheet_and_counts(office: Office) -> None:
    ask(office, "kapan?")
    (sample,) = office.run("audit", "sample", "--json").json
    item = sample["items"][0]["id"]
    shown = office.run("audit", "sample").out
    assert f"{item}\nkapan?\n---\nPetugas kami datang besok pukul 9.\n" in shown
    assert "bulan belum berakhir" in shown
    done = office.run("audit", "record", item, "--marks", "11110000", "--by", "auditor")
    assert (done.code, done.out) == (0, "1 dicatat, 0 sudah ada, 0 kosong, 0 ditolak\n")
    refused = office.run("audit", "record", item, "--marks", "11110001", "--by", "auditor")
    assert refused.code == 2
    better = "audit", "record", item, "--marks", "11110001", "--by", "auditor", "--correct"
    assert office.run(*better).code == 0
    insider = office.run("audit", "record", item, "--marks", "11111111", "--by", "Rina")
    assert insider.code == 2
    assert "somebody outside it" in insider.err
    assert office.run("audit", "record", item, "--marks", "11110000", "--by", "zahra").code == 0
    status = office.run("audit", "status", "--lang", "en").out
    assert "1 drawn, 1 read, 1 by two persons" in status
    assert "plain language" in status
    office.run("tally", "-o", "hitungan.json")
    assert '"audited_ok": 5' in Path("hitungan.json").read_text()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("butir",),
        ("--marks", "11111111"),
        ("butir", "--input", "x.csv"),
        ("butir", "--marks", "11111111", "--input", "x.csv"),
    ],
)
def test_record_wants_one_item_or_one_sheet(office: Office, words: tuple[str, ...]) -> None:
    done = office.run("audit", "record", *words)
    assert done.code == 2
    assert "say ITEM --marks 11011111, or --input SHEET" in done.err
