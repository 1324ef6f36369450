"""What stands in a report, and what must never stand in one."""

import base64
import csv
import errno
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Author, Config, Desk, Kind, Mention, Period
from pelayanan.aid import AidEvent, AidItem, Consent, Funding
from pelayanan.cases import Actor, Answered, Triaged
from pelayanan.errors import ConfigError, StoreError
from pelayanan.report import Report, brief, monthly
from pelayanan.report.monthly import amount, month_name, number, percent, waited

OCTOBER = Period.month("2026-10")
NOW = datetime(2026, 10, 20, 3, tzinfo=UTC)
NIK, PHONE, MAIL = "1771015503900001", "0812-3456-7890", "wati.contoh@warga.example"
WATI = Author(id="did:plc:wati", handle="wati_contoh@warga.example", name="Wati Contoh")
HOSTILE = "<script>alert(1)</script><img src=https://jahat.example/x onerror=alert(2)> {{ 7*7 }}"


class Office:
    """A desk whose clock the test moves."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        agencies = [
            {"key": "dinsos", "name": "Dinas <b>Sosial</b> & Co"},
            {"key": "dinkes", "name": "Dinas Kesehatan"},
        ]
        config = Config.of({"province": {"name": "Contoh"}, "agencies": agencies}, folder=folder)
        self.desk = Desk.open(config, clock=lambda: self.now)
        self.numbers = 0

    def asks(
        self, text: str, *, agency: str = "dinsos", days: float = 1, again: bool = False
    ) -> str:
        self.numbers += not again
        mention = Mention(
            platform="manual",
            id=f"{self.numbers}{'-lagi' * again}",
            author=WATI.model_copy(update={"id": f"warga{self.numbers}"}),
            text=text,
            created_at=self.now - timedelta(days=days),
            thread=str(self.numbers),
        )
        return self.desk.add_mention(mention, agency=agency)

    def answers(self, case: str) -> None:
        event = Answered(at=self.now, actor=Actor.HUMAN, by="rina", substantive=True, key=case)
        self.desk.record(case, event)

    def gives(self, **more: Any) -> AidEvent:
        event: dict[str, Any] = {
            "agency": "dinsos",
            "occurred_at": NOW - timedelta(days=2),
            "region": "17.71.01.1001",
            "items": (AidItem(name="beras", quantity=Decimal("2.50"), unit="kg"),),
            "funding": Funding.APBD,
            "voluntary": False,
        }
        return self.desk.aid.log(AidEvent(**event | more))

    def report(self, period: Period = OCTOBER) -> Report:
        return monthly(self.desk, period)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    with made.desk:
        yield made


class Page(HTMLParser):
    """A page as a browser reads it: its elements, and the text that is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self.styles = ""
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles += data
        else:
            self.shown += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(report: Report) -> Page:
    pytest.importorskip("jinja2")
    return Page(report.html())


def forms(report: Report) -> dict[str, str]:
    pytest.importorskip("jinja2")
    return {
        "html": report.html(),
        "text": report.text(),
        "csv": report.csv(),
        "notebook": report._repr_html_(),
    }


# ---- nobody is shown


def test_nothing_of_a_citizen_stands_in_any_form(office: Office) -> None:
    office.asks(
        f"@dinsos Saya Wati Contoh (wati_contoh), NIK {NIK}, WA {PHONE}, surel {MAIL}. "
        "Cc @tetangga@lain.example bantuan belum sampai",
        days=9,
    )
    for form, said in forms(office.report()).items():
        for secret in (NIK, PHONE, MAIL, "Wati", "wati", "did:plc", "tetangga", "warga1"):
            assert secret not in said, (form, secret)
    assert "bantuan belum sampai" in office.report().html()


def test_text_and_table_say_nothing_of_what_citizens_wrote(office: Office) -> None:
    office.asks("bantuan belum sampai di lorong mawar")
    assert "mawar" not in office.report().text() + office.report().csv()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@dinsos.test @dinkes bantuan?", "bantuan?"),
        ("hormat saya, WATI CONTOH", "hormat saya, [nama]"),
        ("saya wati, bukan watita", "saya [nama], bukan watita"),
        ("tanya @orang.lain.test dan @a@b.example ya", "tanya @… dan @… ya"),
        ("nilai 3@2 tetap", "nilai 3@2 tetap"),
        (f"WA {PHONE}", "WA [telepon]"),
        ("", ""),
    ],
)
def test_the_writer_is_taken_out_of_the_text(text: str, shown: str) -> None:
    assert WATI.hide(text) == shown


def test_a_writer_without_a_name_hides_nothing() -> None:
    assert Author(id="1", handle="oh").hide("oh ya") == "oh ya"


# ---- what people write is text, and nothing comes from elsewhere


def test_hostile_texts_are_shown_and_not_run(office: Office) -> None:
    office.asks(HOSTILE, days=9)
    office.gives(story=HOSTILE)
    found = page(office.report())
    known = {tag for tag, _ in found.elements}
    assert known.isdisjoint(
        {"script", "iframe", "object", "embed", "link", "base", "form", "b onerror"}
    )
    assert found.named("img") == []
    assert [
        name for _, attributes in found.elements for name in attributes if name.startswith("on")
    ] == []
    assert found.shown.count("<script>alert(1)</script>") == 2  # who waits, and the story
    assert "{{ 7*7 }}" in found.shown
    assert "Dinas <b>Sosial</b> & Co" in found.shown


