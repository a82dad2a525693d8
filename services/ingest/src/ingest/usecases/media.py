"""Files that reporters attach: examined, cleaned, and kept encrypted under their own key."""

import asyncio
import hashlib
import hmac
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import orjson

from ingest.store import erasing, retention
from ingest.store import vault as store
from ingest.store.retention import Sealed
from ingest.usecases.examining import examine
from ingest.usecases.originals import files_of
from ingest.usecases.vault import OpenKey, Vault
from lintas.blobs import Blobs, NoSuchBlob
from lintas.contracts.events.mentions import Media
from lintas.database.work import UnitOfWork
from lintas.privacy import SealBroken, seal, unseal
from lintas.telemetry import count, get_logger
from lintas.vocabulary.errors import DomainError, NotFound, Unavailable

#: files examined at the same time: one may need two hundred megabytes for a moment
_AT_ONCE = 1
#: longer than a disk is away, or a file on its way
_LATE = timedelta(days=30)
#: longer than a file waits for the commit that names it
_ON_ITS_WAY = timedelta(days=1)

_log = get_logger(__name__)


class MediaStore(Protocol):
    """Where attachments are kept."""

    async def keep(
        self, content: bytes, declared_type: str | None, name: str | None, *, key: OpenKey
    ) -> Media:
        """Keep one file, readable only with `key`, a reporter's data key (`data_key`).

        Call it before the commit that references it: it is durable once this returns. The same
        file kept again under the same key is the same reference. The declared type and name are
        not believed; what is kept of a picture is drawn anew, without its EXIF.

        Raises:
            domain.errors.MediaEmpty, MediaTooLarge, MediaTypeRefused, MediaBroken: nothing is kept.
            Unavailable: it could not be written.
        """

    async def read(self, reference: str, *, key: bytes) -> bytes:
        """What was kept; NotFound if nothing was. Raises SealBroken with another key."""

    async def forget(self, key_id: UUID) -> None:
        """Keep nothing of what was kept under this key, told of or not. Repeating is harmless.

        Raises:
            Unavailable: some of it may still be there.
        """

    async def forget_others(self, key_id: UUID, keep: Collection[str]) -> None:
        """Keep of this key's files only these references, and what was kept within a day.

        Raises:
            Unavailable: some of the others may still be there.
        """


class SealedMedia:
    """A media store over blobs."""

    def __init__(self, blobs: Blobs, *, most_bytes: int) -> None:
        self._blobs = blobs
        self._most_bytes = most_bytes
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def keep(
        self, content: bytes, declared_type: str | None, name: str | None, *, key: OpenKey
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

    async def forget(self, key_id: UUID) -> None:
        """Remove a reporter's files; see `MediaStore.forget`."""
        try:
            await asyncio.to_thread(self._blobs.remove_all, key_id.hex)
        except OSError as error:
            raise Unavailable("Attachments cannot be removed for the moment.") from error

    async def forget_others(self, key_id: UUID, keep: Collection[str]) -> None:
        """Remove those of a reporter's files that nothing names; see `MediaStore.forget_others`."""
        untouched_for_s = _ON_ITS_WAY.total_seconds()
        try:
            removed = await asyncio.to_thread(
                self._blobs.remove_others, key_id.hex, keep, untouched_for_s
            )
        except OSError as error:
            raise Unavailable("Attachments cannot be removed for the moment.") from error
        if removed:
            count("lintas_media_total", removed, outcome="removed")

    def _keep(self, content: bytes, key: OpenKey) -> Media:
        examined = examine(content, most_bytes=self._most_bytes)
        # keyed, so that a reference says nothing of the file to whoever has a copy of it
        digest = hashlib.sha256(content).digest()
        file = hmac.digest(key.secret, b"lintas/media" + digest, "sha256")[:16]
        # under its key's id, so that all of a reporter's files are found when they are erased
        name = key.key_id.hex + file.hex()
        self._blobs.put(name, seal(key.secret, examined.content, _context(name)))
        return Media(
            reference=name,
            media_type=examined.media_type,
            sha256=hashlib.sha256(examined.content).hexdigest(),
            size_bytes=len(examined.content),
        )


def _context(reference: str) -> bytes:
    return b"lintas/media/" + reference.encode()


async def forget_erased(work: UnitOfWork, media: MediaStore) -> None:
    """Remove the files of reporters whose keys were destroyed of late; again and again.

    A file that was on its way meanwhile is found the next time.
    """
    async with work.begin() as tx:
        keys = await store.destroyed_since(tx, work.clock() - _LATE)
    for key_id in keys:
        try:
            await media.forget(key_id)
        except Unavailable:
            _log.warning("files_not_removed")
            return


async def forget_unnamed(work: UnitOfWork, vault: Vault, media: MediaStore) -> None:
    """Remove the files of complaints erased of late whose reporter is not; again and again.

    What another mention of the reporter names stays: the same file sent twice is kept once. Where
    one of their mentions cannot be read nothing is removed.
    """
    async with work.begin() as tx:
        reporters = await retention.still_known(tx, work.clock() - _LATE)
    for reporter in reporters:
        async with work.begin() as tx:
            keys = await erasing.keys_of(tx, reporter)
            said = await retention.said_under(tx, keys)
        try:
            named = {reference for one in said for reference in _named(vault, one)}
            for key_id in keys:
                await media.forget_others(key_id, named)
        except SealBroken:
            _log.error("files_not_swept")  # nothing of a trace helps
        except Unavailable:
            _log.warning("files_not_removed")
            return


def _named(vault: Vault, one: Sealed) -> Iterator[str]:
    original = orjson.loads(unseal(vault.open_key(one.key), one.sealed, one.complaint_id.bytes))
    return (file.reference for file in files_of(original))
