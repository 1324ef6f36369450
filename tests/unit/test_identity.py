import copy
import json
import pickle
from importlib import import_module

import pytest
from pydantic import BaseModel, ValidationError

from pelayanan.models import NIK, NIP
from pelayanan.text.numbers import PROVINCES, kk_problem

MAN, OFFICER = "1771011501900001", "197703122003122007"  # invented


class Row(BaseModel):
    nik: NIK
    nip: NIP | None = None


@pytest.mark.parametrize(
    "written",
    [MAN, " 1771 0115 0190 0001 ", "177101.150190.0001", "'" + MAN, "177101\u2011150190\u20110001"],
)
def test_a_nik_is_read_as_people_write_it(written: str) -> None:
    assert NIK(written) == NIK(MAN)
    assert NIK(written).reveal() == MAN


def test_what_is_taken_is_a_nik_for_others_too() -> None:
    stdnum_nik = import_module("stdnum.id.nik")
    for written in (MAN, "1771015501900001", "3171012902000001"):
        assert stdnum_nik.is_valid(NIK(written).reveal())


def test_all_provinces_that_others_know_are_known() -> None:
    places = import_module("stdnum.numdb").get("id/loc")
    codes = {f"{code:02}" for code in range(100)}
    assert {code for code in codes if places.info(f"{code}01")[0][1]} <= PROVINCES
    assert len(PROVINCES) == 38


def test_an_unknown_kecamatan_and_a_young_province_are_taken() -> None:
    assert NIK("9699990101200001").masked() == "[NIK]"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "it has more than digits"),
        ("17710115019x0001", "more than digits"),
        ("177101150190001", "a digit is lost"),
        ("17710115019000", "it has 14 digits, not 16"),
        ("2071011501900001", "no province"),
        ("1771010001900001", "no date of birth"),
        ("1771013502900001", "no date of birth"),
        ("1771018101900001", "no date of birth"),
        ("1771012902010001", "no date of birth"),
        ("1771011501900000", "serial 0000"),
        ("1.77101150190E+15", "spreadsheet"),
        ("1,771e15", "spreadsheet"),
        ("1771011501900001.0", "spreadsheet"),
        (1771011501900001, "spreadsheet"),
        (1771011501900001.0, "spreadsheet"),
        (None, "it is no text"),
    ],
)
def test_what_is_no_nik_is_refused_with_a_reason_without_the_number(
    written: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        NIK(written)
    assert not written or str(written)[:6] not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("19770312200312200", "a digit is lost"),
        ("1977031220031", "it has 13 digits, not 18"),
        ("197713122003122007", "no date of birth"),
        ("187703122003122007", "no date of birth"),
        ("197703122003132007", "neither a month nor the 21"),
        ("197703122003002007", "neither a month nor the 21"),
        ("197703121990122007", "no year of appointment"),
        ("197703122003123007", "neither 1 nor 2"),
        ("197703122003122000", "serial 000"),
    ],
)
def test_what_is_no_nip_is_refused_with_a_reason(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        NIP(written)
    assert written not in str(caught.value)


def test_a_nip_of_pns_and_of_pppk_is_taken() -> None:
    assert NIP("19770312 200312 2 007").reveal() == OFFICER
    assert NIP("19900312 202121 1 003").masked() == "[NIP]"


def test_a_family_card_has_no_raised_day() -> None:
    assert not kk_problem("1771011501060001")
    assert "date of issue" in kk_problem("1771015501060001")
    assert "no province" in kk_problem("0071015501060001")
    assert "15 digits" in kk_problem("177101550106000")


def test_the_digits_are_shown_nowhere() -> None:
    number = NIK(MAN)
    row = Row(nik=number)
    shown = [str(number), repr(number), f"{number}", f"{[number]}", str(row), row.model_dump_json()]
    assert not any(MAN in text for text in shown)
    assert row.model_dump() == {"nik": number, "nip": None}
    with pytest.raises(TypeError):
        json.dumps(number)


def test_a_wrong_number_stays_out_of_the_error_of_a_model() -> None:
    with pytest.raises(ValidationError) as caught:
        Row.model_validate({"nik": "1771019901900001", "nip": OFFICER})
    assert caught.value.errors()[0]["loc"] == ("nik",)
    assert "no date of birth" in str(caught.value)
    assert "177101" not in str(caught.value) + str(caught.value.errors())
    with pytest.raises(ValidationError, match="spreadsheet"):
        Row.model_validate({"nik": 1.77e15})


def test_a_model_reads_text_and_keeps_the_value() -> None:
    row = Row.model_validate({"nik": MAN, "nip": OFFICER})
    assert row.nip == NIP(OFFICER)
    assert Row.model_validate({"nik": row.nik}).nik is row.nik
    assert Row.model_json_schema()["properties"]["nik"]["writeOnly"]


def test_it_is_a_value() -> None:
    number = NIK(MAN)
    assert len({number, NIK(MAN)}) == 1
    assert number != MAN
    assert pickle.loads(pickle.dumps(number)) == number == copy.deepcopy(number)
    with pytest.raises(AttributeError):
        number._digits = "0"
    with pytest.raises(AttributeError):
        del number._digits
