"""``signals`` on the command line."""

import pytest

from office import PHONE, Office, heard


def test_a_signal_is_listed_masked_unless_somebody_asks_to_see_it(office: Office) -> None:
    signal = heard(office)
    listed = office.run("signals")
    assert signal in listed.out
    assert "Bansos belum cair" in listed.out
    shown = office.run("signals", "--json")
    for done in (listed, shown, office.run("sync", "--json")):
        assert PHONE not in done.out
        assert "sri_contoh" not in done.out.lower()
    assert PHONE in office.run("signals", "--show").out
    assert "sri_contoh.test" in office.run("signals", "--json", "--show").out


def test_a_sync_tells_of_each_watch(office: Office) -> None:
    heard(office)
    told = office.run("sync", "--json").json
    (watch,) = [each for each in told if each["event"] == "watch"]
    assert (watch["account"], watch["new"], watch["failed"]) == ("dinsos-bsky", 0, "")


@pytest.mark.usefixtures("terminal")
def test_a_person_sees_the_watch_in_the_table_of_the_sync(office: Office) -> None:
    heard(office)
    assert office.run("sync").out.count("dinsos-bsky") == 2


def test_only_what_was_asked_for_is_listed(office: Office) -> None:
    signal = heard(office)
    assert signal in office.run("signals", "--query", "bansos cair").out
    assert office.run("signals", "--query", "banjir").out == "tidak ada\n"
    assert office.run("signals", "--since", "2026-10-13", "--lang", "en").out == "none\n"
    refused = office.run("signals", "--query", "@sri")
    assert refused.code == 2
    assert "nobody is searched for by person" in refused.err


def test_a_signal_is_taken_up_once(office: Office) -> None:
    signal = heard(office)
    words = ("signals", "--take-up", signal, "--agency", "dinsos", "--by", "rina")
    done = office.run(*words)
    (case,) = office.run("cases", "--json").json
    assert done.out == f"menjadi perkara {case['id']}\n"
    (again,) = office.run(*words, "--json").json
    assert again == {"signal": signal, "case": case["id"]}
    assert office.run("signals").out == "tidak ada\n"
    (taken,) = office.run("signals", "--all", "--json").json
    assert (taken["case_id"], taken["taken_by"]) == (case["id"], "rina")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--take-up", "x"), "--agency KEY"),
        (("--take-up", "x", "--agency", "dinsos"), "there is no signal"),
        (("--take-up", "x", "--agency", "dinas"), "no agency has key"),
        (("--since", "kemarin"), "is no time such as"),
    ],
)
def test_what_is_missing_is_said(office: Office, words: tuple[str, ...], told: str) -> None:
    done = office.run("signals", *words)
    assert done.code == 2
    assert told in done.err


def test_a_watch_that_only_asks_to_come_later_ends_with_75(office: Office) -> None:
    heard(office)
    office.network.fault("busy", times=20, after=2)  # the account's two listings go well
    assert office.run("sync").code == 75
