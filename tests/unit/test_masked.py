"""What may be shown in public names nobody, and no record can be changed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from pelayanan.aid import AidEvent, AidItem, AidMedium, Funding, Reach
from pelayanan.cases import Case, Promise, ThreadItem
from pelayanan.models import Attachment, Author, Mention, Record, Sent
from pelayanan.reply import Draft, DraftMedia

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
NIK, PHONE, MAIL = "1771014101900001", "0812-3456-7890", "wati@warga.test"
TEXT = f"Saya NIK {NIK}, telepon {PHONE}, surel {MAIL}: bantuan belum sampai"
URL = "https://uji.example/wati_contoh/1"
AUTHOR = Author(id="did:plc:wati", handle="wati_contoh", name="Wati Contoh")

ITEM = ThreadItem(id="m1", direction="in", at=NOW, author=AUTHOR, text=TEXT, url=URL)
RECORDS: dict[str, Callable[[], Any]] = {
    "Author": lambda: AUTHOR,
    "Mention": lambda: Mention(
        platform="uji",
        id=URL,
        thread=URL,
        reply_to=URL,
        author=AUTHOR,
        text=TEXT,
        subject=TEXT,
        created_at=NOW,
        url=URL,
        attachments=(Attachment(media_type="image/jpeg", url=URL, name="Wati Contoh.jpg"),),
        ref={"uri": URL},
    ),
    "ThreadItem": lambda: ITEM,
    "Case": lambda: Case(
        id="dinsos-1",
        agency="dinsos",
        account="dinsos-uji",
        platform="uji",
        author=AUTHOR,
        opened=NOW,
        text=TEXT,
        url=URL,
        promises=(Promise(due=NOW.date()),),
        thread=(ITEM,),
    ),
    "Draft": lambda: Draft(
        id="d1",
        verb="reply",
        account="dinsos-uji",
        text=TEXT,
        media=(DraftMedia(sha256="0", alt=TEXT),),
        needs=("Wati Contoh sedang menjawab warga ini",),
        by="Wati Contoh",
        approved_by="Wati Contoh",
        sent_id=URL,
        sent_url=URL,
        created_at=NOW,
        updated_at=NOW,
    ),
    "AidEvent": lambda: AidEvent(
        agency="dinsos",
        occurred_at=NOW,
        region="17.71.01.1001",
        items=(AidItem(name="beras", quantity=Decimal(10), unit="kg"),),
        funding=Funding.APBD,
        voluntary=True,
        story=TEXT,
        recorded_by="Wati Contoh",
        reach=(Reach(programme="pkh", status="listed", method="kartu Wati Contoh"),),
        media=(AidMedium(sha256="0", original_sha256="1", media_type="image/jpeg", alt=TEXT),),
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_the_public_form_shows_no_name_no_number_and_no_address(name: str) -> None:
    record = RECORDS[name]()
    whole, shown = record.model_dump_json(), record.masked().model_dump_json()
    secrets = [
        each for each in (NIK, PHONE, MAIL, "wati_contoh", "Wati Contoh", URL) if each in whole
    ]
    assert secrets
    assert [each for each in secrets if each in shown] == []
    assert type(record).model_validate(json.loads(shown)) == record.masked()


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_no_secret_is_still_there(name: str) -> None:
    record = RECORDS[name]()
    if "bantuan belum sampai" in record.model_dump_json():
        assert "bantuan belum sampai" in record.masked().model_dump_json()
    assert record.masked().masked() == record.masked()


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_cannot_be_changed(name: str) -> None:
    record = RECORDS[name]()
    field = next(iter(type(record).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(record, field, "lain")


def test_the_agencys_own_words_keep_their_name() -> None:
    office = Author(id="did:plc:dinsos", handle="dinsos.test", name="Dinas Sosial")
    item = ITEM.model_copy(update={"direction": "out", "author": office})
    assert item.masked().author == office


def test_the_public_list_shows_the_district_not_the_village() -> None:
    assert RECORDS["AidEvent"]().masked().region == "17.71.01"


def test_what_a_newer_program_wrote_is_read() -> None:
    sent = Sent.model_validate({"id": "1", "at": NOW, "a_field_of_tomorrow": 1})
    assert isinstance(sent, Record)
    assert sent == Sent(id="1", at=NOW)


def test_nobody_is_named_by_the_signature_or_by_the_answer() -> None:
    mail = "Bantuan belum sampai.\nHormat saya,\nWati Contoh"
    answer = ThreadItem(
        id="m2",
        direction="out",
        at=NOW,
        author=Author(id="", handle="dinsos-uji"),
        text="Ibu Wati, petugas datang besok.",
    )
    asked = ITEM.model_copy(update={"text": mail})
    case: Case = RECORDS["Case"]().model_copy(update={"text": mail, "thread": (asked, answer)})
    shown = case.masked()
    assert shown.text.endswith("Hormat saya,\n[nama]")
    assert shown.thread[0].text == shown.text
    assert shown.thread[1].text == "Ibu [nama], petugas datang besok."
    mention = RECORDS["Mention"]().model_copy(update={"text": mail, "subject": "dari Wati Contoh"})
    assert (mention.masked().text, mention.masked().subject) == (shown.text, "dari [nama]")
