"""Working through a file: every row once, whatever happens in between."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson

from ingest.channels import files
from ingest.domain.identity import Identities
from ingest.domain.imports import ColumnError, FileImport, ImportState, RowOutcome, RowReport
from ingest.domain.mentions import Acceptance, Arrival, Said
from ingest.store import imports as store
from ingest.usecases.cities import Cities
from ingest.usecases.committing import SharedCommit
from ingest.usecases.imports.keeping import read_file, seal_preview
from ingest.usecases.intake import NoCity
from ingest.usecases.turns import in_turns
from ingest.usecases.vault import Vault
from lintas.database.work import UnitOfWork
from lintas.privacy import SealBroken
from lintas.telemetry import child_traceparent, count, get_logger
from lintas.vocabulary.errors import DomainError, Invalid, Unavailable
from lintas.vocabulary.terms import Anonymity

_log = get_logger(__name__)

#: rows that are committed and reported together; others at the front door wait behind so many
_LOT = 250
_LOT_BYTES = 2 << 20
#: a worker that is silent for so long is taken for gone
_LEASE_S = 15.0
_PAUSE_S = 1.0
_SHOWN_ROWS = 5
_UNUSABLE = "The file could not be worked through; nothing behind the last reported row was read."

#: the body of `POST /v1/mentions` as it is said; Invalid names what is not as expected
ReadSaid = Callable[[Mapping[str, Any], str], Said]


class _TakenOver(Exception):
    """Another worker goes on with the import."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A row, with what it says or what is wrong with it."""

    number: int
    said: Said | None
    errors: tuple[ColumnError, ...] = ()