def test_nothing_is_loaded_from_elsewhere(office: Office, tmp_path: Path) -> None:
    event = office.gives()
    office.desk.aid.attach(event.id, picture(tmp_path), alt='"><script>x</script>', consent=None)
    found = page(office.report())
    (image,) = found.named("img")
    assert str(image["src"]).startswith("data:image/png;base64,")
    assert base64.b64decode(str(image["src"]).partition(",")[2]).startswith(b"\x89PNG")
    assert image["alt"] == '"><script>x</script>'
    assert not {"src", "href"} & {
        name for tag, attributes in found.elements if tag != "img" for name in attributes
    }
    assert "url(" not in found.styles
    assert "@import" not in found.styles
    (policy,) = [each for each in found.named("meta") if "http-equiv" in each]
    assert str(policy["content"]).startswith("default-src 'none'; img-src data:")


# ---- pictures need consent


def picture(folder: Path, colour: str = "teal") -> Path:
    image = pytest.importorskip("PIL.Image")
    place = folder / f"{colour}.png"
    image.new("RGB", (32, 24), colour).save(place)
    return place


def consent(*scope: str) -> Consent:
    return Consent.model_validate(
        {"given_by": "Ny. W.", "how": "formulir", "given_at": NOW, "scope": frozenset(scope)}
    )


def test_a_picture_of_people_needs_consent_to_be_reported(office: Office, tmp_path: Path) -> None:
    event = office.gives()
    office.desk.aid.attach(event.id, picture(tmp_path), alt="x", consent=consent("store"))
    assert page(office.report()).named("img") == []


def test_a_picture_leaves_the_report_when_consent_is_withdrawn(
    office: Office, tmp_path: Path
) -> None:
    event = office.gives()
    agreed = consent("store", "report")
    medium = office.desk.aid.attach(event.id, picture(tmp_path), alt="Paket", consent=agreed)
    assert len(page(office.report()).named("img")) == 1
    office.desk.aid.withdraw_consent(medium.consent_id or "")
    assert page(office.report()).named("img") == []


def test_a_picture_that_cannot_be_read_stops_no_report(office: Office, tmp_path: Path) -> None:
    event = office.gives()
    medium = office.desk.aid.attach(event.id, picture(tmp_path), alt="Paket", consent=None)
    office.desk.media.path(medium.sha256).unlink()
    assert page(office.report()).named("img") == []


def test_an_event_shows_at_most_four_pictures(office: Office, tmp_path: Path) -> None:
    event = office.gives()
    for colour in ("red", "green", "blue", "teal", "navy"):
        office.desk.aid.attach(event.id, picture(tmp_path, colour), alt=colour, consent=None)
    assert len(page(office.report()).named("img")) == 4


def test_of_the_place_only_the_district_is_told(office: Office) -> None:
    office.gives(households=1200)
    shown = page(office.report()).shown
    assert "wilayah 17.71.01 " in shown
    assert "17.71.01.1001" not in shown
    assert "beras 2,5 kg" in shown
    assert "1.200 keluarga" in shown


# ---- what burns, who waits, how much was answered


def test_emergencies_burn_first_then_who_asked_most_often(office: Office) -> None:
    calm = office.asks("kapan loket buka?", days=9)
    asked = office.asks("jalan rusak", days=3)
    office.asks("halo min, jalan rusak", days=2, again=True)
    urgent = office.asks("banjir di rumah kami", days=1)
    office.desk.record(urgent, Triaged(at=NOW, actor=Actor.HUMAN, by="rina", kind=Kind.DARURAT))
    facts = office.report().facts
    assert [each.case_id for each in facts.burning] == [urgent, asked]
    assert [each.case_id for each in facts.longest] == [calm, asked, urgent]
    assert facts.burning[1].contacts == 1


def test_who_was_answered_waits_no_longer(office: Office) -> None:
    office.answers(office.asks("kapan loket buka?"))
    facts = office.report().facts
    assert (facts.open, facts.overdue, facts.longest) == (0, 0, ())
    assert "Semua warga sudah dijawab." in page(office.report()).shown


def test_the_legal_limit_is_counted_in_working_days(office: Office) -> None:
    office.asks("kapan loket buka?", days=0.5)
    office.asks("jalan rusak", days=9)
    facts = office.report().facts
    assert (facts.open, facts.overdue) == (2, 1)
    assert [each.overdue for each in facts.longest] == [True, False]


def test_at_most_twelve_are_listed_and_all_are_counted(office: Office) -> None:
    for number_ in range(15):
        office.asks(f"pertanyaan {number_}", days=number_ / 2)
    facts = office.report().facts
    assert (len(facts.longest), facts.open) == (12, 15)


