"""Backtests of a candidate on the corpus: asked for, carried out page by page, shown."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from lintas.database.work import UnitOfWork
from lintas.telemetry import get_logger
from lintas.vocabulary.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from router import store
from router.domain import (
    NO_RULES,
    Backtest,
    Case,
    ModelUnusable,
    Problem,
    Result,
    RuleSetUnusable,
    State,
    Tally,
    compile_document,
)
from router.usecases.holding import Holder
from router.usecases.modelling import ModelMissing

RECORDED = "recorded"
_log = get_logger(__name__)
#: so many may be asked for and not over
_MOST_WAITING = 20
#: complaints that are read and decided together
PAGE = 500
#: how far it is is noted so often; what came since is done again after a crash
_NOTE_EVERY_S = 1.0
#: a runner that notes nothing for so long is taken for dead
_HELD_S = 10.0
_LAST_NOTE_S = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """A backtest as it is shown."""

    backtest: Backtest
    #: as far as it is; None before it began
    result: Result | None
    #: by complaint, of those in the sample that have a text still
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for."""

    #: a stored version's name, or a document
    candidate: str | Mapping[str, Any]
    #: a stored version's name; None: the decisions as they were made
    against: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Backtesting:
    """Keeps requests for backtests and what was found."""

    work: UnitOfWork

    async def request(self, backtest_id: UUID, who: str, asked: Asked) -> Backtest:
        """Keep a request; the same id again is the same backtest.

        Raises:
            Invalid: there is no such version, or it cannot be compiled.
            Conflict: too many are waiting.
        """
        candidate = await self._candidate(asked.candidate)
        async with self.work.begin() as tx:
            known = await store.backtests.find(tx, backtest_id)
            if known is not None:
                return known
            if await store.backtests.waiting(tx) >= _MOST_WAITING:
                raise Conflict("Many backtests are waiting already.")
        against = None if asked.against is None else await self._document(asked.against, "against")
        now = self.work.clock()
        backtest = Backtest(
            id=backtest_id,
            state=State.QUEUED,
            requested_at=now,
            requested_by=who,
            candidate_version=candidate["version"],
            against_version=asked.against or RECORDED,
            since=asked.since,
            until=asked.until or now,
        )
        async with self.work.begin() as tx:
            await store.backtests.add(tx, backtest, candidate, against)
        return backtest

    async def find(self, backtest_id: UUID) -> Found:
        """One backtest with what was found so far; texts are read now, so none is erased."""
        async with self.work.begin() as tx:
            backtest = await store.backtests.find(tx, backtest_id)
            if backtest is None:
                raise NotFound("There is no such backtest.")
            if backtest.tally is None:
                return Found(backtest, None, {})
            result = Tally.of_json(backtest.tally).result()
            texts = await store.corpus.texts(tx, [UUID(flip.key) for flip in result.flips])
        return Found(backtest, result, {str(key): words for key, words in texts.items()})

    async def page(self, limit: int, before: tuple[datetime, UUID] | None) -> Sequence[Backtest]:
        """Backtests from the latest on, without what they found."""
        async with self.work.begin() as tx:
            return await store.backtests.page(tx, limit, before=before)

    async def cancel(self, backtest_id: UUID) -> Found:
        """End one; what is over stays as it is."""
        async with self.work.begin() as tx:
            await store.backtests.cancel(tx, backtest_id, self.work.clock())
        return await self.find(backtest_id)

    async def _candidate(self, candidate: str | Mapping[str, Any]) -> Mapping[str, Any]:
        if isinstance(candidate, str):
            return await self._document(candidate, "candidate")
        try:
            # a large set takes a second: requests and deciding go on meanwhile
            await asyncio.to_thread(compile_document, candidate)
        except RuleSetUnusable as error:
            raise Invalid("The candidate cannot be compiled.") from error
        return candidate

    async def _document(self, version: str, name: str) -> Mapping[str, Any]:
        if version == NO_RULES:
            return {}
        async with self.work.begin() as tx:
            if await store.rulesets.find(tx, version) is None:
                expected = FieldError(f"/{name}", "unknown_version", "a version that is stored")
                raise Invalid("There is no such version of the rules.", [expected])
            return await store.rulesets.document(tx, version)


