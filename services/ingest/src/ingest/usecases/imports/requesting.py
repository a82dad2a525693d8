"""What a client does with an import: hand a file in, look, start it, read its report."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson

from ingest.channels import files
from ingest.domain.imports import FileImport, ImportId, ImportState, RowOutcome, RowReport
from ingest.store import imports as store
from ingest.usecases.imports.keeping import keep_file, open_preview
from ingest.usecases.vault import Vault
from lintas.database.work import UnitOfWork
from lintas.privacy import new_data_key
from lintas.vocabulary.errors import Conflict, FieldError, Invalid, NotFound

_UNFINISHED_HOURS = 24


class Importing:
    """The front desk of imports. Whose import it is not, learns nothing of it."""

    def __init__(self, work: UnitOfWork, vault: Vault, *, report_days: int) -> None:
        self._work = work
        self._vault = vault
        self._report_days = report_days
        #: set when there may be work
        self.woken = asyncio.Event()

    async def receive(
        self,
        chunks: AsyncIterator[bytes],
        *,
        client: str,
        wishes: Mapping[str, Any],
        dry_run: bool,
    ) -> FileImport:
        """Take a file in; once this returns, the job is durable and begins by itself.

        Raises:
            Invalid: there is nothing in it.
        """
        import_id = ImportId(uuid4())
        data_key = new_data_key()
        wrapped = self._vault.wrap(data_key, import_id.bytes)
        async with self._work.begin() as tx:
            await store.begin(
                tx, import_id, client, wrapped, wishes, self._work.clock(), dry_run=dry_run
            )
        size, digest = await keep_file(self._work, import_id, data_key, chunks)
        if size == 0:
            # what was begun goes with what nobody finished
            raise Invalid("A file is expected, the body is empty.")
        async with self._work.begin() as tx:
            await store.received(tx, import_id, size, digest, self._work.clock())
        self.woken.set()
        return await self.look(import_id, client)

    async def look(self, import_id: UUID, client: str) -> FileImport:
        """An import as it stands; NotFound if it is not this client's."""
        found, _ = await self._look(import_id, client)
        return found

    async def preview(self, import_id: UUID, client: str) -> dict[str, Any]:
        """Columns, what they mean, and the first rows as they would become.

        Raises:
            NotFound: no such import, not read so far, or its file is gone.
        """
        found, sealed = await self._look(import_id, client)
        if sealed is None or found.wrapped is None:
            raise NotFound("There is no preview: the file is not read so far, or is gone.")
        data_key = self._vault.unwrap(found.wrapped, found.import_id.bytes)
        preview: dict[str, Any] = orjson.loads(open_preview(found.import_id, data_key, sealed))
        return preview

    async def start(
        self, import_id: UUID, client: str, mapping: files.Mapping | None, *, dry_run: bool
    ) -> FileImport:
        """Work through a checked file, from its first row on, with this or the present mapping.

        Raises:
            Conflict: it is not checked, or is under way.
            Invalid: the mapping reads a column that the file does not have.
        """
        preview = await self.preview(import_id, client) if mapping else None
        if mapping and preview:
            _require_columns(mapping, preview)
        told = None if mapping is None else mapping.model_dump(mode="json", by_alias=True)
        async with self._work.begin() as tx:
            found = await store.look(tx, import_id, client, lock=True)
            if found is None:
                raise _no_such_import()
            if found[0].state is not ImportState.CHECKED:
                raise Conflict("Only a checked import can be started.", state=found[0].state)
            await store.start_again(
                tx, found[0].import_id, told, self._work.clock(), dry_run=dry_run
            )
        self.woken.set()
        return await self.look(import_id, client)

    async def rows(
        self, import_id: UUID, client: str, *, after: int, limit: int, outcome: RowOutcome | None
    ) -> Sequence[tuple[RowReport, str | None]]:
        """Reported rows behind one, each with its ticket."""
        found = await self.look(import_id, client)
        async with self._work.begin() as tx:
            return await store.rows(tx, found.import_id, after, limit, outcome)

    async def forget_old(self) -> int:
        """Remove files that nobody started within a day, and reports that are past their time."""
        async with self._work.begin() as tx:
            return await store.forget_old(
                tx, unfinished_hours=_UNFINISHED_HOURS, report_days=self._report_days
            )

    async def _look(self, import_id: UUID, client: str) -> tuple[FileImport, bytes | None]:
        async with self._work.begin() as tx:
            found = await store.look(tx, import_id, client)
        if found is None:
            raise _no_such_import()
        return found


def _no_such_import() -> NotFound:
    return NotFound("No import of this client has this id.")


def _require_columns(mapping: files.Mapping, preview: Mapping[str, Any]) -> None:
    # members of NDJSON may come later in the file
    if preview["format"] == "ndjson":
        return
    missing = sorted(mapping.columns - set(preview["columns"]))
    if missing:
        expected = "columns that the preview lists"
        raise Invalid(
            "The mapping reads columns that the file does not have.",
            [FieldError("/mapping", "unknown_column", expected)],
        )
