import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pelayanan import Secret, secret
from pelayanan.drivers.vault import DefaultVault
from pelayanan.errors import ConfigError, StoreError


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("lama\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[tuple[str, str], str]:
    """A keyring of our own."""
    kept: dict[tuple[str, str], str] = {}

    def set_password(service: str, user: str, password: str) -> None:
        kept[service, user] = password

    module = SimpleNamespace(get_password=lambda *name: kept.get(name), set_password=set_password)
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return kept


def test_a_secret_is_read_at_once_and_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch, token: Path, ring: Any
) -> None:
    monkeypatch.setenv("UJI_TOKEN", "rahasia")
    ring["pelayanan/uji", "dinsos"] = "kunci"
    found = [
        secret("env:UJI_TOKEN"),
        secret(f"file:{token}"),
        secret("keyring:pelayanan/uji/dinsos"),
    ]
    monkeypatch.delenv("UJI_TOKEN")
    assert [each.get_secret_value() for each in found] == ["rahasia", "lama", "kunci"]
    assert "rahasia" not in repr(found) + str(found[0])
    assert found[0].source == "env:UJI_TOKEN"


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("env:PELAYANAN_TIDAK_ADA", "PELAYANAN_TIDAK_ADA is not set: export it"),
        ("file:/tidak/ada", "/tidak/ada: No such file.*put the secret there"),
        ("keyring:pelayanan/dinsos", "keyring set pelayanan dinsos"),
    ],
)
def test_a_missing_secret_names_the_remedy(ring: Any, source: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=remedy):
        secret(source)


@pytest.mark.parametrize("mistaken", ["rahasia", "Bearer:rahasia", "env:", ""])
def test_a_token_given_by_mistake_is_not_shown(mistaken: str) -> None:
    with pytest.raises(ConfigError, match="is named env:NAME") as caught:
        secret(mistaken)
    assert "rahasia" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\n", b"", b"\xff\xfe\x00"])
def test_a_file_without_a_secret_is_refused(token: Path, content: bytes) -> None:
    token.write_bytes(content)
    with pytest.raises(ConfigError, match=r"is empty|no text in UTF-8"):
        secret(f"file:{token}")


def test_marks_of_editors_are_no_part_of_a_secret(token: Path) -> None:
    token.write_bytes(b"\xef\xbb\xbfrahasia\r\n")
    assert secret(f"file:{token}").get_secret_value() == "rahasia"


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"pelayanan\[keyring\]"):
        secret("keyring:pelayanan/dinsos")


def test_a_keyring_that_fails_is_told_without_its_words(
    ring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: str) -> str:
        raise RuntimeError("rahasia")

    monkeypatch.setattr(sys.modules["keyring"], "get_password", broken)
    with pytest.raises(StoreError, match="keyring:pelayanan/dinsos: RuntimeError") as caught:
        secret("keyring:pelayanan/dinsos")
    assert "rahasia" not in str(caught.value)


def test_a_renewed_secret_replaces_the_file_whole(token: Path) -> None:
    link = token.with_name("link")
    link.symlink_to(token)
    old = secret(f"file:{link}")
    DefaultVault().keep(old.renewed("baru"))
    assert (token.read_text(), link.is_symlink()) == ("baru", True)
    assert token.stat().st_mode & 0o777 == 0o600
    assert secret(old.source).get_secret_value() == "baru"
    assert sorted(each.name for each in token.parent.iterdir()) == ["link", "token"]


def test_a_full_disk_leaves_the_old_secret(token: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        DefaultVault().keep(Secret("baru", source=f"file:{token}"))
    assert [each.read_text() for each in token.parent.iterdir()] == ["lama\n"]


def test_a_keyring_takes_the_renewed_secret(ring: Any) -> None:
    ring["pelayanan", "dinsos"] = "lama"
    vault, old = DefaultVault(), secret("keyring:pelayanan/dinsos")
    with vault.lease(old) as current:
        vault.keep(current.renewed("baru"))
    assert ring["pelayanan", "dinsos"] == "baru"


def test_the_environment_cannot_be_rewritten() -> None:
    vault, fixed = DefaultVault(), Secret("x", source="env:UJI_TOKEN")
    for use in (vault.keep, lambda secret: vault.lease(secret).__enter__()):
        with pytest.raises(ConfigError, match="keep a token that changes in file:"):
            use(fixed)


def test_what_came_as_text_is_kept_nowhere_and_leased_all_the_same() -> None:
    vault, text = DefaultVault(), Secret("lama")
    vault.keep(text.renewed("baru"))
    with vault.lease(text) as current:
        assert current is text


def test_a_lease_refuses_where_the_new_secret_would_be_lost(token: Path) -> None:
    """Before anything is sent: afterwards the old token is void."""
    vault, known = DefaultVault(), secret(f"file:{token}")
    token.chmod(0o640)
    with pytest.raises(ConfigError, match=f"chmod 600 {token}"), vault.lease(known):
        raise AssertionError


def test_a_lease_needs_no_file_yet(tmp_path: Path) -> None:
    vault, first = DefaultVault(), Secret("pertama", source=f"file:{tmp_path}/token")
    with vault.lease(first) as current:
        assert current is first
        vault.keep(current.renewed("kedua"))
    assert secret(first.source).get_secret_value() == "kedua"


def test_a_folder_that_cannot_be_written_is_told_before_the_exchange(tmp_path: Path) -> None:
    gone = Secret("x", source=f"file:{tmp_path}/tidak/ada/token")
    with pytest.raises(ConfigError, match="no new token can be kept"), DefaultVault().lease(gone):
        raise AssertionError
    assert list(tmp_path.iterdir()) == []


def test_a_lease_gives_what_is_stored_now(token: Path) -> None:
    known = secret(f"file:{token}")
    token.write_text("terkini")
    with DefaultVault().lease(known) as current:
        assert (current.get_secret_value(), current.source) == ("terkini", known.source)


def test_one_thread_at_a_time_holds_the_lease(token: Path) -> None:
    known = secret(f"file:{token}")
    token.write_text("0")

    def renew() -> None:
        vault = DefaultVault(sleep=lambda _: None, patience_s=1e9)
        for _ in range(10):
            with vault.lease(known) as current:
                vault.keep(current.renewed(str(int(current.get_secret_value()) + 1)))

    threads = [threading.Thread(target=renew) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert token.read_text() == "40"


def test_a_lease_of_another_process_is_waited_for_and_not_for_ever(token: Path) -> None:
    known = secret(f"file:{token}")
    naps: list[float] = []
    vault = DefaultVault(sleep=naps.append, patience_s=1.0)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, known.source], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match="locked by another process"), vault.lease(known):
            raise AssertionError
        other.kill()
    assert sum(naps) == pytest.approx(1.0, abs=0.15)
    with vault.lease(known) as current:  # a killed holder holds nothing
        assert current.get_secret_value() == "lama"


HOLD = """
import sys
from pelayanan.drivers.vault import DefaultVault, secret
with DefaultVault().lease(secret(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
