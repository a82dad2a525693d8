import io
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image, PngImagePlugin

from ingest.domain.errors import MediaBroken, MediaEmpty, MediaTooLarge, MediaTypeRefused
from ingest.usecases.media import SealedMedia
from ingest.usecases.vault import OpenKey
from lintas.blobs import FolderBlobs
from lintas.privacy import SealBroken
from lintas.vocabulary.errors import DomainError, NotFound, Unavailable

KEY = OpenKey(UUID(int=1), bytes(range(32)))
OTHER = OpenKey(UUID(int=2), bytes(32))
MOST = 1_000_000


def picture(form: str, size: tuple[int, int] = (64, 48), **more: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (20, 90, 200)).save(written, form, **more)
    return written.getvalue()


def with_place() -> bytes:
    """A photo that says where it was taken and with what, and has a comment."""
    exif = Image.Exif()
    exif[0x010F] = "Kamera Rahasia"
    exif[0x8825] = {1: "S", 2: (6.0, 35.0, 0.0)}
    return picture("JPEG", exif=exif, comment=b"rumah saya")


def commented_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "rumah saya")
    return picture("PNG", pnginfo=info)


@pytest.fixture
def store(tmp_path: Path) -> SealedMedia:
    return SealedMedia(FolderBlobs(tmp_path / "media"), most_bytes=MOST)


@pytest.mark.parametrize(
    ("content", "kept_as"),
    [
        pytest.param(picture("JPEG"), "image/jpeg", id="jpeg"),
        pytest.param(picture("PNG"), "image/png", id="png"),
        pytest.param(picture("WEBP"), "image/webp", id="webp"),
        pytest.param(picture("GIF"), "image/png", id="gif"),
        pytest.param(picture("JPEG") + b"<script>alert(1)</script>", "image/jpeg", id="polyglot"),
        pytest.param(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", "application/pdf", id="pdf"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0mp42isom" + b"\0" * 64, "video/mp4", id="mp4"),
        pytest.param(b"OggS\0\2" + b"\0" * 20 + b"\1\x13OpusHead", "audio/ogg", id="voice"),
    ],
)
async def test_what_is_kept_is_told_by_its_bytes_and_read_back(store, content, kept_as):
    media = await store.keep(content, "text/html", "../../etc/passwd", key=KEY)

    kept = await store.read(media.reference, key=KEY.secret)
    assert media.media_type == kept_as
    assert media.size_bytes == len(kept)
    assert b"<script" not in kept


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"", MediaEmpty, id="no bytes"),
        pytest.param(picture("PNG") + b"\0" * MOST, MediaTooLarge, id="too many bytes"),
        pytest.param(picture("JPEG")[:200], MediaBroken, id="cut short"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", MediaTypeRefused, id="svg"),
        pytest.param(b"<!doctype html><script>1</script>", MediaTypeRefused, id="html"),
        pytest.param(b"<html>\n%PDF-1.7", MediaTypeRefused, id="html before pdf"),
        pytest.param(b"PK\3\4" + b"\0" * 60, MediaTypeRefused, id="zip"),
        pytest.param(b"MZ" + b"\0" * 200, MediaTypeRefused, id="program"),
        pytest.param(b"#!/bin/sh\necho", MediaTypeRefused, id="script"),
        pytest.param(picture("TIFF"), MediaTypeRefused, id="tiff"),
        pytest.param(os.urandom(500), MediaTypeRefused, id="noise"),
    ],
)
async def test_what_may_not_be_kept_is_refused_with_its_field(
    store, tmp_path, content, refusal: type[DomainError]
):
    with pytest.raises(refusal) as refused:
        await store.keep(content, "image/jpeg", "foto.jpg", key=KEY)

    assert [error.pointer for error in refused.value.errors] == ["/media"]
    assert not [*tmp_path.rglob("*")]


