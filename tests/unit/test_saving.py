"""A file is whole, or as it was."""

import os
from pathlib import Path

import pytest

from pelayanan.errors import ConfigError, StoreError
from pelayanan.score.saving import write_whole


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "hitungan.json"
    write_whole(place, "satu")

    def full(path: Path, *_: object) -> int:
        path.write_bytes(b"du")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StoreError, match="No space left") as raised:
        write_whole(place, "dua")
    assert raised.value.retryable
    assert (place.read_text(), list(tmp_path.iterdir())) == ("satu", [place])


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    place, link, pipe = (tmp_path / name for name in ("a.json", "b.json", "c"))
    place.write_text("satu")
    link.symlink_to(place)
    write_whole(link, "dua")
    assert (link.is_symlink(), place.read_text()) == (True, "dua")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "tiga")
    assert (os.read(reader, 9), pipe.is_fifo()) == (b"tiga", True)
    os.close(reader)


@pytest.mark.parametrize("name", ["tidak-ada/a.json", "."])
def test_a_place_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_whole(tmp_path / name, "satu")