def test_every_number_stands_in_all_forms(office: Office) -> None:
    office.answers(office.asks("kapan loket buka?", agency="dinkes"))
    office.asks("jalan rusak", agency="dinkes")
    report = office.report()
    assert "Dinas Kesehatan: 1 dari 2 dijawab, 50 % dalam batas hukum" in report.text()
    rows = list(csv.DictReader(io.StringIO(report.csv())))
    told = {(row["agency"], row["measure"]): row for row in rows}
    assert told["dinkes", "n"]["value"] == "2"
    assert told["dinkes", "unanswered"]["value"] == told["", "unanswered"]["value"] == "1"
    assert float(told["dinkes", "within_5"]["value"]) == pytest.approx(0.5)
    for row in rows:
        assert row["period"] == "2026-10"
        assert row["definition"]
        assert row["calendar"]
        assert row["as_of"].startswith("2026-10-20T03:00")
    shown = page(report).shown
    assert "50 %" in shown
    assert "definisi idt/1" in shown


def test_agencies_stand_by_name_and_the_province_last(office: Office) -> None:
    for agency in ("dinsos", "dinkes"):
        office.asks("kapan?", agency=agency)
    lines = [line for line in office.report().text().splitlines() if line.startswith("- ")]
    assert [line.partition(":")[0] for line in lines] == [
        "- Dinas <b>Sosial</b> & Co",
        "- Dinas Kesehatan",
        "- Provinsi",
    ]


def test_a_month_without_cases_says_so(office: Office) -> None:
    report = office.report()
    assert "Belum ada perkara di bulan ini." in page(report).shown
    assert "Belum ada kegiatan yang dicatat bulan ini." in page(report).shown
    assert report.csv().count("\n") == 1
    assert "Belum dijawab sekarang: 0" in report.text()


def test_the_brief_is_of_this_month_in_the_agencies_time(office: Office) -> None:
    office.now = datetime(2026, 10, 31, 16, 59, tzinfo=UTC)
    assert brief(office.desk).facts.period == "2026-10"
    office.now = datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert brief(office.desk).facts.period == "2026-11"


def test_accounts_that_cannot_be_read_are_named(office: Office) -> None:
    office.desk.store.poll("dinsos-bsky", NOW, error="bluesky.session: wrong <password>")
    report = office.report()
    assert "Akun yang tidak terbaca: dinsos-bsky" in report.text()
    assert "wrong <password>" in page(report).shown
    assert "password" not in report.text()


# ---- where it is kept


@pytest.mark.parametrize("name", ["laporan.html", "laporan.csv", "laporan.txt"])
def test_the_ending_names_the_form(office: Office, tmp_path: Path, name: str) -> None:
    pytest.importorskip("jinja2")
    report = office.report()
    said = {"html": report.html, "csv": report.csv, "txt": report.text}[name.partition(".")[2]]()
    assert report.save(tmp_path / name).read_text("utf-8") == said


def test_another_ending_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends in \.html, \.csv, \.txt, not in '\.pdf'"):
        office.report().save(tmp_path / "laporan.pdf")


def test_a_folder_that_is_not_there_is_named(office: Office, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory"):
        office.report().save(tmp_path / "tidak" / "laporan.txt")


def test_a_full_disk_leaves_the_old_report_whole(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "laporan.txt"
    place.write_text("yang lama", "utf-8")

    def full(path: Path, *_: object) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StoreError, match="No space left"):
        office.report().save(place)
    monkeypatch.undo()
    assert place.read_text("utf-8") == "yang lama"
    assert list(tmp_path.glob(".laporan*")) == []


def test_the_room_needs_jinja2_only_for_html(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from pelayanan import Config, Desk\n"
        "from pelayanan.errors import ConfigError\n"
        "from pelayanan.report import brief\n"
        "with Desk.open(Config()) as desk:\n"
        "    print(brief(desk).text(), brief(desk).csv())\n"
        "    try:\n"
        "        brief(desk).html()\n"
        "    except ConfigError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("a report needs: pip install 'pelayanan[report]'\n")


# ---- how numbers are written


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "0 menit"),
        (timedelta(minutes=59), "59 menit"),
        (timedelta(hours=1), "1 jam"),
        (timedelta(hours=47, minutes=59), "47 jam"),
        (timedelta(hours=48), "2 hari"),
        (timedelta(days=29, hours=23), "29 hari"),
    ],
)
def test_waiting_is_said_in_the_largest_unit(span: timedelta, said: str) -> None:
    assert waited(span) == said


def test_numbers_are_written_as_indonesian_writes_them() -> None:
    assert [percent(share) for share in (0, 0.125, 0.285, 0.994, 1)] == [
        "0 %",
        "13 %",
        "29 %",
        "99 %",
        "100 %",
    ]
    assert [number(value) for value in (None, 0, 1234567)] == ["-", "0", "1.234.567"]
    quantities = ("10", "2.50", "1250", "1250.125", "1E+3")
    assert [amount(Decimal(each)) for each in quantities] == [
        "10",
        "2,5",
        "1.250",
        "1.250,125",
        "1.000",
    ]
    assert month_name("2026-10") == "Oktober 2026"
