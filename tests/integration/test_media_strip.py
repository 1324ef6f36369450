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

import av
import pytest
from PIL import Image, ImageChops, ImageSequence

from pelayanan.errors import MediaError
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

# dates set to nothing; what the writer calls every track; a table of entry points into the sound
NEUTRAL = re.compile(
    "^0000:00:00|^VideoHandler$|^SoundHandler$|^DataHandler$|^.Binary data 18 bytes"
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
    path.write_bytes(content(stripped))
    telling = {
        key: value
        for key, value in taken_off(path).items()
        if TELLING.search(key.lower().split(":")[-1]) and not NEUTRAL.search(str(value))
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


def content(stripped: Stripped) -> bytes:
    with stripped.open() as file:
        return file.read()


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
    after = content(stripped)
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
    assert pixels(content(stripped)) == pixels(before)
    assert stripped.size_bytes < len(before)


def test_a_png_loses_its_texts(tmp_path: Path, out: Path) -> None:
    source = photo(tmp_path / "layar.png")
    exiftool(*PLACE, *DEVICE, "-EXIF:Orientation#=6", f"-PNG:Comment={NOTE}",
             f"-PNG:Source={MODEL}", "-PNG:ModifyDate=2026:11:20 09:00:00", source)  # fmt: skip
    source.write_bytes(source.read_bytes() + ISO6709.encode())
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    assert pixels(content(stripped)) == pixels(source.read_bytes())
    assert (stripped.width, stripped.height, stripped.media_type) == (64, 96, "image/png")


@pytest.mark.parametrize("how", [{"lossless": True}, {"quality": 80}])
def test_a_webp_loses_its_notes(tmp_path: Path, out: Path, how: dict[str, Any]) -> None:
    source = tmp_path / "foto.webp"
    Image.open(photo(tmp_path / "foto.png")).save(source, **how)
    exiftool(*PLACE, *DEVICE, "-EXIF:Orientation#=8", source)
    stripped = strip(source)
    assert_nothing_told(stripped, out)
    assert pixels(content(stripped)) == pixels(source.read_bytes())
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


GPS_TEXT = f"1\n00:00:00,000 --> 00:00:01,000\nGPS {LATITUDE},{LONGITUDE} {MODEL}\n\n"
H264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "5"]
H265 = ["-c:v", "libx265", "-pix_fmt", "yuv420p", "-tag:v", "hvc1", "-x265-params", "log-level=0"]
DETAILS = [
    "-metadata", f"location={ISO6709}", "-metadata", f"comment={NOTE}",
    "-metadata", f"com.apple.quicktime.location.ISO6709={ISO6709}",
    "-metadata", f"com.apple.quicktime.model={MODEL}",
    "-metadata", "creation_time=2026-11-20T09:00:00Z",
    "-metadata:s:v", f"handler_name={MODEL}",
]  # fmt: skip


def film(path: Path, *codec: str, rotate: int = 0, keys: bool = False) -> Path:
    """A second of picture and sound with a text track of coordinates, as a phone may write it."""
    text = path.with_suffix(".srt")
    text.write_text(GPS_TEXT)
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=96x64:r=10:d=1", "-f", "lavfi", "-i", "sine=d=1"),
        *("-i", text, "-map", "0", "-map", "1", "-map", "2", "-c:s", "mov_text", "-c:a", "aac"),
        *(codec or H264),
        *DETAILS,
        *(["-movflags", "use_metadata_tags"] if keys else []),
        path,
    )
    if rotate:
        exiftool(f"-Rotation={rotate}", path)
    return path


def seen_and_heard(path: Path) -> list[tuple[str, float, str]]:
    """Every decoded frame: its track, its time to the millisecond, a hash of its samples."""
    with av.open(str(path)) as opened:
        kinds = [opened.streams.video[0], *opened.streams.audio[:1]]
        return sorted(
            (
                type(frame).__name__,
                round(frame.time or 0.0, 3),
                sha256(frame.to_ndarray().tobytes()).hexdigest(),
            )
            for frame in opened.decode(*kinds)
            if isinstance(frame, av.VideoFrame | av.AudioFrame)
        )


def turned(path: Path) -> int:
    with av.open(str(path)) as opened:
        return next(opened.decode(opened.streams.video[0])).rotation % 360


def boxes(data: bytes) -> set[bytes]:
    return {name for name in (b"udta", b"meta", b"uuid", b"keys", b"ilst") if name in data}


def assert_same_film(source: Path, stripped: Stripped, out: Path) -> None:
    assert_nothing_told(stripped, out)
    assert boxes(out.read_bytes()) == set()
    with av.open(str(out)) as opened:
        assert [track.type for track in opened.streams] == ["video", "audio"]
    assert seen_and_heard(out) == seen_and_heard(source)
    assert turned(out) == turned(source)


