"""Photos and videos with place and device in them, made by ffmpeg and written to by exiftool."""

import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageSequence

from pelayanan.media import Stripped, strip

MAKE, MODEL, SERIAL = "PabrikContoh", "KameraContoh9", "SERI-CONTOH-77"
LATITUDE, LONGITUDE = "-3.792812", "102.260764"
ISO6709 = f"{LATITUDE}+{LONGITUDE}/"
NOTE = "rumah Wati Contoh"
TRACES = [MAKE, MODEL, SERIAL, LATITUDE, LONGITUDE, NOTE, "3.7928", "102.2607", "Lavf", "Photoshop"]
TELLING = re.compile(
    "gps|location|coordinates|make|model|serial|software|creat|modify|author|artist|comment|descr"
    "|copyright|caption|keywords|city|subject|host|encoder|compressorname"
)


def run(tool: str, *arguments: str) -> str:
    """Call a tool that stands on the machine; its absence fails in CI and skips elsewhere."""
    if shutil.which(tool) is None:
        message = f"{tool} is not installed (Debian: ffmpeg, libimage-exiftool-perl)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ffmpeg(*arguments: str | Path) -> None:
    run("ffmpeg", "-v", "error", "-y", *map(str, arguments))


def exiftool(*arguments: str | Path) -> None:
    run("exiftool", "-q", "-q", "-m", "-overwrite_original", *map(str, arguments))


PLACE = [
    f"-EXIF:GPSLatitude={LATITUDE}", "-EXIF:GPSLatitudeRef=S",
    f"-EXIF:GPSLongitude={LONGITUDE}", "-EXIF:GPSLongitudeRef=E",
    f"-XMP-exif:GPSLatitude={LATITUDE}", f"-XMP-exif:GPSLongitude={LONGITUDE}",
    f"-XMP-dc:Description={ISO6709} {NOTE}", f"-XMP-tiff:Model={MODEL}",
]  # fmt: skip
DEVICE = [
    f"-EXIF:Make={MAKE}", f"-EXIF:Model={MODEL}", f"-EXIF:SerialNumber={SERIAL}",
    f"-EXIF:Software={MODEL} 1.0", "-EXIF:DateTimeOriginal=2026:11:20 09:00:00",
    f"-EXIF:UserComment={NOTE}",
]  # fmt: skip


def photo(path: Path, *, size: str = "96x64") -> Path:
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}", "-frames:v", "1", path)
    return path


def taken_off(path: Path) -> dict[str, Any]:
    """Everything that exiftool finds in a file, also inside tracks and behind the picture."""
    told = run("exiftool", "-json", "-G1", "-a", "-ee3", "-U", "-api", "RequestAll=3", str(path))
    return {
        key: value
        for key, value in json.loads(told)[0].items()
        if key.split(":")[0] not in {"SourceFile", "ExifTool", "System", "File"}
    }


def assert_nothing_told(stripped: Stripped, path: Path) -> None:
    path.write_bytes(stripped.open().read())
    telling = {
        key: value
        for key, value in taken_off(path).items()
        if TELLING.search(key.lower().split(":")[-1]) and "0000:00:00" not in str(value)
    }
    assert telling == {}
    data = path.read_bytes()
    found = [
        trace
        for trace in TRACES
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        if trace.encode(encoding) in data
    ]
    assert found == []


def pixels(data: bytes) -> bytes:
    return Image.open(BytesIO(data)).convert("RGBA").tobytes()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "stripped"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_jpeg_keeps_its_pixels_and_which_side_is_up(
    tmp_path: Path, out: Path, orientation: int
) -> None:
    source = photo(tmp_path / "foto.jpg")
    exiftool(*PLACE, *DEVICE, f"-EXIF:Orientation#={orientation}", f"-IPTC:City={NOTE}",
             f"-Comment={NOTE}", source)  # fmt: skip
    before = source.read_bytes()
    assert MODEL.encode() in before  # or the search below would prove nothing
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    after = stripped.open().read()
    assert pixels(after) == pixels(before)
    assert Image.open(BytesIO(after)).getexif() == ({} if orientation == 1 else {274: orientation})
    size = (96, 64) if orientation in {1, 3} else (64, 96)
    assert (stripped.width, stripped.height) == size
    assert stripped.original_sha256 == sha256(before).hexdigest()
    assert stripped.sha256 == sha256(after).hexdigest()
    assert source.read_bytes() == before


def test_what_hangs_behind_a_jpeg_goes_with_it(tmp_path: Path, out: Path) -> None:
    source, second = photo(tmp_path / "foto.jpg"), photo(tmp_path / "kedua.jpg")
    exiftool(*PLACE, *DEVICE, second)
    exiftool(f"-ThumbnailImage<={second}", "-EXIF:Make=x", source)
    before = source.read_bytes()
    source.write_bytes(before + second.read_bytes() + ISO6709.encode())
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    assert pixels(stripped.open().read()) == pixels(before)
    assert stripped.size_bytes < len(before)


def test_a_png_loses_its_texts(tmp_path: Path, out: Path) -> None:
    source = photo(tmp_path / "layar.png")
    exiftool(*PLACE, *DEVICE, "-EXIF:Orientation#=6", f"-PNG:Comment={NOTE}",
             f"-PNG:Source={MODEL}", "-PNG:ModifyDate=2026:11:20 09:00:00", source)  # fmt: skip
    source.write_bytes(source.read_bytes() + ISO6709.encode())
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    assert pixels(stripped.open().read()) == pixels(source.read_bytes())
    assert (stripped.width, stripped.height, stripped.media_type) == (64, 96, "image/png")


@pytest.mark.parametrize("how", [{"lossless": True}, {"quality": 80}])
def test_a_webp_loses_its_notes(tmp_path: Path, out: Path, how: dict[str, Any]) -> None:
    source = tmp_path / "foto.webp"
    Image.open(photo(tmp_path / "foto.png")).save(source, **how)
    exiftool(*PLACE, *DEVICE, "-EXIF:Orientation#=8", source)
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    assert pixels(stripped.open().read()) == pixels(source.read_bytes())
    assert (stripped.width, stripped.height, stripped.media_type) == (64, 96, "image/webp")


def test_a_moving_webp_keeps_every_frame(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "gerak.webp"
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=80)
    exiftool(*PLACE, *DEVICE, source)
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    after, before = (list(ImageSequence.all_frames(Image.open(each))) for each in (out, source))
    assert len(after) == 3
    assert [frame.tobytes() for frame in after] == [frame.tobytes() for frame in before]


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_heic_becomes_a_jpeg_of_the_same_view(
    tmp_path: Path, out: Path, orientation: int
) -> None:
    heif = pytest.importorskip("pillow_heif")
    source = tmp_path / "foto.heic"
    picture = Image.open(photo(tmp_path / "foto.png")).convert("RGB")
    exif = Image.Exif()
    exif[274] = orientation
    heif.from_pillow(picture).save(source, quality=-1, exif=exif.tobytes())
    exiftool(*PLACE, *DEVICE, source)
    assert MODEL.encode() in source.read_bytes()
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    assert stripped.media_type == "image/jpeg"
    with Image.open(stripped.open()) as after:
        assert after.getexif() == {}
        seen = picture.transpose(Image.Transpose.ROTATE_270) if orientation == 6 else picture
        assert after.size == seen.size == (stripped.width, stripped.height)
        worst = max(ImageChops.difference(after, seen).tobytes())
    assert worst < 40  # two lossy formats one after the other, sharp edges in bright colours
