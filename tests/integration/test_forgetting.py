"""Forgetting reaches every copy, and says what to do where it found nothing."""

from pathlib import Path
from typing import Any

import pytest

from office import Office
from pelayanan.errors import ConfigError
from pelayanan.models import Author
from pelayanan.store.hooks import Hook, Hooks
from pelayanan.store.store import Store
from stores import DAY, NOW, answer, keep, mention, sql


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(f"sqlite:///{tmp_path / 'uji.db'}") as made:
        yield made


WATI = Author(id="123456789", handle="wati_é", name="Wati")


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        ('{"from": {"id": 123456789}, "text": "atap bocor"}', True),
        ('{"entry": [{"changes": [{"from": "123456789"}]}]}', True),
        ('{"from": {"username": "wati_é"}}', True),
        ('{"from": {"username": "@Wati_\\u00C9"}}', True),
        ("bukan JSON, dari wati_é.", True),
        ('{"from": {"id": 1234567890}, "version": 1}', False),
        ('{"from": {"username": "wati_éa"}}', False),
    ],
)
def test_an_unread_body_is_emptied_however_it_names_the_person(
    store: Store,
    body: str,
    gone: bool,  # noqa: FBT001
) -> None:
    keep(store, [mention("m1").model_copy(update={"author": WATI})])
    with store.writing() as connection:
        Hooks(connection, NOW).keep(Hook("h1", "dinsos-uji", body.encode(), NOW))
    assert store.forget("uji", "wati_é") == 1
    assert sql(store, "SELECT body FROM hooks") == [(b"" if gone else body.encode(),)]


def test_a_handle_with_other_letters_than_a_to_z_is_found(store: Store) -> None:
    written = WATI.model_copy(update={"handle": "Wati_É"})
    keep(store, [mention("m1").model_copy(update={"author": written})])
    assert store.forget("uji", "@Wati_É") == 1


def test_what_the_agency_wrote_first_in_a_chat_is_forgotten_too(store: Store) -> None:
    chat: dict[str, Any] = {"thread": "chat-wati", "private": True}
    other: dict[str, Any] = {"thread": "chat-budi", "private": True}
    keep(store, [answer("a1", "", text="Bu Wati, beras siap", **chat)])
    keep(store, [answer("a2", "", text="Pak Budi, beras siap", **other)])
    keep(
        store, [mention("m1", "wati", after=DAY, **chat), mention("m2", "budi", after=DAY, **other)]
    )
    assert store.forget("uji", "wati_contoh") == 2
    left = sql(store, "SELECT text FROM messages WHERE text IS NOT NULL ORDER BY text")
    assert left == [("Pak Budi, beras siap",), ("Pesan m2: bantuan belum sampai.",)]
    assert store.verify() == []


def test_a_platform_of_which_nothing_is_kept_is_told_with_those_there_are(store: Store) -> None:
    with pytest.raises(ConfigError, match="'uij' is kept: there is nothing yet"):
        store.forget("uij", "wati_contoh")
    keep(store, [mention("m1")])
    with pytest.raises(ConfigError, match="'uij' is kept: there is uji"):
        store.forget("uij", "wati_contoh")
    assert store.forget("uji", "wati_contoh") == 1


def test_who_is_not_found_is_told_where_handles_are_shown(office: Office) -> None:
    office.case()
    done = office.run("forget", "mastodon", "warga_contoh.test")
    assert (done.code, "there is bluesky" in done.err) == (2, True)
    done = office.run("forget", "bluesky", "warga_lain.test")
    assert (done.code, "case ID --show" in done.out) == (0, True)
    assert office.run("forget", "bluesky", "warga_contoh.test").out == "1 pesan dikosongkan\n"
