"""The command line: aid events, their evidence and their publication."""

import json
from pathlib import Path

import pytest

from office import LOG, PHONE, Office, typed

EVENT = {
    "agency": "dinsos",
    "occurred_at": "2026-10-10T09:00:00+07:00",
    "region": "17.71.01.1001",
    "items": [{"name": "beras", "quantity": 10, "unit": "kg"}],
    "funding": "apbd",
    "voluntary": False,
    "story": f"Bu Wati Contoh, {PHONE}, menerima di rumah.",
}


def test_an_aid_event_is_logged_listed_shown_and_published_once(office: Office, foto: Path) -> None:
    event = office.event()
    assert office.event() == event  # the same event twice is one event
    listed = office.run("aid", "list").out
    assert event in listed
    assert "17.71.01" in listed
    assert "17.71.01.1001" not in listed  # of the place only the district
    assert "17.71.01.1001" in office.run("aid", "list", "--show").out
    consent = ("--consent-by", "kepala keluarga", "--how", "dibacakan, dijawab ya")
    kept = office.run(
        *("aid", "attach", event, str(foto), "--alt", "Dua belas paket beras"),
        *(*consent, "--scope", "store,report,publish"),
    )
    assert (kept.code, "tersimpan" in kept.out) == (0, True)
    words = ("aid", "publish", event, "--account", "dinsos-bsky", "--text", "12 paket beras.")
    assert [office.run(*words).code for _ in range(2)] == [0, 0]
    assert office.replies() == ["12 paket beras."]
    (told,) = office.run("aid", "list", "--json").json
    assert (told["status"], len(told["media"])) == ("published", 1)


def test_a_picture_without_consent_to_publish_is_not_published(office: Office, foto: Path) -> None:
    event = office.event()
    consent = ("--consent-by", "Ny. W.", "--how", "formulir", "--consent-at", "2026-10-10T08:00")
    attach = ("aid", "attach", event, str(foto), "--alt", "Warga menerima paket")
    assert office.run(*attach, *consent, "--scope", "store").code == 0
    done = office.run("aid", "publish", event, "--account", "dinsos-bsky", "--text", "12 paket.")
    assert done.code == 1
    assert "persetujuan" in done.out
    assert office.replies() == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--consent-by", "Ny. W.", "--how", "formulir"), "--scope"),
        (("--consent-by", "Ny. W.", "--scope", "store"), "--how"),
        (("--consent-by", "Ny. W.", "--how", "x", "--scope", "semua"), "scope"),
        (("--consent-by", "Ny. W.", "--how", "x", "--scope", "publish", "--minor"), "child"),
        (("--no-person", "--scope", "store"), "--no-person"),
    ],
)
def test_a_consent_that_is_none_is_refused(
    office: Office, foto: Path, more: tuple[str, ...], why: str
) -> None:
    done = office.run("aid", "attach", office.event(), str(foto), "--alt", "Paket", *more)
    assert (done.code, why in done.err) == (2, True)


def test_a_file_that_is_no_picture_is_refused(office: Office) -> None:
    pytest.importorskip("PIL")
    (office.folder / "catatan.jpg").write_text("bukan gambar", "utf-8")
    done = office.run("aid", "attach", office.event(), "catatan.jpg", "--alt", "x", "--no-person")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("many", [0, 1])
def test_events_come_as_json_too(office: Office, many: int) -> None:
    events = [EVENT, {**EVENT, "region": "1702052003"}] if many else EVENT
    (office.folder / "kegiatan.json").write_text(json.dumps(events), "utf-8")
    done = office.run("aid", "log", "--file", "kegiatan.json", "--json", "--by", "rina")
    assert done.code == 0
    assert len(done.json) == (2 if many else 1)
    assert PHONE not in done.out
    assert done.json[0]["recorded_by"] == ""  # masked
    assert PHONE in office.run("aid", "list", "--json", "--show").out


def test_events_are_read_from_standard_input(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, json.dumps(EVENT).encode())
    assert office.run("aid", "log", "--file", "-").code == 0
    assert "apbd" in office.run("aid", "list").out


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("bukan json", "no JSON"),
        ('"kata"', "no JSON of events"),
        (json.dumps({**EVENT, "household": 3}), "'household' is no field; it has agency"),
        (json.dumps({**EVENT, "status": "published"}), "'status' is no field"),
        (json.dumps({**EVENT, "region": "Curup"}), "region"),
        (json.dumps({**EVENT, "occurred_at": "2026-10-10T09:00"}), "timezone"),
        (json.dumps([EVENT, {**EVENT, "items": []}]), "items"),
        (json.dumps([EVENT, {**EVENT, "households": 1_000_001}]), "households is more than"),
        (json.dumps([EVENT, {**EVENT, "agency": "dinsoss"}]), "'dinsoss'; there are dinsos"),
    ],
)
def test_events_that_are_none_are_refused_before_one_is_logged(
    office: Office, told: str, why: str
) -> None:
    (office.folder / "kegiatan.json").write_text(told, "utf-8")
    done = office.run("aid", "log", "--file", "kegiatan.json")
    assert (done.code, why in done.err) == (2, True), done.err
    assert office.run("aid", "list").out == "belum ada kegiatan di bulan itu\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--item", "beras:1.000:kg"), "'1.000' may be thousands or a fraction"),
        (("--item", "beras:1e999999:kg"), "quantity must be from 0.001"),
        (("--item", "beras:0.00001:kg"), "quantity must be from 0.001"),
        (("--item", "beras:1:kg:9999999999"), "unit_price_idr is more than"),
        (("--item", " :1:kg"), "items 2 has no name"),
        (("--at", "2026-10-14T09:00"), "in the future: log it once"),
        (("--at", "0202-10-10"), "before 2000: check the year"),
        (("--persons", "1000001"), "persons is more than 1000000"),
        (("--parcels", "-1"), "no whole number"),
        (("--parcels", "1" * 5000), "no whole number"),
    ],
)
def test_a_slip_is_told_before_it_outweighs_all_sums(
    office: Office, words: tuple[str, str], why: str
) -> None:
    done = office.run(*LOG, *words)
    assert (done.code, why in done.err) == (2, True), done.err
    assert office.run("aid", "list").out == "belum ada kegiatan di bulan itu\n"


def test_an_amount_is_taken_with_a_point_and_with_a_comma(office: Office) -> None:
    (event,) = office.run(*LOG, "--item", "minyak:1,5:liter", "--parcels", "0", "--json").json
    assert [item["quantity"] for item in event["items"]] == ["10", "1.5"]


def test_a_consent_that_says_nothing_is_none(office: Office, foto: Path) -> None:
    event = office.event()
    who = ("--consent-by", " ", "--how", " ", "--scope", "store")
    done = office.run("aid", "attach", event, str(foto), "--alt", "beras", *who)
    assert (done.code, "neither may be empty" in done.err) == (2, True)
