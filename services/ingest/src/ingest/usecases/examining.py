"""What an attachment really is: told by its bytes, never by its name or declared type.

Blocking and costly: up to a second for a large photo.
"""

import io
from dataclasses import dataclass

import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.domain.errors import MediaBroken, MediaEmpty, MediaTooLarge, MediaTypeRefused

#: what a look at the beginning finds → what it is kept as
_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "PNG"}
_OTHERS = {
    "image/heic": "image/heic",
    "image/heif": "image/heif",
    "application/pdf": "application/pdf",
    "video/mp4": "video/mp4",
    "video/3gpp": "video/3gpp",
    "video/quicktime": "video/quicktime",
    "audio/mp4": "audio/mp4",
    "audio/mpeg": "audio/mpeg",
    "application/ogg": "audio/ogg",
    "audio/ogg": "audio/ogg",
}
_LOOKED_AT_BYTES = 64 * 1024
#: more than phones send; beyond it a small file can fill the memory
_MOST_PIXELS = 50_000_000
#: enough to read a house number; larger ones are drawn smaller
_LONGEST_EDGE = 2_560
_JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Examined:
    """A file as it may be kept."""

    content: bytes
    media_type: str


def examine(content: bytes, *, most_bytes: int) -> Examined:
    """The file as it may be kept: pictures drawn anew (no EXIF, nothing appended), others as they are.

    Photos as iPhones take them (HEIC) are among the others, as nothing here can draw them: they keep
    their EXIF, the place where they were taken with it. They are sealed like every file, and their
    type says what they are: whoever shows one to anybody but its reporter draws it anew first.

    Raises:
        MediaEmpty, MediaTooLarge, MediaTypeRefused, MediaBroken: it may not be kept.
    """
    if not content:
        raise MediaEmpty
    if len(content) > most_bytes:
        raise MediaTooLarge(f"at most {most_bytes} bytes")
    found = _type_of(content)
    if found in _PICTURES:
        return _redrawn(content, _PICTURES[found])
    if found in _OTHERS:
        return Examined(content, _OTHERS[found])
    raise MediaTypeRefused


def _type_of(content: bytes) -> str:
    try:
        guesses = puremagic.magic_string(content[:_LOOKED_AT_BYTES])
    except (puremagic.PureError, ValueError):
        return ""
    return next((guess.mime_type for guess in guesses if guess.mime_type), "")


def _redrawn(content: bytes, form: str) -> Examined:
    try:
        # naming the formats keeps every other decoder of the library out of reach
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise MediaTooLarge(f"a picture of at most {_MOST_PIXELS} pixels")
            # decodes a large photo at a fraction of its size, where its format allows that
            picture.draft(None, (_LONGEST_EDGE, _LONGEST_EDGE))
            upright = ImageOps.exif_transpose(picture)
            clear = "A" in upright.getbands() or "transparency" in upright.info
            drawn = upright.convert("RGBA" if clear and form != "JPEG" else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise MediaBroken from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaTooLarge(f"a picture of at most {_MOST_PIXELS} pixels") from error
    drawn.thumbnail((_LONGEST_EDGE, _LONGEST_EDGE))
    # comments, profiles and whatever else a format carries would be written back
    drawn.info.clear()
    clean = io.BytesIO()
    drawn.save(clean, form, quality=_JPEG_QUALITY)
    return Examined(clean.getvalue(), f"image/{form.lower()}")
