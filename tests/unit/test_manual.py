from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pelayanan import Config, Desk
from pelayanan.cases import Answered
from pelayanan.errors import ConfigError
from pelayanan.models import Attachment, Mention
from pelayanan.platforms import Manual
from pelayanan.protocol.capabilities import Account, MentionSource, Replier

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)


def said(text: str = "Bantuan belum sampai", **more: Any) -> Mention:
    return Manual("telepon").mention(text=text, at=AT, **more)


def test_a_call_becomes_a_message() -> None:
    item = said(author_name="Wati Contoh", author_id="0812", id="3", subject="Bansos")
    assert (item.platform, item.id, item.created_at) == ("manual", "telepon:3", AT)
    assert (item.author.id, item.author.handle, item.author.name) == (
        "0812",
        "Wati Contoh",
        "Wati Contoh",
    )
    assert (item.subject, item.private, item.thread, item.reply_to) == (
        "Bansos",
        True,
        "telepon:3",
        "",
    )


def test_the_same_values_are_the_same_message() -> None:
    local = AT.astimezone(ZoneInfo("Asia/Jakarta"))
    again = Manual("telepon").mention(text=" Bantuan belum sampai ", at=local)
    assert again.id == said().id
    others = {
        said("Lain").id,
        said(author_name="Wati").id,
        said(author_id="1").id,
        Manual("loket").mention(text="Bantuan belum sampai", at=AT).id,
    }
    assert len(others | {said().id}) == 5


def test_people_of_one_name_are_not_taken_for_one_another() -> None:
    one, two = said("Satu", author_name="Wati"), said("Dua", author_name="Wati")
    assert one.author.id != two.author.id
    known = said("Satu", author_id="0812"), said("Dua", author_id="0812")
    assert known[0].author.id == known[1].author.id


def test_a_message_may_go_on_from_an_earlier_one() -> None:
    first = said(id="1")
    second = Manual("loket").mention(
        text="Masih belum",
        at=AT,
        id="9",
        follows=first,
        private=False,
        attachments=[Attachment(media_type="image/jpeg", name="kk.jpg")],
    )
    assert (second.thread, second.reply_to) == ("telepon:1", "telepon:1")
    assert (second.private, len(second.attachments)) == (False, 1)


@pytest.mark.parametrize("channel", ["", "Telepon", "loket 2", "-a"])
def test_a_channel_has_a_short_name(channel: str) -> None:
    with pytest.raises(ConfigError, match="telepon"):
        Manual(channel)


def test_what_is_missing_is_told() -> None:
    with pytest.raises(ConfigError, match="time zone"):
        Manual().mention(text="a", at=AT.replace(tzinfo=None))
    with pytest.raises(ConfigError, match="text"):
        said("  ")


def test_nothing_is_fetched_and_nothing_sent() -> None:
    account = Manual("loket")
    assert isinstance(account, Account)
    assert not isinstance(account, (MentionSource, Replier))
    assert account.handle == "loket"


def test_a_call_is_a_case_once_and_a_person_tells_of_the_answer(tmp_path: Path) -> None:
    config = Config.of({"agencies": [{"key": "dinsos", "name": "Dinas Sosial"}]}, folder=tmp_path)
    call = said(author_name="Wati Contoh", id="3")
    with Desk.open(config, clock=lambda: AT) as desk:
        case_id = desk.add_mention(call, agency="dinsos")
        assert desk.add_mention(call, agency="dinsos") == case_id
        (case,) = desk.cases(status="open")
        assert case.id == case_id
        desk.record(case_id, Answered(at=AT, by="rina", substantive=True))
        assert list(desk.cases(status="open")) == []


def test_a_number_that_comes_again_hides_nobody(tmp_path: Path) -> None:
    """The queue begins at A-1 each morning, and at each counter."""
    agencies = [{"key": key, "name": key} for key in ("dinsos", "dukcapil")]
    later = AT + timedelta(days=2)
    with Desk.open(Config.of({"agencies": agencies}, folder=tmp_path), clock=lambda: later) as desk:
        first = said("Bantuan belum sampai", id="A-1")
        case_id = desk.add_mention(first, agency="dinsos")
        corrected = said("Bantuan beras belum sampai", id="A-1")
        assert desk.add_mention(corrected, agency="dinsos") == case_id
        with pytest.raises(ConfigError, match="never comes again"):
            desk.add_mention(corrected, agency="dukcapil")
        tomorrow = first.model_copy(update={"created_at": AT + timedelta(days=1)})
        with pytest.raises(ConfigError, match="never comes again"):
            desk.add_mention(tomorrow, agency="dinsos")
        assert desk.add_mention(first, agency="dinsos") == case_id


def test_a_configured_counter_is_nothing_to_fetch(tmp_path: Path) -> None:
    account = {"key": "loket", "agency": "dinsos", "platform": "manual", "channel": "loket"}
    agencies = [{"key": "dinsos", "name": "Dinas Sosial"}]
    config = Config.of({"agencies": agencies, "accounts": [account]}, folder=tmp_path)
    with Desk.open(config, clock=lambda: AT) as desk:
        assert desk.sync().failed == ()
        counter = desk.account("loket", Manual)
        call = counter.mention(text="KK saya salah", at=AT, id="7")
        assert desk.add_mention(call, agency="dinsos", account="loket")
