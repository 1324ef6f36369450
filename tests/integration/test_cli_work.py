"""The command line at work: fetch, answer, look, report."""

import sys
from datetime import timedelta

import pytest

from office import NIK, NOW, PHONE, Office, drafted, typed, unknown
from pelayanan import Desk, Kind
from pelayanan.cases import Excluded, Triaged

# ---- fetch, look, answer


def test_a_citizen_is_fetched_listed_and_answered_once(office: Office) -> None:
    case = office.case()
    first = office.run("reply", case, "Petugas kami datang besok pukul 9.", "--by", "rina")
    again = office.run("reply", case, "Petugas kami datang besok pukul 9.", "--by", "rina")
    assert (first.code, again.code) == (0, 0)
    assert "[confirmed]" in first.out
    assert office.replies() == ["Petugas kami datang besok pukul 9."]
    assert office.run("cases").out == "tidak ada\n"
    assert office.run("cases", "--lang", "en").out == "none\n"
    assert case in office.run("cases", "--all").out


def test_a_reply_is_read_from_standard_input(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.case()
    typed(monkeypatch, "Petugas kami datang besok — pukul 9.\n".encode())
    assert office.run("reply", case, "-").code == 0
    assert office.replies() == ["Petugas kami datang besok — pukul 9."]
    typed(monkeypatch, b"\xff\xfe")
    done = office.run("reply", case, "-")
    assert (done.code, "UTF-8" in done.err) == (2, True)


def test_a_reply_that_shows_a_number_is_stopped_and_the_number_is_not_repeated(
    office: Office,
) -> None:
    done = office.run("reply", office.case(), f"NIK Ibu {NIK} sudah kami cek.", "--json")
    assert done.code == 1
    assert NIK not in done.out
    assert done.json[0]["needs"]
    assert office.replies() == []
    assert NIK not in office.run("send", "--list", "--json").out


def test_the_steps_one_by_one(office: Office) -> None:
    draft = drafted(office)
    assert office.run("send", "--list").out.startswith(f"{draft}  [drafted]")
    assert office.run("send").out == ""
    assert "[approved]" in office.run("approve", draft, "--by", "sekretaris").out
    assert "[confirmed]" in office.run("send").out
    assert office.replies() == ["Petugas kami datang besok."]
    assert office.run("settle", draft, "--sent").code == 2  # there is nothing to settle


def test_a_draft_may_be_marked_as_no_answer(office: Office) -> None:
    words = ("draft", office.case(), "Petugas kami datang besok.", "--not-substantive", "--json")
    assert office.run(*words).json[0]["substantive"] is False


def test_what_is_unknown_waits_until_a_person_says(office: Office) -> None:
    draft = unknown(office)
    assert "[unknown]" in office.run("send", "--list").out
    settled = office.run("settle", draft, "--sent", "--by", "rina")
    assert (settled.code, "[confirmed]" in settled.out) == (0, True)


def test_a_busy_platform_ends_with_75_and_a_broken_account_with_1(office: Office) -> None:
    office.write("Halo min, bantuan belum sampai")
    office.network.fault("busy", times=50)
    assert office.run("sync").code == 75
    (office.folder / "sandi").write_text("salah", "utf-8")
    calm = Office(office.folder, office.capsys)
    failed = calm.run("sync")
    assert failed.code == 1
    told = failed.json[-2]
    assert told["failed"]
    assert told["remedy"]
    assert "salah" not in failed.out


def test_a_second_run_in_the_same_workspace_leaves_with_75(office: Office) -> None:
    import fcntl  # noqa: PLC0415  only here

    assert office.run("sync").code == 0
    with (office.folder / ".pelayanan" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (("sync",), ("send",), ("forget", "bluesky", "x")):
            done = office.run(*command)
            assert done.code == 75
            assert "another run" in done.err


def test_check_says_in_words_what_is_wrong(office: Office) -> None:
    fine = office.run("check")
    assert (fine.code, "dinsos-bsky" in fine.out) == (0, True)
    (office.folder / "sandi").write_text("salah", "utf-8")
    (office.folder / ".pelayanan" / "session-dinsos-bsky").unlink()
    wrong = office.run("check", "--lang", "en")
    assert wrong.code == 1
    assert "FAILED" in wrong.out
    assert "→" in wrong.out


def test_check_without_an_account_says_so(office: Office) -> None:
    assert office.run("init", "--config", "lain/pelayanan.toml").code == 0
    assert "belum ada akun" in office.run("check", "--config", "lain/pelayanan.toml").out


# ---- nothing of a citizen unless it is asked for


def test_nothing_of_a_citizen_is_printed_unless_it_is_asked_for(office: Office) -> None:
    case = office.case(f"Saya warga_contoh, NIK {NIK} WA {PHONE}, belum dapat bantuan")
    shown = [
        office.run(*words, *more).out
        for more in ((), ("--json",))
        for words in (
            ("cases",),
            ("case", case),
            ("sync",),
            ("score",),
            ("brief",),
            ("verify",),
            ("check",),
            ("send", "--list"),
            ("report", "--output", "laporan.txt"),
        )
    ]
    for out in shown:
        for secret in (NIK, PHONE, "warga_contoh", "did:plc", "rahasia-contoh"):
            assert secret not in out, out
    asked = office.run("case", case, "--show").out + office.run("cases", "--show", "--json").out
    for secret in (NIK, PHONE, "warga_contoh"):
        assert secret in asked


def test_a_forgotten_citizen_is_gone_from_every_list(office: Office) -> None:
    office.case(f"WA saya {PHONE}")
    done = office.run("forget", "bluesky", "warga_contoh.test")
    assert (done.code, done.out) == (0, "1 pesan dikosongkan\n")
    assert PHONE not in office.run("cases", "--show").out
    assert office.run("verify").out.count("rantai utuh") == 1
    assert office.run("forget", "bluesky", "warga_contoh.test", "--json").json == [{"forgotten": 0}]


def test_what_a_citizen_writes_does_not_move_the_cursor_of_a_terminal(office: Office) -> None:
    case = office.case("\x1b[2J\x1b]0;judul\x07 \u202ehalo\u202c [red]a[/] 👩‍👩‍👧 selesai")
    for words in (("cases",), ("case", case, "--show")):
        out = office.run(*words).out
        assert "selesai" in out
        assert "👩‍👩‍👧" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)


# ---- on a terminal, with and without the extra `cli`


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_tables_and_a_bar(office: Office) -> None:
    pytest.importorskip("rich")
    office.write("bantuan [/] belum sampai [bold]")
    synced = office.run("sync")
    assert synced.code == 0
    assert "1 pesan baru" in synced.out
    listed = office.run("cases").out
    assert "┃" in listed
    assert "[/]" in listed.replace("\n", "")


@pytest.mark.usefixtures("terminal")
def test_a_terminal_without_rich_gets_plain_text(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"] + ["rich"]:
        monkeypatch.setitem(sys.modules, name, None)
    office.write("bantuan belum sampai")
    assert "1 pesan baru" in office.run("sync").out
    listed = office.run("cases")
    assert (listed.code, "┃" in listed.out) == (0, False)
    assert listed.out.startswith("perkara")


def test_cron_gets_one_json_line_an_event(office: Office) -> None:
    office.write("bantuan belum sampai")
    events = office.run("sync").json
    assert [event["event"] for event in events][-2:] == ["account", "sync"]
    assert {event["event"] for event in events} == {"page", "account", "sync"}
    assert events[-1] == {"event": "sync", "new": 1, "failed": 0}


# ---- scores and reports


def test_last_is_the_month_before_now(office: Office) -> None:
    office.case()
    office.now = NOW + timedelta(days=31)
    assert office.run("score").out == "belum ada perkara di bulan itu\n"
    (score,) = office.run("score", "--month", "last", "--json").json
    assert score["province"]["n"] == 1
    (report,) = office.run("report", "--month", "last", "--output", "l.csv", "--json").json
    assert report == {"report": "l.csv", "period": "2026-10"}
    assert "2026-10,dinsos,unanswered,1,1," in (office.folder / "l.csv").read_text("utf-8")


def test_the_report_is_where_it_was_asked_for(office: Office) -> None:
    pytest.importorskip("jinja2")
    assert office.run("report").out == "laporan-2026-10.html\n"
    (office.folder / "keluar").mkdir()
    assert office.run("report", "--output", "keluar/x.html").out == "keluar/x.html\n"
    assert (office.folder / "keluar" / "x.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_report_without_jinja2_says_what_to_install(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = office.run("report")
    assert done.code == 2
    assert "pip install 'pelayanan[report]'" in done.err
    assert office.run("report", "--output", "laporan.txt").code == 0


def test_the_brief_says_how_many_wait(office: Office) -> None:
    office.case()
    assert "Belum dijawab sekarang: 1" in office.run("brief").out
    (told,) = office.run("brief", "--json").json
    assert (told["open"], told["overdue"], told["period"]) == (1, 0, "2026-10")


# ---- claims


def test_a_claim_is_shown_without_the_numbers_in_its_reason(office: Office) -> None:
    case = office.case()
    with Desk.open(office.folder / "pelayanan.toml", transport=office.network) as desk:
        desk.record(case, Excluded(reason=f"bukan warga, NIK {NIK}", by="rina"))
    shown = [office.run("claims", *more) for more in ((), ("--json",), ("--lang", "en"))]
    assert ["bukan warga" in done.out and NIK not in done.out for done in shown] == [True] * 3
    assert shown[2].out.startswith("case ")


@pytest.mark.parametrize("who", ["rina", " Rina ", "Sekretaris"])
def test_who_claims_or_writes_for_the_agency_confirms_nothing(office: Office, who: str) -> None:
    case, draft = office.case(), drafted(office)
    office.run("approve", draft, "--by", "sekretaris")
    with Desk.open(office.folder / "pelayanan.toml", transport=office.network) as desk:
        desk.record(case, Triaged(kind=Kind.SPAM, by="rina"))
    key = office.run("claims", "--json").json[0]["key"]
    refused = office.run("claims", key, "--agree", "--by", who)
    assert (refused.code, "somebody outside the agency" in refused.err) == (2, True)
    assert office.run("claims", "--json").json
    assert office.run("claims", key, "--agree", "--by", "provinsi").code == 0
    assert office.run("claims", "--json").json == []
