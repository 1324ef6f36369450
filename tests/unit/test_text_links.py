import pytest

from pelayanan.text.links import Span, byte_ranges, find_links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cek https://dinsos.example/a?b=c#d.", ["url https://dinsos.example/a?b=c#d"]),
        ("(lihat https://dinsos.example/a_(b)).", ["url https://dinsos.example/a_(b)"]),
        ("[https://dinsos.example/]", ["url https://dinsos.example/"]),
        ("“https://dinsos.example”…", ["url https://dinsos.example"]),
        ("HTTP://DINSOS.EXAMPLE!!!", ["url HTTP://DINSOS.EXAMPLE"]),
        ("dinsos.bengkulu.example www.dinsos.example", []),
        ("https:// http://", []),
        ("xhttps://dinsos.example", []),
        ("Halo @wati, dan @wati.contoh.example.", ["mention wati", "mention wati.contoh.example"]),
        ("@wati@contoh.social: ya", ["mention wati@contoh.social"]),
        ("kirim ke wati@contoh.example", []),
        ("https://contoh.social/@wati/115", ["url https://contoh.social/@wati/115"]),
        ("#bansos #JalanRusak, #2026 #17agustus #é",
         ["tag bansos", "tag JalanRusak", "tag 17agustus", "tag é"]),
        ("a#b &#39; ##x", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_reader_can_tap_is_found(text: str, found: list[str]) -> None:
    spans = find_links(text)
    assert [f"{span.kind} {span.value}" for span in spans] == found
    for span in spans:
        assert text[span.start : span.end].lstrip("@#") == span.value


def test_offsets_in_bytes_are_those_of_utf_8() -> None:
    text = "Kak 🙏 @wati lihat https://dinsos.example é #bansos"
    data = text.encode()
    spans = find_links(text)
    assert [data[start:end].decode() for start, end in byte_ranges(text, spans)] == [
        "@wati",
        "https://dinsos.example",
        "#bansos",
    ]


def test_half_an_emoji_is_no_reason_to_fail() -> None:
    assert byte_ranges("\ud83d #a", [Span("tag", 2, 4, "a")]) == [(4, 6)]