def test_an_mp4_loses_everything_but_picture_and_sound(tmp_path: Path, out: Path) -> None:
    source = film(tmp_path / "video.mp4")
    exiftool(
        *(f"-XMP-exif:GPSLatitude={LATITUDE}", f"-XMP-exif:GPSLongitude={LONGITUDE}"),
        *(f"-XMP-tiff:Model={MODEL}", f"-Keys:Make={MAKE}", f"-UserData:Model={MODEL}"),
        *(f"-Keys:GPSCoordinates={LATITUDE}, {LONGITUDE}", f"-UserData:Make={MAKE}", source),
    )
    told = json.dumps(taken_off(source))
    assert all(word in told for word in ("XMP-", "Keys:", "UserData:", "GPS", MODEL))
    assert boxes(source.read_bytes()) >= {b"udta", b"meta", b"uuid"}
    stripped = strip(source)
    assert_same_film(source, stripped, out)
    assert stripped.media_type == "video/mp4"
    assert stripped.original_sha256 == sha256(source.read_bytes()).hexdigest()
    assert stripped.sha256 == sha256(out.read_bytes()).hexdigest()
    assert stripped.duration_s == pytest.approx(1.0, abs=0.11)


def test_notes_in_no_known_alphabet_do_not_cost_the_film(tmp_path: Path, out: Path) -> None:
    source = film(tmp_path / "video.mp4")
    data = source.read_bytes()
    assert NOTE.encode() in data
    odd = tmp_path / "aneh.mp4"
    odd.write_bytes(data.replace(NOTE.encode(), b"\xff\xfe\x80" * 5 + b"\xc3("))
    assert_same_film(source, strip(odd), out)


@pytest.mark.parametrize(("rotate", "size"), [(90, (64, 96)), (180, (96, 64)), (270, (64, 96))])
def test_a_turned_film_stays_turned(
    tmp_path: Path, out: Path, rotate: int, size: tuple[int, int]
) -> None:
    source = film(tmp_path / "video.mp4", rotate=rotate)
    assert turned(source) == 360 - rotate  # phones count clockwise, libavformat the other way
    stripped = strip(source)
    assert_same_film(source, stripped, out)
    assert (stripped.width, stripped.height) == size


def test_a_phone_s_mov_becomes_an_mp4_of_the_same_frames(tmp_path: Path, out: Path) -> None:
    source = film(tmp_path / "IMG_0001.MOV", *H265, rotate=90, keys=True)
    assert b"com.apple.quicktime.location.ISO6709" in source.read_bytes()
    stripped = strip(source)
    assert_same_film(source, stripped, out)
    assert stripped.media_type == "video/mp4"
    with av.open(str(out)) as opened:  # Apple's players want this name
        assert opened.streams.video[0].codec_context.codec_tag == "hvc1"


@pytest.mark.parametrize(("codec", "bsf"), [(H264, "h264_metadata"), (H265, "hevc_metadata")])
def test_what_is_hidden_inside_the_frames_goes(
    tmp_path: Path, out: Path, codec: list[str], bsf: str
) -> None:
    source = tmp_path / "video.mp4"
    ffmpeg("-i", film(tmp_path / "asal.mp4", *codec), "-map", "0:v", "-map", "0:a", "-c", "copy",
           "-tag:v", "hvc1" if bsf == "hevc_metadata" else "avc1",
           *(("-bsf:v", f"{bsf}=sei_user_data=086f3693b7b34f2c965321492feee5b8+{MODEL}")
             if bsf == "h264_metadata" else ()), source)  # fmt: skip
    hidden = MODEL.encode() if bsf == "h264_metadata" else b"x265 (build"
    assert hidden in source.read_bytes()
    stripped = strip(source)
    assert_same_film(source, stripped, out)
    assert hidden not in out.read_bytes()
    assert b"x264 - core" not in out.read_bytes()


def test_each_frame_of_a_motion_jpeg_is_stripped(tmp_path: Path, out: Path) -> None:
    picture = photo(tmp_path / "foto.jpg")
    exiftool(*PLACE, *DEVICE, picture)
    source = tmp_path / "video.mov"
    ffmpeg("-loop", "1", "-t", "1", "-r", "5", "-i", picture, "-f", "lavfi", "-i", "sine=d=1",
           "-map", "0", "-map", "1", "-c:v", "copy", "-c:a", "pcm_s16le", source)  # fmt: skip
    assert source.read_bytes().count(MODEL.encode()) >= 5
    stripped = strip(source)
    assert_same_film(source, stripped, out)
    assert stripped.media_type == "video/quicktime"


def test_a_cut_film_keeps_its_cut(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "potong.mp4"
    ffmpeg("-ss", "0.35", "-i", film(tmp_path / "asal.mp4"), "-map", "0:v", "-map", "0:a",
           "-c", "copy", source)  # fmt: skip
    assert_same_film(source, strip(source), out)


def test_a_cover_picture_is_no_film(tmp_path: Path, out: Path) -> None:
    cover, source = photo(tmp_path / "sampul.jpg"), tmp_path / "video.mp4"
    exiftool(*PLACE, *DEVICE, cover)
    ffmpeg("-i", cover, "-i", film(tmp_path / "asal.mp4"), "-map", "1:v", "-map", "1:a",
           "-map", "0", "-c", "copy", "-disposition:v:1", "attached_pic", source)  # fmt: skip
    assert_same_film(source, strip(source), out)


def test_a_cover_picture_with_sound_is_no_film_either(tmp_path: Path) -> None:
    cover, source = photo(tmp_path / "sampul.jpg"), tmp_path / "lagu.mp4"
    ffmpeg("-i", cover, "-f", "lavfi", "-i", "sine=d=1", "-map", "0", "-map", "1", "-c:v", "copy",
           "-disposition:v:0", "attached_pic", source)  # fmt: skip
    with pytest.raises(MediaError, match="it has no picture track"):
        strip(source)
