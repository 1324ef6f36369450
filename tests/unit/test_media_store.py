import os
import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pelayanan.errors import StoreError
from pelayanan.media import MediaStore, StoredMedia, stripped_file

UNKNOWN = "0" * 64


def photo(path: Path, note: str = "rumah Wati Contoh", colour: str = "red") -> Path:
    Image.new("RGB", (40, 30), colour).save(path, "JPEG", comment=note)
    return path


@pytest.fixture
def foto(tmp_path: Path) -> Path:
    return photo(tmp_path / "foto.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def store(folder: Path) -> MediaStore:
    return MediaStore(folder)


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_a_photo_is_kept_under_the_hash_of_what_is_kept(store: MediaStore, foto: Path) -> None:
    stored = store.add(foto)
    path = store.path(stored.sha256)
    assert stored == StoredMedia(
        sha256=sha256(path.read_bytes()).hexdigest(),
        original_sha256=sha256(foto.read_bytes()).hexdigest(),
        media_type="image/jpeg", size_bytes=path.stat().st_size, width=40, height=30,
    )  # fmt: skip
    assert path.parts[-2:] == (stored.sha256[:2], f"{stored.sha256[2:]}.jpg")
    assert store.get(stored.sha256) == stored
    assert b"Wati" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0  # nobody else on the machine reads it


def test_adding_twice_changes_nothing(store: MediaStore, foto: Path, folder: Path) -> None:
    first = store.add(foto)
    times = {each: (folder / each).stat().st_mtime_ns for each in files(folder)}
    assert store.add(foto) == first
    assert {each: (folder / each).stat().st_mtime_ns for each in files(folder)} == times


def test_originals_that_differ_in_their_notes_are_one_file(
    store: MediaStore, foto: Path, folder: Path, tmp_path: Path
) -> None:
    first = store.add(foto)
    second = store.add(photo(tmp_path / "lagi.jpg", note="catatan lain"))
    assert second.sha256 == first.sha256
    assert second.original_sha256 != first.original_sha256
    assert store.get(first.sha256) == first
    assert len(files(folder)) == 2


def test_a_kept_file_is_published_with_its_text(store: MediaStore, foto: Path) -> None:
    stored = store.add(foto)
    found = store.file(stored.sha256, alt="Beras di meja")
    direct = stripped_file(foto, alt="Beras di meja")
    with found.open() as kept, direct.open() as fresh:
        assert kept.read() == fresh.read()
    assert (found.filename, found.alt, found.sha256) == (
        direct.filename, "Beras di meja", stored.sha256,
    )  # fmt: skip
    assert (found.media_type, found.size_bytes) == ("image/jpeg", stored.size_bytes)


def test_a_changed_file_is_not_published(store: MediaStore, foto: Path) -> None:
    stored = store.add(foto)
    with store.path(stored.sha256).open("ab") as file:
        file.write(b"x")
    with pytest.raises(StoreError, match="has been changed: restore it"):
        store.file(stored.sha256)


def test_a_damaged_record_is_told(store: MediaStore, foto: Path) -> None:
    stored = store.add(foto)
    store.path(stored.sha256).with_suffix(".json").write_text("{")
    with pytest.raises(StoreError, match=r"json: damaged: restore it"):
        store.get(stored.sha256)


def test_a_removed_file_is_gone_and_may_come_again(
    store: MediaStore, foto: Path, folder: Path
) -> None:
    stored = store.add(foto)
    store.remove(stored.sha256)
    assert files(folder) == []
    store.remove(stored.sha256)
    with pytest.raises(StoreError, match=f"holds no media {stored.sha256}"):
        store.path(stored.sha256)
    assert store.add(foto) == stored


def test_what_was_never_there_is_removed_in_peace(store: MediaStore) -> None:
    store.remove(UNKNOWN)
    with pytest.raises(StoreError, match="holds no media"):
        store.get(UNKNOWN)


def test_a_record_without_its_file_is_completed(store: MediaStore, foto: Path) -> None:
    stored = store.add(foto)  # a crash between the two steps leaves the record alone
    store.path(stored.sha256).unlink()
    with pytest.raises(StoreError, match="holds no media"):
        store.path(stored.sha256)
    assert store.add(foto) == stored
    assert store.path(stored.sha256).exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_is_a_name(store: MediaStore, name: str) -> None:
    for use in (store.path, store.file, store.get, store.remove):
        with pytest.raises(StoreError, match="64 hexadecimal digits"):
            use(name)


def test_what_a_killed_program_left_goes_after_a_day(
    store: MediaStore, foto: Path, folder: Path
) -> None:
    store.add(foto)
    old, young = folder / ".unfinished" / "lama", folder / ".unfinished" / "baru"
    for each in (old, young):
        each.write_bytes(b"setengah")
    os.utime(old, (0, 0))
    store.add(foto)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("broken", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing_half_written(
    store: MediaStore, foto: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        target = {
            "write": "shutil.copyfileobj", "fsync": "os.fsync", "replace": "pathlib.Path.replace",
        }[broken]  # fmt: skip
        patch.setattr(target, full)
        with pytest.raises(StoreError, match="No space left on device: make room"):
            store.add(foto)
    left = [each for each in files(folder) if not each.endswith(".json")]
    assert left == []
    assert store.path(store.add(foto).sha256).exists()


def test_a_file_is_durable_before_it_has_its_name(
    store: MediaStore, foto: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append(target.suffix)
        return replace(path, target)

    monkeypatch.setattr("os.fsync", noted_fsync)
    monkeypatch.setattr("pathlib.Path.replace", noted_replace)
    store.add(foto)
    assert steps == ["file", ".json", "folder", "file", ".jpg", "folder", "folder"]


def test_many_at_once_keep_one_file(folder: Path, foto: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {
            each.sha256 for each in pool.map(lambda _: MediaStore(folder).add(foto), range(24))
        }
    assert len(found) == 1
    assert len(files(folder)) == 2
    assert MediaStore(folder).file(found.pop()).width == 40
