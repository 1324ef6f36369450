import builtins
import gc
import struct
import subprocess
import sys
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from pelayanan.errors import ConfigError, MediaError, StoreError
from pelayanan.media import MediaStore, smaller, strip, stripped_file
from pelayanan.media._icc import plain_profile
from pelayanan.media._jpeg import strip_jpeg
from pelayanan.protocol.media import MediaFile

PLACE = b"-3.7928,102.2608"


def noise(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    shape = (height, width, len(mode))
    grains = np.random.default_rng(7).integers(0, 255, shape, dtype=np.uint8)
    return Image.fromarray(grains)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def film(path: Path, frames: int = 5) -> Path:
    with av.open(str(path), "w") as out:
        track = out.add_stream("mpeg4", rate=5)
        track.width, track.height = 32, 16
        for _ in range(frames):
            out.mux(track.encode(still()))
        out.mux(track.encode(None))
    return path


def still() -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.asarray(noise(32, 16)), format="rgb24")


@pytest.fixture
def foto(tmp_path: Path) -> Path:
    path = tmp_path / "Wati Contoh 0812.jpg"
    path.write_bytes(saved(noise(), "JPEG", comment=PLACE))
    return path


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# bad files


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("kosong.jpg", b"", "it is empty: copy it again"),
        ("surat.jpg", b"%PDF-1.7\n" + b"x" * 100, "neither photo nor video: give a JPEG"),
        ("pendek.jpg", b"\xff\xd8\xff\xe0\x00", "ends in the middle: copy it again"),
        ("awal.jpg", b"\xff\xd8\xff\xd9", "its picture is damaged"),
        ("bohong.jpg", b"\xff\xd8\xff\xfe\x00\x04hi\xff\xd9", "its picture is damaged"),
        ("bohong.png", b"\x89PNG\r\n\x1a\n<html></html>" + b" " * 50, "ends in the middle"),
        ("bohong.webp", b"RIFF\x10\0\0\0WEBPhtml\x04\0\0\0<b/>", "its picture is damaged"),
        ("bohong.heic", b"\0\0\0\x18ftypheic" + b"\0" * 64, "its picture is damaged"),
        ("bohong.avif", b"\0\0\0\x18ftypavif" + b"\0" * 64, "its picture is damaged"),
        ("bohong.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 64, "its film is damaged"),
        ("bohong.mov", b"\0\0\0\x10wide" + b"\0" * 8, "its film is damaged"),
    ],
)
def test_a_file_that_is_no_picture_is_named_with_the_remedy(
    tmp_path: Path, store: MediaStore, name: str, data: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(MediaError, match=why) as caught:
        store.add(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert everything(tmp_path / "media") == {}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"hilang\.jpg: cannot be read: No such file"):
        strip(tmp_path / "hilang.jpg")
    with pytest.raises(MediaError, match="cannot be read"):
        strip(tmp_path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_photo_cut_short_anywhere_is_refused(
    tmp_path: Path, store: MediaStore, kind: str
) -> None:
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    data = saved(noise(), kind)
    path = tmp_path / "foto"
    for part in (0.02, 0.3, 0.6, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * part)])
        with pytest.raises(MediaError, match=r"foto: .*: copy it again"):
            store.add(path)
    assert everything(tmp_path / "media") == {}


def test_a_film_cut_short_anywhere_is_refused(tmp_path: Path, store: MediaStore) -> None:
    data = film(tmp_path / "video.mp4").read_bytes()
    path = tmp_path / "film"
    for part in (0.02, 0.3, 0.6, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * part)])
        with pytest.raises(MediaError, match="film: it"):
            store.add(path)
    assert everything(tmp_path / "media") == {}


