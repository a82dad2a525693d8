"""Knows the rules: every published version, read from its topic by each instance alone."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from time import time

from lintas.contracts.codec import FutureMajor, Unreadable, decode
from lintas.contracts.events import Event
from lintas.contracts.events.envelope import canonical_json
from lintas.contracts.events.reference import (
    RulesetPublished,
    RulesetWithdrawn,
    publication_key,
)
from lintas.contracts.records import Record
from lintas.telemetry import count, gauge, get_logger
from lintas.vocabulary.errors import Unavailable
from router.domain import (
    Compiled,
    Edition,
    ModelReference,
    ModelUnusable,
    Rulebook,
    RuleSetUnusable,
    Suggester,
    compile_document,
)

_log = get_logger(__name__)

#: the records of the rules topic up to its end; those given before may be left out
ReadRules = Callable[[], Awaitable[Sequence[Record]]]
#: the bytes of the model with that hash, None if there are none; Unavailable if nobody can say
FetchModel = Callable[[str], Awaitable[bytes | None]]


def now_ms() -> int:
    """The time as brokers write it."""
    return int(time() * 1000)


def nothing_to_settle() -> None:
    """Where the process serves nobody."""


async def no_models(_sha256: str) -> bytes | None:
    """Where none are kept."""
    return None


@dataclass(slots=True)
class _Announced:
    """A publication that was read and not taken in yet."""

    name: str
    compiled: Compiled
    model: ModelReference
    effective_ms: int
    offset: int
    #: whether the model is known not to be there; otherwise it can come any moment
    missing: bool = False


class Rules:
    """The rules as far as their topic has been read, and how far that is.

    A version announced `notice` ahead is known to every instance before it applies: an instance
    that has not looked at the topic for so long decides nothing until it has. The very first
    version is not announced; until there is one, a record waits for a look that came after it.

    A version with a model is taken in once its model was fetched, which is tried at every look.
    While the database cannot be asked, the older version decides up to the announced moment, and
    records from then on wait, as other instances may have the model. Where the database says that
    there is no such model, the older version stays.
    """

    def __init__(
        self,
        read: ReadRules,
        *,
        fetch: FetchModel = no_models,
        notice: timedelta,
        clock_ms: Callable[[], int] = now_ms,
        settle: Callable[[], None] = nothing_to_settle,
    ) -> None:
        self._read = read
        self._fetch = fetch
        #: called when rules or models were taken in, which are large and stay
        self._settle = settle
        self._notice_ms = int(notice.total_seconds() * 1000)
        self._clock_ms = clock_ms
        self._book = Rulebook()
        #: keys of the records that were taken in or passed over
        self._seen: set[bytes | None] = set()
        #: by hash of the document: a version that is published again is compiled once
        self._compiled: dict[bytes, Compiled] = {}
        #: by hash
        self._models: dict[str, Suggester] = {}
        self._waiting: list[_Announced] = []
        #: from when on nothing is decided, as what applies then is not here
        self._halt_ms = inf
        self._checked_ms: int | None = None
        self._refreshed = asyncio.Condition()
        self._shown: str | None = None

    @property
    def known(self) -> bool:
        """Whether the topic was read to its end at least once."""
        return self._checked_ms is not None

    @property
    def halted(self) -> bool:
        """Whether what applies now is not here yet, so that nothing is decided."""
        return self._clock_ms() >= self._halt_ms

    def at(self, timestamp_ms: int) -> Compiled:
        """What applies to a record of that broker time."""
        return self._book.at(timestamp_ms)

    def in_force(self) -> Compiled:
        """What applies now."""
        return self._book.at(self._clock_ms())

    async def refresh(self) -> None:
        """Read the topic and take in what is new. A version that cannot be used is passed over."""
        # what is appended after this moment may be missed, so it is the moment that counts
        started_ms = self._clock_ms()
        before = len(self._compiled), len(self._models)
        for record in await self._read():
            # a key is one publication, and none ever changes
            if record.key not in self._seen:
                self._seen.add(record.key)
                await self._take_in(record)
        await self._fetch_models()
        if (len(self._compiled), len(self._models)) != before:
            # now, as they do not apply yet, rather than in the middle of a decision
            self._settle()
        self._show()
        async with self._refreshed:
            self._checked_ms = started_ms
            self._refreshed.notify_all()

    async def wait_for(self, timestamp_ms: int, timeout_s: float) -> bool:
        """Whether, within the time given, enough is known to decide a record of that broker time."""
        if self._knows(timestamp_ms):
            return True
        try:
            async with asyncio.timeout(timeout_s), self._refreshed:
                await self._refreshed.wait_for(lambda: self._knows(timestamp_ms))
        except TimeoutError:
            return False
        return True

    def _knows(self, timestamp_ms: int) -> bool:
        if self._checked_ms is None or timestamp_ms >= self._halt_ms:
            return False
        return timestamp_ms < self._checked_ms + (self._notice_ms if self._book.editions else 0)

    async def _take_in(self, record: Record) -> None:
        event = _read_event(record)
        if isinstance(event, RulesetWithdrawn):
            self._withdraw(event, record)
        elif isinstance(event, RulesetPublished):
            await self._announce(event, record)

    async def _announce(self, event: RulesetPublished, record: Record) -> None:
        compiled = await self._compile(event)
        if compiled is None:
            count("lintas_rules_refused_total")
            _log.error("ruleset_refused", version=event.version)
            return
        # where telling of it took longer than foreseen, it applies that much later
        effective_ms = max(_milliseconds(event.effective_at), record.timestamp_ms + event.notice_ms)
        model = compiled.ruleset.model
        if model is None:
            self._apply(compiled, effective_ms, event.key, record.offset)
        else:
            waiting = _Announced(event.key, compiled, model, effective_ms, record.offset)
            self._waiting.append(waiting)

    async def _compile(self, event: RulesetPublished) -> Compiled | None:
        digest = hashlib.sha256(canonical_json(event.ruleset)).digest()
        compiled = self._compiled.get(digest)
        if compiled is None:
            try:
                # compiling takes up to a second; deciding goes on by what is known
                compiled = await asyncio.to_thread(compile_document, event.ruleset)
            except RuleSetUnusable:
                return None
            except Exception as error:  # noqa: BLE001  # no document on the topic ends every instance
                _log.error("ruleset_not_compiled", error=type(error).__name__)
                return None
            self._compiled[digest] = compiled
        return compiled if compiled.version == event.version else None

    def _apply(self, compiled: Compiled, effective_ms: int, name: str, offset: int) -> None:
        self._book.add(Edition(compiled, effective_ms, offset, name))
        _log.info("ruleset_known", version=compiled.version, effective_ms=effective_ms)

    def _withdraw(self, event: RulesetWithdrawn, record: Record) -> None:
        if record.timestamp_ms > event.until.timestamp() * 1000:
            count("lintas_rules_refused_total")
            _log.error("ruleset_withdrawn_too_late", version=event.version, number=event.number)
            return
        self._book.withdraw(publication_key(event.version, event.number))
        _log.info("ruleset_withdrawn", version=event.version, number=event.number)

    async def _fetch_models(self) -> None:
        """Take in what waits for its model, as far as models can be had."""
        waiting = [one for one in self._waiting if not self._book.is_withdrawn(one.name)]
        self._waiting = []
        for one in waiting:
            suggester = await self._model(one)
            if suggester is None:
                self._waiting.append(one)
                continue
            advised = one.compiled.advised(suggester, one.model.threshold)
            self._apply(advised, one.effective_ms, one.name, one.offset)
        unsure = [one.effective_ms for one in self._waiting if not one.missing]
        self._halt_ms = min(unsure, default=inf)
        gauge("lintas_rules_waiting", len(self._waiting))

    async def _model(self, wanted: _Announced) -> Suggester | None:
        reference = wanted.model
        known = self._models.get(reference.sha256)
        if known is not None:
            return known
        try:
            data = await self._fetch(reference.sha256)
        except Unavailable:
            _log.warning("model_not_fetched", version=reference.version)
            wanted.missing = False
            return None
        suggester = await asyncio.to_thread(_opened, data, reference)
        if suggester is not None:
            self._models[reference.sha256] = suggester
        elif not wanted.missing:
            wanted.missing = True
            count("lintas_rules_refused_total")
            _log.error("model_missing", version=reference.version)
        return suggester

    def _show(self) -> None:
        version = self.in_force().version
        if version != self._shown:
            if self._shown is not None:
                gauge("lintas_rules_in_force", 0, version=self._shown)
            gauge("lintas_rules_in_force", 1, version=version)
            _log.info("ruleset_in_force", version=version)
            self._shown = version


def _read_event(record: Record) -> Event | None:
    try:
        return decode(record)
    except (Unreadable, FutureMajor) as problem:
        # only this service writes here, so code of another age did; the rules in use stay
        _log.error("ruleset_unreadable", problem=str(problem), offset=record.offset)
        return None


def _opened(data: bytes | None, reference: ModelReference) -> Suggester | None:
    """The model with these bytes, if it is the one that is meant."""
    if data is None or hashlib.sha256(data).hexdigest() != reference.sha256:
        return None
    try:
        suggester = Suggester.from_bytes(data)
    except ModelUnusable:
        return None
    return suggester if suggester.version == reference.version else None


def _milliseconds(moment: datetime) -> int:
    # rounded up: a moment within a millisecond applies from the next one on
    return -int(-moment.timestamp() * 1000 // 1)
