"""The counting of X against the vectors of twitter-text, configuration 3.

They lie in the folder that PELAYANAN_CONTRACTS names, else beside the repository. Without them
these tests are skipped.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import is_normalized

import pytest

from pelayanan.text.length import count, fit
from pelayanan.text.weighing import is_sendable, links

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE)) / "x" / "twitter-text"
# configuration 2 counts the parts of an emoji; X has used 3 since
_OLDER = {
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
}


@cache
def vectors() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="the extra `contract` is not installed")
    if not _PLACE.exists():
        pytest.skip("the vectors of twitter-text are not here: set PELAYANAN_CONTRACTS")
    found: dict[str, Any] = yaml.safe_load((_PLACE / "validate.yml").read_text("utf-8"))["tests"]
    return found


@pytest.mark.parametrize(
    ("section", "size"),
    [
        ("WeightedTweetsCounterTest", 20),
        ("WeightedTweetsWithDiscountedEmojiCounterTest", 22),
        ("UnicodeDirectionalMarkerCounterTest", 2),
    ],
)
def test_every_text_weighs_what_x_says(section: str, size: int) -> None:
    asked = vectors()[section]
    assert len(asked) == size
    for vector in asked:
        if section == "WeightedTweetsCounterTest" and vector["description"] in _OLDER:
            continue
        expected, text = vector["expected"], vector["text"]
        weight = count("x", text)
        known = (expected["weightedLength"], expected["valid"], expected["permillage"])
        assert (weight, is_sendable(text), weight * 1000 // 280) == known, vector["description"]


def test_the_older_vectors_hold_for_every_text_without_wide_letters() -> None:
    for vector in vectors()["tweets"]:  # of the time when 140 letters of any kind were allowed
        text, limit = vector["text"], 140 if vector["text"].isascii() else 280
        assert is_sendable(text, limit) == vector["expected"], vector["description"]


def test_what_is_an_address_without_a_scheme_is_a_link() -> None:
    for vector in vectors()["urls_without_protocol"]:
        assert links(vector["text"]) == [(0, len(vector["text"]))]
        assert count("x", vector["text"]) == 23


def test_every_text_that_is_too_heavy_can_be_fitted() -> None:
    for section in vectors().values():
        for vector in section:
            text = fit(vector["text"], "x", 280)
            assert count("x", text) <= 280
            assert text == vector["text"] or text.endswith("…")


def test_the_configuration_is_the_one_that_is_built_in() -> None:
    vectors()
    known = json.loads((_PLACE / "config-v3.json").read_text("utf-8"))
    assert (known["maxWeightedTweetLength"], known["transformedURLLength"]) == (280, 23)
    for code in range(0xD800):
        light = any(one["start"] <= code <= one["end"] for one in known["ranges"])
        sign = chr(code)
        if is_normalized("NFC", sign):
            assert count("x", sign) == (1 if light else 2), hex(code)
