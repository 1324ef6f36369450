"""What whole files from today's encoders do not reach: rare boxes, notes, chunks."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pelayanan.media import _video, strip
from pelayanan.media._boxes import blank_user_data, cut_short
from pelayanan.media._chunks import strip_png, strip_webp
from pelayanan.media._kind import UnfitError, media_type
from pelayanan.media._sei import plain_extradata, without_user_data

AVCC = b"\x01\x64\0\x1f\xff" + bytes(4)  # lengths of four bytes
HVCC = b"\x01" + bytes(20) + b"\xff\0"
USER_DATA, TIMING = 5, 1


def note(kind: int, payload: bytes) -> bytes:
    """A note as it stands before escaping."""
    assert len(payload) < 600
    size = b"\xff" * (len(payload) // 255) + bytes((len(payload) % 255,))
    return bytes((kind,)) + size + payload


def escaped(data: bytes) -> bytes:
    """Write 00 00 0x as 00 00 03 0x, byte by byte as the standard tells it."""
    out, zeros = bytearray(), 0
    for byte in data:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def unit(header: bytes, *notes: bytes) -> bytes:
    data = header + escaped(b"".join(notes) + b"\x80")
    return len(data).to_bytes(4, "big") + data


FRAME = b"\0\0\0\x05\x65data"
payloads = st.binary(max_size=520) | st.lists(st.sampled_from([b"\0", b"\1", b"\3"])).map(b"".join)


@given(st.lists(st.tuples(st.sampled_from([0, TIMING, 4, USER_DATA, 6]), payloads), min_size=1))
def test_only_user_data_goes_from_between_other_notes(notes: list[tuple[int, bytes]]) -> None:
    for codec, config, header in (("h264", AVCC, b"\x06"), ("hevc", HVCC, b"\x4e\x01")):
        packet = unit(header, *(note(*each) for each in notes)) + FRAME
        kept = [note(*each) for each in notes if each[0] != USER_DATA]
        expected = (unit(header, *kept) if kept else b"") + FRAME
        assert without_user_data(codec, config)(packet) == expected


@given(st.binary(max_size=80))
def test_any_bytes_are_cleaned_or_refused(data: bytes) -> None:
    try:
        cleaned = without_user_data("h264", AVCC)(data)
    except UnfitError:
        return
    assert without_user_data("h264", AVCC)(cleaned) == cleaned


def test_an_empty_unit_is_left_out() -> None:
    assert without_user_data("h264", AVCC)(bytes(4) + FRAME) == FRAME


def test_a_frame_longer_than_its_packet_is_refused() -> None:
    with pytest.raises(UnfitError, match="a frame of it is damaged"):
        without_user_data("h264", AVCC)(FRAME[:-1])


@pytest.mark.parametrize("config", [b"", b"\0\0\0\1\x67abc", b"\x01\x64"])
def test_a_track_without_its_description_is_refused(config: bytes) -> None:
    with pytest.raises(UnfitError, match="video track is damaged"):
        without_user_data("h264", config)


def test_other_codecs_pass_as_they_are() -> None:
    assert without_user_data("av1", b"")(b"\0\0\0") == b"\0\0\0"
    assert plain_extradata("h264", AVCC) == AVCC
    assert plain_extradata("hevc", b"short") == b"short"


def box(name: bytes, payload: bytes = b"", *, wide: bool = False) -> bytes:
    if wide:
        return struct.pack(">I4sQ", 1, name, len(payload) + 16) + payload
    return struct.pack(">I4s", len(payload) + 8, name) + payload


@pytest.mark.parametrize("wide", [False, True])
def test_user_data_is_blanked_wherever_it_lies(*, wide: bool) -> None:
    user = box(b"udta", b"Bengkulu")
    track = box(b"trak", box(b"tkhd", b"x") + user + box(b"mdia", box(b"meta", b"Bengkulu")))
    whole = box(b"ftyp", b"isom") + box(b"moov", track + user, wide=wide)
    data = whole + box(b"mdat", b"film", wide=wide)
    file = BytesIO(data)
    assert not cut_short(file)
    blank_user_data(file)
    after = file.getvalue()
    assert len(after) == len(data)
    assert b"Bengkulu" not in after
    assert b"udta" not in after
    assert b"meta" not in after
    assert after.index(b"film") == data.index(b"film")


def test_a_box_to_the_end_of_the_file_is_whole() -> None:
    assert not cut_short(BytesIO(box(b"ftyp") + struct.pack(">I4s", 0, b"mdat") + b"film"))
    assert cut_short(BytesIO(box(b"ftyp") + struct.pack(">I4s", 90, b"mdat") + b"film"))
    assert not cut_short(BytesIO(box(b"ftyp") + box(b"mdat") + b"any phone's own tail"))


def png(*extra: tuple[bytes, bytes]) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    data = buffer.getvalue()
    chunks = b"".join(
        struct.pack(">I4s", len(payload), name)
        + payload
        + struct.pack(">I", zlib.crc32(name + payload))
        for name, payload in extra
    )
    return data[:33] + chunks + data[33:]  # after the header


def test_unknown_chunks_and_damaged_profiles_are_left_out() -> None:
    telling = png((b"teLl", b"Bengkulu"), (b"iCCP", b"KC9\0\0no deflate"), (b"tIME", b"x" * 7))
    assert strip_png(telling) == png()


@pytest.mark.parametrize("cut", [8, 20, -2])
def test_a_png_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(UnfitError, match="ends in the middle"):
        strip_png(png()[:cut])


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def test_a_damaged_webp_is_refused() -> None:
    with pytest.raises(UnfitError, match="part of it is damaged"):
        strip_webp(riff((b"VP8X", b"shrt")))
    with pytest.raises(UnfitError, match="ends in the middle"):
        strip_webp(riff((b"VP8L", b"data"))[:-2])
    with pytest.raises(UnfitError, match="ends in the middle"):
        strip_webp(b"RIFF\x14\0\0\0WEBPVP8L\xff\0\0\0data    ")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x20ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x20ftyp3gp5", "video/mp4"),
        (b"\0\0\0\x20ftypmif1", "image/heic"),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"\0\0\0\x08moov....", "video/quicktime"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"GIF89a\0\0\0\0\0\0", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_type(head: bytes, kind: str | None) -> None:
    assert media_type(head) == kind


def test_frames_larger_than_any_camera_s_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with av.open(str(tmp_path / "v.mp4"), "w") as out:
        track = out.add_stream("mpeg4", rate=5)
        track.width, track.height = 32, 16
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 32, 3), np.uint8), format="rgb24")
        out.mux([*track.encode(frame), *track.encode(None)])
    assert strip(tmp_path / "v.mp4").width == 32
    monkeypatch.setattr(_video, "_LARGEST", 32 * 16 - 1)
    with pytest.raises(ValueError, match=r"frames are too large: film it at a lower resolution"):
        strip(tmp_path / "v.mp4")
