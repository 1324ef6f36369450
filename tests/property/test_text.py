import re
from itertools import pairwise
from time import process_time

import pytest
import regex  # type: ignore[import-untyped]  # it ships no types
from hypothesis import assume, given
from hypothesis import strategies as st

from pelayanan.text.length import count, fit, split
from pelayanan.text.links import byte_ranges, find_links
from pelayanan.text.personal import find_personal, mask, mask_name
from pelayanan.text.plain import plain_text
from pelayanan.text.weighing import links as x_links

COUNTERS = st.sampled_from(["characters", "graphemes", "bytes", "mastodon", "none", "threads", "x"])
PIECES = st.sampled_from(["halo", "Ibu,", "+", "-", "/", "(", ")", "@", "."]) | st.sampled_from(
    [
        "@wati@contoh.example",
        "@wati.contoh.example",
        "#bansos",
        "https://dinsos.example/a?b=c",
        "lapor.go.id",
        "lapor.go.idxx",
        "http://dinsos.bengkuluprov.go.id/a_(b)",
        "(https://dinsos.example/(x)).",
        "https://dinsos.example/?kk=9999999999999999&id=115000000000000001",
        "👨‍👩‍👧🇮🇩",
        "e\u0301\u0301",
        "wati@contoh.example",
        "1771011501900001",
        "0812-3456-7890",
        "6281234567890",
        "wa 85267123456",
        "12-10-2026",
        "08.00-15.30",
        "Rp 620.000",
        "KK",
        "NIK",
        "2026",
        "<p>",
        "<br>",
        "<li>",
        "<![x[",
        "&amp;",
        "<a href='http://x.example'>",
    ]
)
JOINED = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", "\n", "-", "."])), max_size=12).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)
DIGITS = st.text("0123456789 .-+()@/ab8610", max_size=60)
TEXTS = st.text(max_size=60) | JOINED | DIGITS


@given(TEXTS | st.text("<>/!&#;[]-=\"' abpliuxtd\n", max_size=60))
def test_any_markup_becomes_text(html: str) -> None:
    text = plain_text(html)
    assert text == text.strip("\n")
    assert "\n\n\n" not in text


@given(TEXTS, COUNTERS, st.integers(0, 80))
def test_a_fitted_text_keeps_the_limit_and_breaks_nothing(
    text: str, counter: str, limit: int
) -> None:
    short = fit(text, counter, limit)
    assert count(counter, short) <= limit
    if short == text:
        return
    assert count(counter, text) > limit
    kept = short.removesuffix("…")
    kept = kept if text.startswith(kept) else kept.removesuffix(" ")
    kept = kept if kept in {"", text[: len(kept)]} else "?"
    assert text.startswith(kept)
    assert len(kept) in {0, *(match.end() for match in regex.finditer(r"\X", text))}
    assert not any(span.start < len(kept) < span.end for span in find_links(text))
    assert counter != "x" or not any(a < len(kept) < b for a, b in x_links(text))


@given(TEXTS, COUNTERS, st.integers(8, 60), st.booleans())
def test_a_split_text_loses_nothing_and_breaks_nothing(
    text: str,
    counter: str,
    limit: int,
    numbered: bool,  # noqa: FBT001  given
) -> None:
    try:
        parts = split(text, counter, limit, numbered=numbered)
    except ValueError:  # a link or a sign that is longer than a part
        longest = [text[a:b] for a, b in [*tappable(text), *x_links(text)]]
        longest += regex.findall(r"\X", text)
        room = limit - (count(counter, " (99/99)") if numbered else 0)
        assert any(count(counter, each) > room for each in longest)
        return
    assert all(count(counter, part) <= limit for part in parts)
    if parts == [text]:
        return
    if numbered:
        marks = [f" ({at}/{len(parts)})" for at in range(1, len(parts) + 1)]
        assert all(part.endswith(mark) for part, mark in zip(parts, marks, strict=True))
        parts = [part.removesuffix(mark) for part, mark in zip(parts, marks, strict=True)]
    cuts, at = [], 0
    for part in parts:
        at = text.index(part, at) + len(part)
        cuts.append(at)
    assert "".join("".join(parts).split()) == "".join(text.split())
    ends = {match.end() for match in regex.finditer(r"\X", text)}
    assert set(cuts[:-1]) <= ends
    assert not any(a < cut < b for a, b in tappable(text) for cut in cuts)
    assert counter != "x" or not any(a < cut < b for a, b in x_links(text) for cut in cuts)
    inside = [cut for cut in cuts[:-1] if not text[cut].isspace()]
    words = [match.span() for match in re.finditer(r"\S+", text)]
    for cut in inside:  # only a word that fits into no part, or that no sign ends
        start, end = next((a, b) for a, b in words if a < cut < b)
        assert count(counter, text[start:end]) + (numbered * 6) > limit or end not in ends


def tappable(text: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in find_links(text)]


@given(TEXTS, st.integers(20, 60))
def test_a_split_text_keeps_all_limits_at_once(text: str, limit: int) -> None:
    try:
        parts = split(text, "graphemes", limit, also=[("bytes", 2 * limit)])
    except ValueError:
        return
    assert all(count("graphemes", part) <= limit for part in parts)
    assert all(count("bytes", part) <= 2 * limit for part in parts)


@given(TEXTS)
def test_spans_are_in_order_and_their_bytes_are_theirs(text: str) -> None:
    spans = find_links(text)
    data = text.encode("utf-8", "surrogatepass")
    for span, (start, end) in zip(spans, byte_ranges(text, spans), strict=True):
        assert data[start:end].decode("utf-8", "surrogatepass") == text[span.start : span.end]
        assert span.value in text[span.start : span.end]
    assert all(a.end <= b.start for a, b in pairwise(spans))


@given(TEXTS)
def test_nothing_personal_is_left_by_mask(text: str) -> None:
    masked = mask(text)
    assert find_personal(masked) == []
    assert mask(masked) == masked


@given(
    st.from_regex(r"[0-9]{16}", fullmatch=True),
    st.sets(st.integers(1, 15), max_size=6),
    st.sampled_from([" ", ".", "-"]),
    st.text("abc ,;:\n", max_size=10),
)
def test_no_run_of_sixteen_digits_survives(
    digits: str, cuts: set[int], gap: str, around: str
) -> None:
    parts = [digits[a:b] for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 16], strict=True)]
    assume(not all(re.fullmatch(r"(19|20)\d\d", part) for part in parts))
    masked = mask(f"{around}{gap.join(parts)}{around}")
    left = re.sub(r"\D", "", masked)
    assert not left or (digits[0] == "0" and len(left) < 16)  # with a 0 it may hold a phone number


@given(st.text(max_size=40))
def test_a_masked_name_is_masked_already(name: str) -> None:
    assert mask_name(mask_name(name)) == mask_name(name)


@pytest.mark.parametrize(
    "piece",
    (  # noqa: SIM905  thirty quoted signs in a list cannot be read
        "a.co? a.co/(( あ. "
        "1 1_ 0_ 081_ 1771_ 12- a@ a@b. @ 08.00- #1 # ( ) / https://x 1.000. a-0812 k < &#1 <a>"
        " <ul> <b>< - ._ wa_ + +62_ kk_ https://x.example/)_"
    ).split(),
)
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    # Quadratic work over 40,000 characters would take minutes; the bound is no benchmark
    text = piece.replace("_", " ") * (40_000 // len(piece))
    start = process_time()  # what others do on the machine does not count
    mask(text)
    find_links(text)
    fit(text, "mastodon", 300)
    fit(text, "x", 280)
    plain_text(text)
    mask_name(text)
    assert process_time() - start < 8
