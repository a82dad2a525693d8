"""The file of an import while it is needed: in sealed parts, each bound to its place."""

import hashlib
from collections.abc import AsyncIterator

from ingest.domain.imports import ImportId
from ingest.store import imports as store
from lintas.database.work import UnitOfWork
from lintas.privacy import seal, unseal

_PART_BYTES = 1 << 20
#: parts read in one statement
_AT_ONCE = 8


async def keep_file(
    work: UnitOfWork, import_id: ImportId, data_key: bytes, chunks: AsyncIterator[bytes]
) -> tuple[int, bytes]:
    """Keep what comes, a part at a time; its size and SHA-256. Never more than a part in memory."""
    digest, size, part = hashlib.sha256(), 0, 0
    waiting = bytearray()
    async for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        waiting += chunk
        while len(waiting) >= _PART_BYTES:
            await _keep(work, import_id, data_key, part, bytes(waiting[:_PART_BYTES]))
            del waiting[:_PART_BYTES]
            part += 1
    if waiting:
        await _keep(work, import_id, data_key, part, bytes(waiting))
    return size, digest.digest()


async def read_file(work: UnitOfWork, import_id: ImportId, data_key: bytes) -> bytes:
    """The file as it was handed in."""
    whole, first = bytearray(), 0
    while True:
        async with work.begin() as tx:
            sealed = await store.parts(tx, import_id, first, _AT_ONCE)
        for number, one in enumerate(sealed, start=first):
            whole += unseal(data_key, one, _place(import_id, number))
        first += len(sealed)
        if len(sealed) < _AT_ONCE:
            return bytes(whole)


def seal_preview(import_id: ImportId, data_key: bytes, preview: bytes) -> bytes:
    """The preview as it may be stored."""
    return seal(data_key, preview, _place(import_id, "preview"))


def open_preview(import_id: ImportId, data_key: bytes, sealed: bytes) -> bytes:
    """A stored preview, readable."""
    return unseal(data_key, sealed, _place(import_id, "preview"))


async def _keep(
    work: UnitOfWork, import_id: ImportId, data_key: bytes, part: int, content: bytes
) -> None:
    sealed = seal(data_key, content, _place(import_id, part))
    async with work.begin() as tx:
        await store.keep_part(tx, import_id, part, sealed)


def _place(import_id: ImportId, part: int | str) -> bytes:
    return f"{import_id}/{part}".encode()
