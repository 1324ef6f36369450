"""What may be searched for: words and hashtags, never persons."""

import pytest

from pelayanan.errors import ConfigError
from pelayanan.protocol.page import resume
from pelayanan.protocol.search import Query, person_in


def test_a_query_is_its_words_and_hashtags_each_once() -> None:
    found = Query.of('  Bansos  "BLT-DD" #Bengkulu bansos OR #bengkulu ')
    assert found == Query(words=("bansos", "blt-dd", "or"), tags=("bengkulu",))
    assert found.text == "bansos blt-dd or #bengkulu"


@pytest.mark.parametrize(
    "text",
    [
        "@wati_contoh",
        "bansos @wati@sosial.example",
        "wati@contoh.example",
        "did:plc:wati",
        "0812-0000-0001",
        "1771014101900001",
        "NIP 19770312 200312 2 007",
        "bansos/@wati",
        "x@wati",
        "@\u200bwati",  # what is not seen
        "\uff20wati",  # wide forms
        "wati\uff20contoh.example",
        "0812\u200b0000\u200b0001",
        "0812/0000/0001",
        "WA \uff10\uff18\uff11\uff12-0000-0001",
        "81200000001",
    ],
)
def test_nobody_is_searched_for_by_person(text: str) -> None:
    assert person_in(text).startswith("it holds")
    with pytest.raises(ConfigError, match="nobody is searched for by person") as refused:
        Query.of(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "from:wati",
        "-from:wati x",
        "bansos author:wati",
        "(from:wati)",
        '"from:wati"',
        "from\uff1awati",
        "fr\u200bom:wati",
    ],
)
def test_a_platform_s_own_language_would_find_persons(text: str) -> None:
    with pytest.raises(ConfigError, match="words and hashtags only"):
        Query.of(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://sosial.example/wati",
        "www.contoh.example",
        "contoh.example/wati",
        "t.me/wati",
        "wati.bsky.social",
    ],
)
def test_addresses_are_no_words(text: str) -> None:
    with pytest.raises(ConfigError, match="words and hashtags only"):
        Query.of(text)


@pytest.mark.parametrize("text", ["", "  ", "!?", "#"])
def test_nothing_is_not_searched_for(text: str) -> None:
    with pytest.raises(ConfigError, match="nothing to search for"):
        Query.of(text)


@pytest.mark.parametrize(
    "text",
    [
        "bansos 2026",
        "pukul 10:00",
        "banjir di RT 3",
        "nomor 112",
        "Kec.Curup",
        "UU 23/2014",
        "Rp 1.500.000",
        "beras 10kg",
        "BLT/BST",
    ],
)
def test_years_and_short_numbers_are_words(text: str) -> None:
    assert Query.of(text).words


def test_the_cursor_of_one_query_is_not_another_s() -> None:
    form = Query.of("bansos #bengkulu").form("uji")
    assert resume(Query.of("#Bengkulu  BANSOS").form("uji"), f"{form}:7") == "7"
    with pytest.raises(ConfigError, match="cannot be read"):
        resume(Query.of("#bansos bengkulu").form("uji"), f"{form}:7")


def test_a_text_fits_if_it_has_all_of_it() -> None:
    query = Query.of("lampu jalan #Bengkulu")
    assert query.fits("Jalannya gelap, LAMPU mati #bengkulu!")
    assert not query.fits("jalan gelap #bengkulu")
    assert not query.fits("lampu jalan bengkulu")
    assert not query.fits("lampu jalan #bengkuluselatan")
    assert not query.fits("kelampuan jalan #bengkulu")
