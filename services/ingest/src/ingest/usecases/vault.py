"""The vault: data keys per reporter, and opening what they sealed, for a purpose, on record."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from uuid_utils.compat import uuid4

from ingest.domain.mentions import ReporterKey
from ingest.domain.vault import Opening, OpenOutcome, SealedItem
from ingest.store import vault as store
from lintas.database.work import UnitOfWork
from lintas.privacy import (
    SealBroken,
    VaultKey,
    new_data_key,
    seal,
    unseal,
    unwrap_key,
    wrap_key,
)
from lintas.telemetry import count
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.ids import ComplaintId


def vault_key(secret: bytes) -> VaultKey:
    """A key of the vault, named by its own fingerprint, so that a rotation needs no other name."""
    return VaultKey(hashlib.sha256(b"lintas/vault-key/" + secret).hexdigest()[:12], secret)


class Vault:
    """Wraps and opens reporters' data keys. Holds the vault's own keys, and nothing else."""

    def __init__(self, keys: Sequence[VaultKey]) -> None:
        #: the first one wraps; the others open what they wrapped before
        self._keys = tuple(keys)

    def new_key(self, reporter: bytes) -> tuple[ReporterKey, bytes]:
        """A fresh key for a reporter: as it is kept, and open."""
        data_key = new_data_key()
        wrapped = wrap_key(self._keys[0], data_key, reporter)
        return ReporterKey(uuid4(), reporter, wrapped), data_key

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """A data key that is no reporter's, as it may be kept."""
        return wrap_key(self._keys[0], data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """What `wrap` kept, open; SealBroken if it was wrapped elsewhere."""
        return unwrap_key(self._keys, wrapped, context)

    def open_key(self, key: ReporterKey) -> bytes:
        """A kept key, open; SealBroken if it is destroyed or was wrapped elsewhere."""
        if key.wrapped is None:
            raise SealBroken("destroyed")
        return unwrap_key(self._keys, key.wrapped, key.reporter)


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A reporter's data key, open."""

    key_id: UUID
    secret: bytes = field(repr=False)


def sealed_for(complaint: ComplaintId, data_key: bytes, original: Mapping[str, Any]) -> bytes:
    """`original`, readable only with `data_key` and for this complaint."""
    return seal(data_key, orjson.dumps(original), complaint.bytes)


async def data_key(work: UnitOfWork, vault: Vault, reporter: bytes) -> OpenKey:
    """The living data key of a reporter (`Identities.reporter`), made and stored if there is none."""
    async with work.begin() as tx:
        kept = await store.living_key(tx, reporter)
        if kept is None:
            fresh, opened = vault.new_key(reporter)
            if await store.keep_key(tx, fresh):
                return OpenKey(fresh.key_id, opened)
            # somebody else kept one meanwhile
            kept = await store.living_key(tx, reporter)
    if kept is None:
        raise Unavailable("The reporter's key is being replaced.")
    return OpenKey(kept.key_id, vault.open_key(kept))


@dataclass(frozen=True, slots=True)
class Opened:
    """One item, open or not."""

    item: SealedItem
    outcome: OpenOutcome
    content: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to read, and what for."""

    actor: str
    client: str | None
    purpose: str


async def open_items(
    work: UnitOfWork, vault: Vault, asker: Asker, items: Sequence[SealedItem]
) -> list[Opened]:
    """Open `items`; nothing is returned before every one of them stands in the audit."""
    async with work.begin() as tx:
        keys = await store.keys_by_id(tx, [item.key_id for item in items])
    opened = await asyncio.to_thread(_open_all, vault, keys, items)
    async with work.begin() as tx:
        await store.record(tx, [_line(asker, one) for one in opened], work.clock())
    count("lintas_unseals_total", len(opened), purpose=asker.purpose)
    return opened


def _open_all(
    vault: Vault, keys: Mapping[UUID, ReporterKey], items: Sequence[SealedItem]
) -> list[Opened]:
    return [_open(vault, keys.get(item.key_id), item) for item in items]


def _open(vault: Vault, key: ReporterKey | None, item: SealedItem) -> Opened:
    if key is None:
        return Opened(item, OpenOutcome.UNREADABLE)
    if key.wrapped is None:
        return Opened(item, OpenOutcome.ERASED)
    try:
        content = unseal(vault.open_key(key), item.data, item.complaint_id.bytes)
    except SealBroken:
        return Opened(item, OpenOutcome.UNREADABLE)
    return Opened(item, OpenOutcome.OPENED, orjson.loads(content))


def _line(asker: Asker, opened: Opened) -> Opening:
    return Opening(
        actor=asker.actor,
        client=asker.client,
        purpose=asker.purpose,
        complaint_id=opened.item.complaint_id,
        key_id=opened.item.key_id,
        outcome=opened.outcome,
    )
