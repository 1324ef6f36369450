"""Photos as bytes in, stripped bytes out. Needs Pillow; HEIC also needs pillow-heif.

JPEG, PNG and WebP keep their pixels bit for bit (`_jpeg`, `_chunks`). HEIC and AVIF become JPEG of
quality 95: no platform here takes HEIC, and writing them without EXIF would compress them anew all
the same. The only EXIF that stays is which side is up, for turning the pixels would change them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import ExifTags, Image, ImageOps
from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pelayanan.media._chunks import strip_png, strip_webp
from pelayanan.media._jpeg import strip_jpeg
from pelayanan.media._kind import HEIF, UnfitError

__all__ = ["Photo", "encoded", "opened", "strip_photo", "upright"]

_DRAFTED: Final = 256_000_000  # pixels; a JPEG is checked at an eighth of its size
_DECODED: Final = 100_000_000  # pixels, some 400 MB of memory; all other types
_SMALLER: Final = "take it at a lower resolution"
_ORIENTATIONS: Final = range(2, 9)
_SIDEWAYS: Final = range(5, 9)
# The classes themselves, not Image.open: nothing else is tried, and the limit above holds instead
# of Pillow's own, which refuses phones of 200 megapixels and warns about those of 108.
_OPENERS: Final[dict[str, Callable[[BytesIO], ImageFile]]] = {
    "image/jpeg": JpegImageFile,
    "image/png": PngImageFile,
    "image/webp": WebPImageFile,
    "image/avif": AvifImageFile,
}
_STRIPPERS: Final = {"image/jpeg": strip_jpeg, "image/png": strip_png, "image/webp": strip_webp}


@dataclass(frozen=True, slots=True)
class Photo:
    """A stripped photo. `width` and `height` are as shown, after turning."""

    data: bytes
    media_type: str
    width: int
    height: int


def strip_photo(data: bytes, media_type: str) -> Photo:
    """Take place, device and everything else that is not picture from a photo.

    Raises:
        UnfitError: It is damaged, or larger than a photo can be.
    """
    try:
        if media_type in HEIF:
            data = encoded(upright(_whole(opened(data, media_type))), quality=95)
            media_type = "image/jpeg"
        return _stripped(data, media_type)
    except (UnfitError, ImportError):
        raise
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        told = " ".join(str(error).split())  # some write several lines
        raise UnfitError(f"its picture is damaged ({told})") from error


def _stripped(data: bytes, media_type: str) -> Photo:
    orientation = _orientation(data, media_type)
    exif = _exif(orientation) if orientation in _ORIENTATIONS else b""
    if media_type != "image/jpeg":
        exif = exif.removeprefix(b"Exif\0\0")
    plain = _STRIPPERS[media_type](data, exif=exif)
    width, height = opened(plain, media_type).size
    _whole(opened(plain, media_type))
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Photo(plain, media_type, width, height)


def opened(data: bytes, media_type: str) -> ImageFile:
    """Open without decoding the pixels; refuses what is too large to decode."""
    image = _opener(media_type)(BytesIO(data))
    limit = _DRAFTED if media_type == "image/jpeg" else _DECODED
    if image.width * image.height > limit:
        raise UnfitError(f"it has more than {limit // 1_000_000} megapixels", _SMALLER)
    return image


def _opener(media_type: str) -> Callable[[BytesIO], ImageFile]:
    if media_type == "image/heic":
        from pillow_heif import HeifImageFile  # noqa: PLC0415  only for phones that write it

        opener: Callable[[BytesIO], ImageFile] = HeifImageFile
        return opener
    return _OPENERS[media_type]


def _whole(image: ImageFile) -> ImageFile:
    """Decode it to the last pixel: what is cut short fails here and not at the platform."""
    if image.format == "JPEG":
        image.draft("RGB", (image.width // 8, image.height // 8))
    image.load()
    return image


def _orientation(data: bytes, media_type: str) -> int:
    try:
        found = opened(data, media_type).getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001  damaged EXIF raises anything; the picture is good all the same
        return 1
    return found if isinstance(found, int) else 1


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def upright(image: Image.Image) -> Image.Image:
    """Turn the pixels as the EXIF says."""
    return ImageOps.exif_transpose(image)


def encoded(image: Image.Image, *, quality: int) -> bytes:
    """Write a JPEG of nothing but pixels and colour profile; what is transparent turns white."""
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.info = {}  # Pillow would write the comment and the resolution from here
    buffer = BytesIO()
    image.save(
        buffer, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2, icc_profile=profile
    )
    return buffer.getvalue()