def test_a_damaged_part_of_a_png_is_refused(tmp_path: Path) -> None:
    data = bytearray(saved(noise(), "PNG"))
    data[len(data) // 2] ^= 0x55
    (tmp_path / "rusak.png").write_bytes(data)
    with pytest.raises(MediaError, match="damaged"):
        strip(tmp_path / "rusak.png")


def png_of(width: int, height: int) -> bytes:
    """A picture of one colour that is a thousand times larger than its file."""

    def chunk(name: bytes, payload: bytes) -> bytes:
        check = zlib.crc32(name + payload)
        return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 + 3 * width) * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_refused_unopened(tmp_path: Path) -> None:
    (tmp_path / "bom.png").write_bytes(png_of(60_000, 60_000))
    with pytest.raises(MediaError, match="more than 100 megapixels: take it at a lower res"):
        strip(tmp_path / "bom.png")
    data = bytearray(saved(noise(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    (tmp_path / "bom.jpg").write_bytes(data)
    with pytest.raises(MediaError, match="more than 256 megapixels"):
        strip(tmp_path / "bom.jpg")


def test_a_photo_of_108_megapixels_is_taken(tmp_path: Path) -> None:
    (tmp_path / "besar.jpg").write_bytes(saved(Image.new("L", (12_000, 9_000)), "JPEG"))
    assert strip(tmp_path / "besar.jpg").width == 12_000


def test_a_file_larger_than_any_photo_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "besar.jpg").open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(200_000_001)  # sparse: takes no room
    with pytest.raises(MediaError, match="larger than 200 MB"):
        strip(tmp_path / "besar.jpg")


def test_a_codec_nobody_has_looked_into_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "v.mov"), "w") as out:
        track = out.add_stream("png", rate=5)
        track.width, track.height, track.pix_fmt = 32, 16, "rgb24"
        out.mux([*track.encode(still()), *track.encode(None)])
    with pytest.raises(MediaError, match=r"compressed as png: convert it to MP4 with H\.264"):
        strip(tmp_path / "v.mov")


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "suara.mp4"), "w") as out:
        track = out.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 44_100
        out.mux([*track.encode(frame), *track.encode(None)])
    with pytest.raises(MediaError, match="no picture track"):
        strip(tmp_path / "suara.mp4")


def test_a_playlist_named_mp4_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "daftar.mp4").write_text(f"ffconcat version 1.0\nfile {film(tmp_path / 'a.mp4')}\n")
    with pytest.raises(MediaError, match="neither photo nor video"):
        strip(tmp_path / "daftar.mp4")


