"""Files that reporters attach: examined, cleaned, and kept encrypted under their own key."""

import asyncio
import hashlib
import hmac
from typing import Protocol

from ingest.usecases.examining import examine
from lintas.blobs import Blobs, NoSuchBlob
from lintas.contracts.events.mentions import Media
from lintas.privacy import seal, unseal
from lintas.telemetry import count
from lintas.vocabulary.errors import DomainError, NotFound, Unavailable

#: files examined at the same time: one may need two hundred megabytes for a moment
_AT_ONCE = 1


class MediaStore(Protocol):
    """Where attachments are kept."""

    async def keep(
        self, content: bytes, declared_type: str | None, name: str | None, *, key: bytes
    ) -> Media:
        """Keep one file, readable only with `key`, a reporter's data key (`Vault.open_key`).

        Call it before the commit that references it: it is durable once this returns. The same
        file kept again under the same key is the same reference. The declared type and name are
        not believed; what is kept of a picture is drawn anew, without its EXIF.

        Raises:
            domain.errors.MediaEmpty, MediaTooLarge, MediaTypeRefused, MediaBroken: nothing is kept.
            Unavailable: it could not be written.
        """

    async def read(self, reference: str, *, key: bytes) -> bytes:
        """What was kept; NotFound if nothing was. Raises SealBroken with another key."""

    async def forget(self, reference: str) -> None:
        """Keep it no longer."""


class SealedMedia:
    """A media store over blobs."""

    def __init__(self, blobs: Blobs, *, most_bytes: int) -> None:
        self._blobs = blobs
        self._most_bytes = most_bytes
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def keep(
        self, content: bytes, declared_type: str | None, name: str | None, *, key: bytes
    ) -> Media:
        """Examine, seal and write one file; see `MediaStore.keep`."""
        del declared_type, name  # nothing a sender claims decides anything
        async with self._room:
            try:
                media = await asyncio.to_thread(self._keep, content, key)
            except DomainError:
                count("lintas_media_total", outcome="refused")
                raise
            except OSError as error:
                raise Unavailable("Attachments cannot be kept for the moment.") from error
        count("lintas_media_total", outcome="kept")
        return media

    async def read(self, reference: str, *, key: bytes) -> bytes:
        """Read and open one file; see `MediaStore.read`."""
        try:
            sealed = await asyncio.to_thread(self._blobs.get, reference)
        except NoSuchBlob:
            raise NotFound("There is no such attachment.") from None
        except OSError as error:
            raise Unavailable("Attachments cannot be read for the moment.") from error
        return unseal(key, sealed, _context(reference))

    async def forget(self, reference: str) -> None:
        """Remove one file; see `MediaStore.forget`."""
        await asyncio.to_thread(self._blobs.remove, reference)

    def _keep(self, content: bytes, key: bytes) -> Media:
        examined = examine(content, most_bytes=self._most_bytes)
        # keyed, so that a reference says nothing of the file to whoever has a copy of it
        reference = hmac.digest(key, b"lintas/media" + hashlib.sha256(content).digest(), "sha256")
        name = reference[:16].hex()
        self._blobs.put(name, seal(key, examined.content, _context(name)))
        return Media(
            reference=name,
            media_type=examined.media_type,
            sha256=hashlib.sha256(examined.content).hexdigest(),
            size_bytes=len(examined.content),
        )


def _context(reference: str) -> bytes:
    return b"lintas/media/" + reference.encode()
