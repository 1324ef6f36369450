"""Videos: one picture track and one sound track into a new file, no frame compressed again.

A copy of tags (mutagen, exiftool) leaves what it does not know: GPS text tracks, makers' boxes.
So nothing is removed: only the compressed frames, how they are timed and which side is up are
taken over (libavformat through `av`). Cover pictures, subtitles, data tracks, chapters, `udta`,
`meta`, XMP and dates stay behind.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from pelayanan.media._boxes import blank_user_data, cut_short
from pelayanan.media._jpeg import strip_jpeg
from pelayanan.media._kind import UnfitError
from pelayanan.media._sei import plain_extradata, without_user_data

__all__ = ["Video", "strip_video"]

_DEMUXER: Final = "mp4"  # fixed: a playlist named .mp4 could make libavformat open other files
# what MP4 holds and platforms play; the rest of the list goes into MOV, other codecs are refused,
# for nobody has looked what they carry beside frames
_MP4: Final = frozenset({"h264", "hevc", "av1", "mpeg4", "aac", "mp3", "ac3", "eac3", "opus"})
_MOV: Final = frozenset({"h263", "mjpeg", "alac", "amrnb", "amrwb", "amr_nb", "amr_wb"})
_LARGEST: Final = 8192 * 8192  # pixels of a frame
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EACCES})

_SMALLER: Final = "film it at a lower resolution"
_CONVERT: Final = "convert it to MP4 with H.264 and AAC"
# names in other alphabets than UTF-8 are no reason to refuse a film; from 19 on av never does
_LENIENT: Final[dict[str, Any]] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)
_Clean: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Video:
    """A stripped video. `width` and `height` are as shown, after turning."""

    media_type: str
    width: int
    height: int
    duration_s: float


def strip_video(source: Path, target: Path) -> Video:
    """Write picture and sound of `source` to `target`, and nothing else.

    Raises:
        UnfitError: It is damaged, cut short, or of a kind that is not taken.
        OSError: `target` cannot be written.
    """
    with source.open("rb") as file:
        if cut_short(file):
            raise UnfitError("it ends in the middle")
    try:
        with _opened(source) as film:
            video = _look(film)
        with _opened(source) as film:
            _remux(film, target, video.media_type)
    except FFmpegError as error:
        if error.errno in _NO_ROOM:
            raise OSError(error.errno, os.strerror(error.errno)) from error
        raise UnfitError(f"its film is damaged ({error.strerror})") from error
    with target.open("r+b") as file:
        blank_user_data(file)
    return video


def _opened(source: Path) -> InputContainer:
    # absolute: libavformat takes "concat:..." or "http:..." for more than a name
    film: InputContainer = av.open(str(source.resolve()), "r", _DEMUXER, **_LENIENT)
    return film


def _look(film: InputContainer) -> Video:
    """Decode the first frame: what has none is no video, and it knows which side is up."""
    tracks = _tracks(film)
    track = tracks[0]
    if track.width * track.height > _LARGEST:
        raise UnfitError("its frames are too large", _SMALLER)
    frame = next(film.decode(track), None)
    if frame is None:
        raise UnfitError("it has no frames")
    width, height = frame.width, frame.height
    if frame.rotation % 180:
        width, height = height, width
    return Video(_container(tracks), width, height, _seconds(film, track))


def _seconds(film: InputContainer, track: VideoStream) -> float:
    if track.duration and track.time_base:
        return round(float(track.duration * track.time_base), 3)
    return round((film.duration or 0) / av.time_base, 3)


def _tracks(film: InputContainer) -> tuple[VideoStream, AudioStream | None]:
    no_film = Disposition.attached_pic | Disposition.timed_thumbnails
    found = [track for track in film.streams.video if not track.disposition & no_film]
    if not found:
        raise UnfitError("it has no picture track")
    return found[0], next(iter(film.streams.audio), None)


def _container(tracks: tuple[VideoStream, AudioStream | None]) -> str:
    """Name the type to write: MP4 where it can hold both tracks, for platforms take that."""
    codecs = {track.codec_context.codec.canonical_name for track in tracks if track}
    if codecs <= _MP4:
        return "video/mp4"
    unknown = {name for name in codecs - _MP4 - _MOV if not name.startswith("pcm_")}
    if unknown:
        raise UnfitError(f"it is compressed as {', '.join(sorted(unknown))}", _CONVERT)
    return "video/quicktime"


def _remux(film: InputContainer, target: Path, media_type: str) -> None:
    container = "mp4" if media_type == "video/mp4" else "mov"
    # bitexact: neither the writer's name nor a date; faststart: plays while it loads
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(target.resolve()), "w", format=container, options=options) as out:
        copies: dict[int, tuple[Stream, _Clean]] = {}
        tracks = [track for track in _tracks(film) if track]
        for track in tracks:
            # opaque: by its decoder, for not every codec has an encoder in every build; the
            # template brings the display matrix along and none of the names
            copy: Stream = out.add_stream_from_template(track, opaque=True)  # pyright: ignore[reportUnknownMemberType]  untyped **kwargs
            copies[track.index] = copy, _cleaner(track, copy)
        for packet in film.demux(tracks):
            if packet.dts is not None:  # the end of a track is an empty packet
                copied = _copied(packet, *copies[packet.stream.index])
                out.mux(copied)  # pyright: ignore[reportUnknownMemberType]  Packet of any stream


def _cleaner(track: VideoStream | AudioStream, copy: Stream) -> _Clean:
    codec = track.codec_context.codec.canonical_name
    extradata = track.codec_context.extradata or b""
    if codec == "mjpeg":  # old cameras: each frame is a JPEG with an EXIF of its own
        return strip_jpeg
    if codec == "hevc":
        copy.codec_context.codec_tag = track.codec_context.codec_tag  # hvc1, or Apple plays none
        copy.codec_context.extradata = plain_extradata(codec, extradata)
    return without_user_data(codec, extradata)


def _copied(packet: "Packet[Stream]", stream: Stream, clean: _Clean) -> "Packet[Stream]":
    if packet.is_corrupt:
        raise UnfitError("a frame of it is damaged")
    data = bytes(packet)
    plain = clean(data)
    if plain == data:
        packet.stream = stream
        return packet
    copy: Packet[Stream] = Packet(plain)
    copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
    copy.time_base, copy.is_keyframe = packet.time_base, packet.is_keyframe
    copy.stream = stream
    return copy
