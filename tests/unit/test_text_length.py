import pytest

from pelayanan.text.length import count, fit, split

FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize(
    ("counter", "text", "expected"),
    [
        ("characters", "héllo", 5),
        ("graphemes", f"e\u0301 {FAMILY} 🇮🇩", 5),
        ("bytes", "é🙏", 6),
        ("none", "apa saja", 0),
        ("mastodon", "lihat https://dinsos.example/" + "a" * 200, 6 + 23),
        ("mastodon", "http://a.example", 23),
        ("mastodon", "dinsos.example/form", 19),
        ("mastodon", "@wati@contoh.example halo", 10),
        ("mastodon", "@dinsos #bansos", 15),
        ("mastodon", FAMILY, 1),
        ("mastodon", "(https://a.example).", 26),
        ("x", "Siap 🙏, héllo…", 5 + 2 + 2 + 5 + 2),
        ("x", f"{FAMILY}🇮🇩1️⃣☺️", 8),
        ("x", "© Dinsos", 8),
        ("x", "lihat https://dinsos.bengkuluprov.go.id/" + "a" * 200, 6 + 23),
        ("x", "lihat lapor.go.id/formulir, ya", 6 + 23 + 4),
        ("x", "Sudah selesai.Silakan cek", 25),
        ("x", "surel dinsos@bengkuluprov.go.id", 31),
        ("x", "@wati #bansos", 13),
        ("x", "http://dinas_sosial.go.id", 23),
        ("x", "http://dinas_sosial.id", 22),
        ("x", "http://a-.id http://-a.id", 25),
    ],
)
def test_each_platform_counts_its_own_way(counter: str, text: str, expected: int) -> None:
    assert count(counter, text) == expected


def test_the_instance_says_what_a_link_counts() -> None:
    assert count("mastodon", "https://dinsos.example/panjang", url_length=5) == 5


def test_an_unknown_counter_is_named() -> None:
    with pytest.raises(ValueError, match="no counter 'y'; there are bytes, characters"):
        count("y", "teks")
    with pytest.raises(ValueError, match="no counter"):
        fit("teks", "y", 3)


@pytest.mark.parametrize(
    ("text", "counter", "limit", "expected"),
    [
        ("pas", "characters", 3, "pas"),
        ("Halo Ibu Wati", "characters", 9, "Halo Ibu…"),
        ("Halo Ibu Wati", "characters", 8, "Halo…"),
        ("Halo", "characters", 3, "Ha…"),
        ("Halo", "characters", 1, "…"),
        ("Halo", "characters", 0, ""),
        ("Halo", "bytes", 2, ""),
        ("Halo", "none", 0, "Halo"),
        (FAMILY * 3, "characters", 11, f"{FAMILY * 2}…"),
        (FAMILY * 3, "bytes", 30, f"{FAMILY}…"),
        ("Isi https://dinsos.example/formulir sekarang", "characters", 20, "Isi…"),
        ("Isi https://dinsos.example/formulir sekarang", "mastodon", 29,
         "Isi https://dinsos.example/formulir …"),
        ("https://dinsos.example/formulir", "characters", 12, "…"),
        ("@wati@contoh.example halo dunia", "mastodon", 11, "@wati@contoh.example halo…"),
        ("Satu\n\nDua tiga", "characters", 10, "Satu\n\nDua…"),
        ("Isi lapor.go.id/formulir sekarang", "x", 26, "Isi…"),
        ("Isi lapor.go.id/formulir sekarang", "x", 30, "Isi lapor.go.id/formulir …"),
        ("abc.idxyz-panjang", "x", 12, "abc.idxyz-…"),
        ("   ", "characters", 2, "…"),
    ],
)  # fmt: skip
def test_a_text_is_shortened_without_breaking_anything(
    text: str, counter: str, limit: int, expected: str
) -> None:
    assert fit(text, counter, limit) == expected


def test_parts_end_with_a_sentence_where_that_leaves_none_half_empty() -> None:
    text = "Loket buka Senin pukul 08.00. Bawa KTP, KK dan surat dari RT."
    assert split(text, "characters", 40) == [
        "Loket buka Senin pukul 08.00.",
        "Bawa KTP, KK dan surat dari RT.",
    ]
    assert split("Ya. Loket buka hari Senin pagi", "characters", 20)[0] == "Ya. Loket buka hari"


def test_a_link_longer_than_a_part_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="longer than a whole part"):
        split("Lihat https://dinsos.example/layanan/formulir", "characters", 20)


def test_ten_parts_leave_room_for_longer_numbers() -> None:
    parts = split("kata " * 40, "characters", 24, numbered=True)
    assert len(parts) >= 10
    assert max(map(len, parts)) <= 24
    assert [part.rpartition(" ")[2] for part in (parts[0], parts[-1])] == [
        f"(1/{len(parts)})",
        f"({len(parts)}/{len(parts)})",
    ]