def test_a_missing_extra_is_named(foto: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def without_pillow(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in {"PIL", "av"} or name.startswith("pelayanan.media._"):
            raise ImportError(name)
        return load(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_pillow)
    with pytest.raises(ConfigError, match=r"pip install 'pelayanan\[media\]'"):
        strip(foto)


def test_importing_the_room_loads_no_extra() -> None:
    told = "import sys, pelayanan.media; print({'PIL', 'av', 'pillow_heif'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# good files


def test_content_and_not_the_name_says_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "layar.jpg"
    path.write_bytes(saved(noise(), "PNG"))
    found = stripped_file(path)
    assert (found.media_type, found.filename[-4:]) == ("image/png", ".png")


def test_a_file_to_publish_tells_nothing_of_the_name_it_had(foto: Path) -> None:
    found = stripped_file(foto, alt="Beras di atas meja")
    with found.open() as first, found.open() as second:
        data = first.read()
        assert second.read() == data
    assert PLACE not in data
    assert found == MediaFile(
        filename=f"{sha256(data).hexdigest()[:16]}.jpg", media_type="image/jpeg",
        alt="Beras di atas meja", size_bytes=len(data), sha256=sha256(data).hexdigest(),
        width=64, height=48, open=found.open,
    )  # fmt: skip


def test_the_temporary_file_of_a_video_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "sementara"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    found = stripped_file(film(tmp_path / "video.mp4"), alt="Antrean")
    assert (found.media_type, found.width, found.height) == ("video/mp4", 32, 16)
    with found.open() as file:
        assert sha256(file.read()).hexdigest() == found.sha256
    assert len(list(scratch.iterdir())) == 1
    del found
    gc.collect()
    assert list(scratch.iterdir()) == []


def test_no_temporary_file_is_left_of_a_bad_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "sementara"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    (tmp_path / "v.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(64))
    with pytest.raises(MediaError):
        strip(tmp_path / "v.mp4")
    gc.collect()
    assert list(scratch.iterdir()) == []


def test_a_video_without_room_for_its_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film(tmp_path / "video.mp4")
    with pytest.raises(StoreError, match=r"tidak-ada: cannot keep a video .*make room or give"):
        strip(source, folder=tmp_path / "tidak-ada")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "hilang"))
    with pytest.raises(
        StoreError, match=r"hilang: cannot keep a video .*: make room or set TMPDIR"
    ):
        strip(source)


def test_damaged_exif_does_not_cost_the_photo(tmp_path: Path) -> None:
    plain = saved(noise(), "JPEG")
    data = saved(noise(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + PLACE)
    (tmp_path / "foto.jpg").write_bytes(data)
    with strip(tmp_path / "foto.jpg").open() as file:
        after = file.read()
    assert PLACE not in after
    assert Image.open(BytesIO(after)).tobytes() == Image.open(BytesIO(plain)).tobytes()


@pytest.mark.parametrize("how", [{"progressive": True}, {"restart_marker_blocks": 2}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_make_of_jpeg_keeps_its_pixels(mode: str, how: dict[str, Any]) -> None:
    data = saved(noise().convert(mode), "JPEG", comment=PLACE, dpi=(72, 72), **how)
    padded = data.replace(b"\xff\xdb", b"\xff\xff\xff\xdb", 1)  # fill bytes before a marker
    after = strip_jpeg(padded)
    assert PLACE not in after
    assert Image.open(BytesIO(after)).tobytes() == Image.open(BytesIO(data)).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_colour_profile_keeps_its_colours_and_loses_its_maker(
    tmp_path: Path, kind: str
) -> None:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # the maker's private tag takes the place of one that carries no colour
    telling = bytearray(made.replace(b"dmdd", b"mmod").replace(b"sRGB", b"KC9 "))
    telling[48:56] = b"PabrKC9 "
    image = noise()
    (tmp_path / "foto").write_bytes(saved(image, kind, icc_profile=bytes(telling)))
    with Image.open(strip(tmp_path / "foto").open()) as after:
        profile = after.info["icc_profile"]
    assert b"KC9" not in profile
    assert "KC9".encode("utf-16-be") not in profile
    assert profile[48:56] == bytes(8)
    shades = [
        ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(BytesIO(each)), ImageCms.createProfile("LAB"),
            outputMode="LAB",
        )
        for each in (made, profile)
    ]  # fmt: skip
    assert shades[0] and shades[1]
    assert shades[0].tobytes() == shades[1].tobytes()


def test_an_old_profile_is_written_as_an_old_one() -> None:
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[8] = 2
    plain = plain_profile(bytes(made))
    assert plain is not None
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(plain)))
    assert name.strip() == "profile"


@pytest.mark.parametrize("cut", [0, 40, 131, 200])
def test_a_damaged_profile_is_left_out(cut: int) -> None:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert plain_profile(made[:cut]) is None
    assert plain_profile(bytes(len(made))) is None
    assert plain_profile(made) is not None


# the byte limit of a platform


def test_a_photo_that_fits_is_left_alone(foto: Path) -> None:
    found = stripped_file(foto)
    assert smaller(found, found.size_bytes) is found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("limit", [400_000, 60_000, 20_000])
def test_a_photo_is_made_to_fit(tmp_path: Path, kind: str, limit: int) -> None:
    exif = Image.Exif()
    exif[274] = 6
    (tmp_path / "foto").write_bytes(saved(noise(900, 600), kind, exif=exif.tobytes(), quality=98))
    found = stripped_file(tmp_path / "foto", alt="Antrean beras")
    fit = smaller(found, limit)
    with fit.open() as file:
        data = file.read()
    assert len(data) == fit.size_bytes <= limit
    assert (fit.alt, fit.media_type) == ("Antrean beras", "image/jpeg")
    assert fit.sha256 == sha256(data).hexdigest()
    assert fit.filename == f"{fit.sha256[:16]}.jpg"
    image = Image.open(BytesIO(data))
    assert image.size == (fit.width, fit.height)
    assert fit.width / fit.height == pytest.approx(2 / 3, abs=0.02)  # upright now
    assert dict(image.getexif()) == {}


def test_what_shines_through_turns_white(tmp_path: Path) -> None:
    image = noise(400, 400, "RGBA")
    image.putalpha(0)
    (tmp_path / "foto.png").write_bytes(saved(image, "PNG"))
    fit = smaller(stripped_file(tmp_path / "foto.png"), 20_000)
    assert Image.open(fit.open()).getpixel((5, 5)) == (255, 255, 255)


def test_what_cannot_fit_is_told(tmp_path: Path, foto: Path) -> None:
    with pytest.raises(MediaError, match="cannot be made to fit 100 bytes"):
        smaller(stripped_file(foto), 100)
    with pytest.raises(MediaError, match="over 100 bytes: film shorter"):
        smaller(stripped_file(film(tmp_path / "v.mp4")), 100)


# a full disk


FILL = """
import resource, sys
from pelayanan.errors import StoreError
from pelayanan.media import MediaStore
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    MediaStore(sys.argv[1]).add(sys.argv[2])
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["photo", "video"])
@pytest.mark.parametrize("limit", [100, 2_000])
def test_a_real_limit_of_the_system_is_told_and_leaves_nothing(
    tmp_path: Path, kind: str, limit: int
) -> None:
    source = tmp_path / "foto.png"
    if kind == "photo":
        source.write_bytes(saved(noise(), "PNG"))
    else:
        source = film(tmp_path / "video.mp4", frames=50)
    assert source.stat().st_size > 2_000
    told = [sys.executable, "-c", FILL, str(tmp_path / "media"), str(source), str(limit)]
    done = subprocess.run(told, capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout
    left = [each for each in everything(tmp_path / "media") if not each.endswith(".json")]
    assert left == []