@dataclass(frozen=True, slots=True)
class Runs:
    """Carries backtests out, one at a time among all instances; goes on where one was cut off."""

    work: UnitOfWork
    make_holder: Callable[[], Holder] = Holder
    page: int = PAGE
    runner: UUID = field(default_factory=uuid4)

    async def run_next(self) -> bool:
        """Carry out the one that is next; False if there is none."""
        async with self.work.begin() as tx:
            backtest = await store.backtests.claim(tx, self.runner, _HELD_S)
        if backtest is None:
            return False
        holder = self.make_holder()
        try:
            await self._carry_out(backtest, holder)
        except tuple(_PROBLEMS) as error:
            _log.exception("backtest_failed", backtest=str(backtest.id))
            await self._fail(backtest, _PROBLEMS[type(error)])
        except asyncio.CancelledError:
            # whoever starts next need not wait until we are taken for dead
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(_LAST_NOTE_S), self.work.begin() as tx:
                    await store.backtests.let_go(tx, self.runner)
            raise
        finally:
            holder.close()
        return True

    async def _carry_out(self, backtest: Backtest, holder: Holder) -> None:
        async with self.work.begin() as tx:
            documents = await store.backtests.documents(tx, backtest.id)
            named = [(one or {}).get("model") or {} for one in documents]
            found = {
                one["sha256"]: await store.models.content(tx, one["sha256"]) for one in named if one
            }
        await holder.prepare(*documents, {sha: data for sha, data in found.items() if data})
        if backtest.total is None:
            backtest = replace(backtest, total=await self._count(backtest))
        tally = Tally() if backtest.tally is None else Tally.of_json(backtest.tally)
        noted_at = monotonic()
        # a page is read while the one before it is decided
        following = asyncio.create_task(self._read(backtest))
        try:
            while cases := await following:
                last = cases[-1]
                backtest = replace(backtest, reached=(last.mention.received_at, last.complaint_id))
                following = asyncio.create_task(self._read(backtest))
                tally.merge(await holder.hold(cases))
                backtest = replace(backtest, done=tally.rows)
                if monotonic() - noted_at >= _NOTE_EVERY_S:
                    noted_at = monotonic()
                    if not await self._note(replace(backtest, tally=tally.to_json())):
                        return
        finally:
            following.cancel()
        await self._note(
            replace(
                backtest,
                state=State.DONE,
                tally=tally.to_json(),
                finished_at=self.work.clock(),
            )
        )

    async def _count(self, backtest: Backtest) -> int | None:
        # more than can be counted in a statement's time: done is told, of how many is not
        with suppress(Unavailable):
            async with self.work.begin() as tx:
                return await store.corpus.count(tx, backtest.since, backtest.until)
        return None

    async def _read(self, backtest: Backtest) -> list[Case]:
        span = backtest.since, backtest.until
        async with self.work.begin() as tx:
            return await store.corpus.page(tx, *span, backtest.reached, self.page)

    async def _note(self, backtest: Backtest) -> bool:
        async with self.work.begin() as tx:
            return await store.backtests.step(tx, self.runner, backtest, _HELD_S)

    async def _fail(self, backtest: Backtest, problem: Problem) -> None:
        failed = replace(
            backtest, state=State.FAILED, problem=problem, finished_at=self.work.clock()
        )
        await self._note(failed)


_PROBLEMS: Mapping[type[Exception], Problem] = {
    RuleSetUnusable: Problem.RULES_UNUSABLE,
    ModelMissing: Problem.MODEL_MISSING,
    ModelUnusable: Problem.MODEL_UNUSABLE,
    BrokenProcessPool: Problem.PROCESS_ENDED,
}