class ImportWork:
    """Takes up imports one at a time and works through their rows.

    A row becomes a mention as any other: live, received when it is accepted, posted when the
    source says. None is lost or doubled when a worker is cut off: complaint ids come from the
    rows' own identity, what a row opened is reported before it is committed, and the next worker
    goes on behind the last row that is known to be dealt with.
    """

    def __init__(
        self,
        work: UnitOfWork,
        vault: Vault,
        cities: Cities,
        identities: Identities,
        commit: SharedCommit,
        *,
        read_said: ReadSaid,
        limits: files.Limits,
    ) -> None:
        self._work = work
        self._vault = vault
        self._cities = cities
        self._identities = identities
        self._commit = commit
        self._read_said = read_said
        self._limits = limits

    async def run_once(self) -> bool:
        """Take up one import and work through it; False if none waits."""
        worker = uuid4()
        async with self._work.begin() as tx:
            job = await store.claim(tx, worker, _LEASE_S)
        if job is None:
            return False
        try:
            state, failure = await self._ended(_Job(job, worker))
        except _TakenOver:
            return True
        async with self._work.begin() as tx:
            await store.finish(
                tx, job.import_id, worker, state, self._work.clock(), failure=failure
            )
        count("lintas_imports_total", outcome=state)
        return True

    async def _ended(self, job: "_Job") -> tuple[ImportState, str | None]:
        try:
            await self._through(job)
        except files.SourceUnreadable as wrong:
            return ImportState.FAILED, str(wrong)
        except (_TakenOver, Unavailable, OSError):
            raise
        except Exception as broken:  # noqa: BLE001  # one file must not keep others waiting
            # no traceback: it could show what the file holds
            _log.error("import_broken", error=type(broken).__name__)
            return ImportState.FAILED, _UNUSABLE
        return ImportState.CHECKED if job.facts.dry_run else ImportState.DONE, None

    async def _through(self, job: "_Job") -> None:
        if job.facts.wrapped is None:
            raise SealBroken("the file is gone")
        data_key = self._vault.unwrap(job.facts.wrapped, job.facts.import_id.bytes)
        content = await read_file(self._work, job.facts.import_id, data_key)
        mapping, preview = await self._understood(job, content)
        sealed = seal_preview(job.facts.import_id, data_key, preview)
        told = mapping.model_dump(mode="json", by_alias=True)
        async with self._work.begin() as tx:
            await store.understood(tx, job.facts.import_id, told, sealed)
        rows = await self._opened(job, content, _shape(mapping), mapping.columns)
        async for lot in self._lots(job, rows, mapping):
            await self._deal_with(job, lot, rows.progress)

    async def _understood(self, job: "_Job", content: bytes) -> tuple[files.Mapping, bytes]:
        """What the columns mean, and the preview."""
        told = job.facts.mapping
        mapping = None if told is None else files.Mapping.model_validate_json(orjson.dumps(told))
        shape = files.Shape() if mapping is None else _shape(mapping)
        rows = await self._opened(job, content, shape)
        mapping = mapping or files.propose(rows.columns, self._wishes(job.facts))
        shown = []
        for row in rows:
            shown.append(self._shown(row, mapping, job))
            if len(shown) == _SHOWN_ROWS:
                break
        preview = {
            **asdict(rows.shape),
            "columns": rows.columns,
            "mapping": mapping.model_dump(mode="json", by_alias=True),
            "rows": shown,
        }
        settled = mapping.model_copy(
            update={name: value for name, value in asdict(rows.shape).items() if value}
        )
        return settled, orjson.dumps(preview)

    async def _opened(
        self,
        job: "_Job",
        content: bytes,
        shape: files.Shape,
        wanted: frozenset[str] | None = None,
    ) -> files.Rows:
        def opened() -> files.Rows:
            return files.open_rows(
                io.BytesIO(content),
                size=len(content),
                shape=shape,
                limits=self._limits,
                wanted=wanted,
            )

        # a workbook's texts are unpacked before its first row, which may take seconds
        opening = asyncio.create_task(asyncio.to_thread(opened))
        while not opening.done():
            await asyncio.wait({opening}, timeout=_LEASE_S / 3)
            await self._hold(job)
        return opening.result()

    async def _hold(self, job: "_Job") -> None:
        async with self._work.begin() as tx:
            if not await store.renew(tx, job.facts.import_id, job.worker, _LEASE_S):
                raise _TakenOver

    def _wishes(self, facts: FileImport) -> files.Wishes:
        city = self._cities.in_force()
        if city is None:
            raise NoCity
        told = facts.wishes
        return files.Wishes(
            source=told["source"],
            zone=city.zone,
            stated_zone=told["zone"],
            channel=told["channel"],
            anonymity=Anonymity(told["anonymity"]),
        )

    def _shown(
        self, row: files.Row | files.Rejection, mapping: files.Mapping, job: "_Job"
    ) -> dict[str, Any]:
        fields = self._fields(row, mapping, job)
        if isinstance(fields, list):
            return {"row": row.line, "errors": [asdict(_error(one)) for one in fields]}
        # who said it goes to the vault; whoever looks sees only that it was found
        author = sorted(fields["author"] or ())
        return {"row": row.line, "mention": {**fields, "author": author}}

    def _fields(
        self, row: files.Row | files.Rejection, mapping: files.Mapping, job: "_Job"
    ) -> dict[str, Any] | list[files.Rejection]:
        if isinstance(row, files.Rejection):
            return [row]
        found = files.resolve(row, mapping)
        if isinstance(found, list):
            return found
        digest = (job.facts.digest or b"").hex()
        return files.mention_of(found, mapping, fallback_id=f"{digest}:{row.line}")

    async def _lots(
        self, job: "_Job", rows: files.Rows, mapping: files.Mapping
    ) -> AsyncIterator[list[_Read]]:
        lot: list[_Read] = []
        size = 0
        async for row in in_turns(rows):
            if row.line <= job.facts.row_number:
                continue
            one = self._read(row, mapping, job)
            lot.append(one)
            size += len(one.said.text) if one.said else 0
            if len(lot) == _LOT or size > _LOT_BYTES:
                yield lot
                lot, size = [], 0
        if lot:
            yield lot

    def _read(self, row: files.Row | files.Rejection, mapping: files.Mapping, job: "_Job") -> _Read:
        fields = self._fields(row, mapping, job)
        if isinstance(fields, list):
            return _Read(row.line, None, tuple(_error(one) for one in fields))
        try:
            return _Read(row.line, self._read_said(fields, job.facts.client))
        except Invalid as refusal:
            errors = [
                ColumnError(files.blamed(error.pointer, mapping), error.detail)
                for error in refusal.errors
            ]
            return _Read(row.line, None, tuple(errors) or (ColumnError("", refusal.detail),))

    async def _deal_with(self, job: "_Job", lot: Sequence[_Read], progress: float) -> None:
        """Report a lot, commit what is new in it, and move on, in this order."""
        arrivals = {read.number: self._arrival(job, read.said) for read in lot if read.said}
        reports = await self._reports(job, lot, arrivals)
        counts = Counter(reports.values())
        if not job.facts.dry_run:
            fresh = [
                (number, arrivals[number])
                for number, outcome in reports.items()
                if outcome is RowOutcome.ACCEPTED
            ]
            refused = await self._committed(job, fresh)
            if refused:
                counts[RowOutcome.ACCEPTED] -= len(refused)
                counts[RowOutcome.REJECTED] += len(refused)
                async with self._work.begin() as tx:
                    await store.correct(tx, job.facts.import_id, refused)
        async with self._work.begin() as tx:
            if not await store.advance(
                tx, job.facts.import_id, job.worker, lot[-1].number, counts, progress, _LEASE_S
            ):
                raise _TakenOver
        for outcome, number in counts.items():
            count("lintas_import_rows_total", number, outcome=outcome)

    async def _reports(
        self, job: "_Job", lot: Sequence[_Read], arrivals: Mapping[int, Arrival]
    ) -> dict[int, RowOutcome]:
        complaints = {
            number: self._identities.complaint(arrival) for number, arrival in arrivals.items()
        }
        async with self._work.begin() as tx:
            seen = await store.known(tx, job.facts.import_id, [*complaints.values()], lot[0].number)
            reports = []
            for read in lot:
                complaint = complaints.get(read.number)
                if complaint is None:
                    reports.append(RowReport(read.number, RowOutcome.REJECTED, errors=read.errors))
                    continue
                outcome = RowOutcome.DUPLICATE if complaint in seen else RowOutcome.ACCEPTED
                seen.add(complaint)
                reports.append(RowReport(read.number, outcome, complaint))
            return await store.report(tx, job.facts.import_id, reports)

    def _arrival(self, job: "_Job", said: Said) -> Arrival:
        return Arrival(
            said=said,
            client=job.facts.client,
            received_at=self._work.clock(),
            traceparent=child_traceparent(),
        )

    async def _committed(
        self, job: "_Job", fresh: Sequence[tuple[int, Arrival]]
    ) -> list[RowReport]:
        """Accept rows as any other mention; those that were refused after all."""
        if not fresh:
            return []
        arrivals = [arrival for _, arrival in fresh]
        while True:
            try:
                outcomes: Sequence[Acceptance | DomainError] = await self._commit.submit(arrivals)
            except Unavailable:
                # it waits as long as it takes: what is under way is durable, and nobody is waiting
                await self._hold(job)
                await asyncio.sleep(_PAUSE_S)
            except Exception as broken:  # noqa: BLE001  # found by trying one by one
                if len(fresh) == 1:
                    _log.warning("import_row_broken", error=type(broken).__name__)
                    error = ColumnError("", "a row that can be kept")
                    return [RowReport(fresh[0][0], RowOutcome.REJECTED, errors=(error,))]
                # one row that cannot be kept must not take others with it
                return [lost for one in fresh for lost in await self._committed(job, [one])]
            else:
                break
        return [
            RowReport(number, RowOutcome.REJECTED, errors=(ColumnError("", outcome.detail),))
            for (number, _), outcome in zip(fresh, outcomes, strict=True)
            if isinstance(outcome, DomainError)
        ]


@dataclass(frozen=True, slots=True)
class _Job:
    """An import, and as whom it is worked on."""

    facts: FileImport
    worker: UUID


def _shape(mapping: files.Mapping) -> files.Shape:
    return files.Shape(mapping.format, mapping.encoding, mapping.delimiter)


def _error(rejection: files.Rejection) -> ColumnError:
    return ColumnError(rejection.field, rejection.expected)