@pytest.mark.parametrize("make", [with_place, commented_png])
async def test_a_picture_keeps_nothing_but_its_dots(store, make: Callable[[], bytes]):
    media = await store.keep(make(), None, None, key=KEY)

    kept = await store.read(media.reference, key=KEY.secret)
    assert b"rumah saya" not in kept
    assert b"Kamera" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


async def test_a_picture_that_would_fill_the_memory_is_refused_by_its_dots(store):
    bomb = picture("PNG", (20_000, 5_001))

    assert len(bomb) < MOST
    with pytest.raises(MediaTooLarge) as refused:
        await store.keep(bomb, None, None, key=KEY)
    assert "pixels" in refused.value.errors[0].detail


async def test_a_large_photo_is_drawn_smaller(store):
    media = await store.keep(picture("JPEG", (6_000, 3_000)), None, None, key=KEY)

    kept = Image.open(io.BytesIO(await store.read(media.reference, key=KEY.secret)))
    assert kept.size == (2_560, 1_280)


async def test_on_the_disk_a_file_is_sealed_and_only_its_own_key_opens_it(store, tmp_path):
    pdf = b"%PDF-1.7 " + b"rahasia" * 20
    media = await store.keep(pdf, None, None, key=KEY)

    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert b"rahasia" not in path.read_bytes()
    with pytest.raises(SealBroken):
        await store.read(media.reference, key=bytes(32))


async def test_the_same_file_again_is_one_and_another_reporters_is_another(store, tmp_path):
    first, again = [await store.keep(picture("PNG"), None, None, key=KEY) for _ in range(2)]
    other = await store.keep(picture("PNG"), None, None, key=OTHER)

    assert first == again
    assert other.reference != first.reference
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 2


@pytest.mark.parametrize("reference", ["../ring.json", "ab", "0" * 32, "A" * 64, "0" * 64])
async def test_what_is_not_there_is_not_found(store, reference):
    with pytest.raises(NotFound):
        await store.read(reference, key=KEY.secret)


async def test_all_files_of_a_forgotten_key_are_gone_and_those_of_others_stay(store, tmp_path):
    for colour in ("JPEG", "PNG"):
        await store.keep(picture(colour), None, None, key=KEY)
    others = await store.keep(picture("PNG"), None, None, key=OTHER)

    for _ in range(2):
        await store.forget(KEY.key_id)
    [left] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert OTHER.key_id.hex in left.parts
    assert await store.read(others.reference, key=OTHER.secret)


async def test_of_a_key_s_files_those_that_nothing_names_go_once_nobody_sent_them_of_late(
    store, tmp_path
):
    named = await store.keep(picture("PNG"), None, None, key=KEY)
    unnamed = await store.keep(picture("JPEG"), None, None, key=KEY)
    others = await store.keep(picture("JPEG"), None, None, key=OTHER)

    await store.forget_others(KEY.key_id, {named.reference})
    assert await store.read(unnamed.reference, key=KEY.secret)
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    for _ in range(2):
        await store.forget_others(KEY.key_id, {named.reference})
    assert await store.read(named.reference, key=KEY.secret)
    assert await store.read(others.reference, key=OTHER.secret)
    with pytest.raises(NotFound):
        await store.read(unnamed.reference, key=KEY.secret)
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 2


async def test_a_photo_of_an_iphone_is_kept_as_it_is_and_sealed(store, tmp_path):
    photo = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"rahasia" * 20
    media = await store.keep(photo, "image/jpeg", None, key=KEY)

    assert media.media_type in {"image/heic", "image/heif"}
    assert await store.read(media.reference, key=KEY.secret) == photo
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert b"rahasia" not in path.read_bytes()


async def test_a_folder_that_cannot_be_written_is_an_outage(tmp_path):
    (tmp_path / "media").write_text("in the way", encoding="utf-8")
    store = SealedMedia(FolderBlobs(tmp_path / "media"), most_bytes=MOST)

    with pytest.raises(Unavailable):
        await store.keep(picture("PNG"), None, None, key=KEY)
    assert [*tmp_path.iterdir()] == [tmp_path / "media"]
