"""The lint that a text passes before it goes out, and what a draft's states mean."""

from datetime import UTC, datetime

import pytest

from pelayanan.models import Author, Mention
from pelayanan.platforms import FacebookPage, Instagram, X
from pelayanan.protocol.capabilities import Account, TextLimit
from pelayanan.reply import DraftState
from pelayanan.reply.lint import lint
from pelayanan.reply.parts import limits_for

NIK, PHONE, MAIL = "1771014101900001", "0812-3456-7890", "wati@warga.test"
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
OWN = ("0736-21450", "dinsos@prov.test")


def stops(text: str, **more: object) -> list[str]:
    found = lint(text, **more)  # type: ignore[arg-type]  # handed through
    assert {remark.severity for remark in found} <= {"stop"}
    return [remark.message for remark in found]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"NIK Ibu {NIK} sudah terdaftar", "NIK"),
        (f"Hubungi petugas di {PHONE}", "nomor telepon"),
        (f"Kirim ke {MAIL}", "alamat e-mail"),
        ("Petugas NIP 19770312 200312 2 007 datang", "NIP"),
    ],
)
def test_numbers_of_people_are_stopped_in_public(text: str, name: str) -> None:
    assert stops(text) == [f"memuat {name}: hapus, atau pindahkan ke percakapan pribadi"]


def test_in_private_only_the_numbers_of_the_cards_are_stopped() -> None:
    assert stops(f"Hubungi {PHONE} atau {MAIL}", private=True) == []
    assert len(stops(f"NIK Ibu {NIK}", private=True)) == 1


def test_each_sort_is_told_once_and_all_are_told() -> None:
    found = stops(f"{NIK} {NIK} {PHONE}")
    assert [each.split(":")[0] for each in found] == ["memuat NIK", "memuat nomor telepon"]


def test_the_agencys_own_numbers_may_be_shown() -> None:
    text = "Telepon (0736) 21450 atau surel dinsos@prov.test"
    assert len(stops(text)) == 2
    assert stops(text, allow=OWN) == []
    assert len(stops(f"{text}, {PHONE}", allow=OWN)) == 1


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_is_stopped(text: str) -> None:
    assert stops(text) == ["teks kosong"]


def test_every_limit_of_a_platform_holds_in_its_own_counting() -> None:
    limits = (TextLimit("graphemes", 5), TextLimit("bytes", 12), TextLimit("none", 1))
    family = "👨‍👩‍👧"  # one grapheme, many bytes
    assert stops("halo!", limits=limits) == []
    assert stops("halo!!", limits=limits) == ["terlalu panjang: 6 dari paling banyak 5 (graphemes)"]
    assert stops(family, limits=limits) == ["terlalu panjang: 18 dari paling banyak 12 (bytes)"]


@pytest.mark.parametrize(
    ("account", "public", "private"),
    [
        (X("dinsos_contoh", "akses"), 280, 10_000),
        (FacebookPage("1060", "akses"), 8_000, 2_000),
        (Instagram("1060", "dinsos_contoh", "akses"), 2_200, 1_000),
    ],
)
def test_a_private_answer_has_limits_of_its_own(
    account: Account, public: int, private: int
) -> None:
    who = Author(id="7", handle="warga_contoh")
    mention = Mention(platform=account.name, id="1", author=who, text="halo", created_at=NOW)
    asked = [mention, mention.model_copy(update={"private": True})]
    found = [limits_for(each, account.capabilities) for each in asked]
    assert [limit.limit for (limit,) in found] == [public, private]


def test_a_good_answer_passes() -> None:
    assert lint("Bantuan Ibu siap diambil besok pukul 9 di Bidang Contoh.") == ()


def test_only_what_the_platform_took_is_done() -> None:
    assert {state for state in DraftState if state.done} == {DraftState.SENT, DraftState.CONFIRMED}
