"""Files of a complaint, opened for whoever may see it: for a purpose, on record."""

import asyncio
from collections.abc import Sequence

import orjson

from ingest.domain.vault import Opening, OpenOutcome, WantedFile
from ingest.store import vault as store
from ingest.store.retention import Sealed
from ingest.usecases.media import MediaStore
from ingest.usecases.originals import files_of
from ingest.usecases.vault import Asker, Vault
from lintas.contracts.events.mentions import Media
from lintas.database.work import UnitOfWork
from lintas.privacy import SealBroken, unseal
from lintas.telemetry import count
from lintas.vocabulary.errors import Gone, NotFound

_NO_SUCH_FILE = "There is no such file."


class Files:
    """Opens files that a complaint's own mentions name, and no others."""

    def __init__(self, work: UnitOfWork, vault: Vault, media: MediaStore) -> None:
        self._work = work
        self._vault = vault
        self._media = media

    async def open(self, asker: Asker, wanted: WantedFile) -> bytes:
        """The file; it stands in the audit before it is returned, and so does every refusal.

        Raises:
            NotFound: nothing that is said in the complaint now names it.
            Gone: nor could it, as words of the complaint were erased.
            Unavailable: it cannot be read for the moment.
        """
        async with self._work.begin() as tx:
            said = await store.said_in(tx, wanted.complaint_id)
        if not said:
            raise NotFound(_NO_SUCH_FILE)
        for one in said:
            content = await self._found(one, wanted.sha256)
            if content is not None:
                await self._record(asker, wanted, one, OpenOutcome.OPENED)
                return content
        erased = next((one for one in said if _is_erased(one)), None)
        if erased is None:
            await self._record(asker, wanted, said[0], OpenOutcome.UNREADABLE)
            raise NotFound(_NO_SUCH_FILE)
        await self._record(asker, wanted, erased, OpenOutcome.ERASED)
        raise Gone("What was attached is erased.")

    async def _found(self, said: Sealed, sha256: str) -> bytes | None:
        if _is_erased(said):
            return None
        try:
            key = self._vault.open_key(said.key)
            for file in await asyncio.to_thread(_files, key, said):
                if file.sha256 == sha256:
                    return await self._media.read(file.reference, key=key)
        except (SealBroken, NotFound):
            # erased this very moment, or damaged
            return None
        return None

    async def _record(
        self, asker: Asker, wanted: WantedFile, said: Sealed, outcome: OpenOutcome
    ) -> None:
        line = Opening(
            actor=asker.actor,
            client=asker.client,
            purpose=asker.purpose,
            complaint_id=wanted.complaint_id,
            key_id=said.key.key_id,
            outcome=outcome,
            reader=wanted.reader,
        )
        async with self._work.begin() as tx:
            await store.record(tx, [line], self._work.clock())
        count("lintas_unseals_total", purpose=asker.purpose)


def _is_erased(said: Sealed) -> bool:
    return not said.sealed or said.key.wrapped is None


def _files(key: bytes, said: Sealed) -> Sequence[Media]:
    return files_of(orjson.loads(unseal(key, said.sealed, said.complaint_id.bytes)))
