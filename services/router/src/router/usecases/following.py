"""Knows the rules: every published version, read from its topic by each instance alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from time import time

from lintas.contracts.codec import FutureMajor, Unreadable, decode
from lintas.contracts.events import Event
from lintas.contracts.events.reference import RulesetPublished
from lintas.contracts.records import Record
from lintas.telemetry import count, gauge, get_logger
from router.domain import Compiled, Edition, Rulebook, RuleSetUnusable, compile_document

_log = get_logger(__name__)

#: the records of the rules topic up to its end; those given before may be left out
ReadRules = Callable[[], Awaitable[Sequence[Record]]]


def now_ms() -> int:
    """The time as brokers write it."""
    return int(time() * 1000)


class Rules:
    """The rules as far as their topic has been read, and how far that is.

    A version announced `notice` ahead is known to every instance before it applies: an instance
    that has not looked at the topic for so long decides nothing until it has. The very first
    version is not announced; until there is one, a record waits for a look that came after it.
    """

    def __init__(
        self, read: ReadRules, *, notice: timedelta, clock_ms: Callable[[], int] = now_ms
    ) -> None:
        self._read = read
        self._notice_ms = int(notice.total_seconds() * 1000)
        self._clock_ms = clock_ms
        self._book = Rulebook()
        #: keys of the records that were taken in or passed over
        self._seen: set[bytes | None] = set()
        self._checked_ms: int | None = None
        self._refreshed = asyncio.Condition()
        self._shown: str | None = None

    @property
    def known(self) -> bool:
        """Whether the topic was read to its end at least once."""
        return self._checked_ms is not None

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
        for record in await self._read():
            # the key is the version, and a version never changes
            if record.key not in self._seen:
                await self._take_in(record)
                self._seen.add(record.key)
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
        if self._checked_ms is None:
            return False
        return timestamp_ms < self._checked_ms + (self._notice_ms if self._book.editions else 0)

    async def _take_in(self, record: Record) -> None:
        event = _published(record)
        if event is None:
            return
        try:
            # compiling takes up to a second; deciding goes on by what is known
            compiled = await asyncio.to_thread(compile_document, event.ruleset)
        except RuleSetUnusable:
            compiled = None
        if compiled is None or compiled.version != event.version:
            count("lintas_rules_refused_total")
            _log.error("ruleset_refused", version=event.version)
            return
        self._book.add(Edition(compiled, _milliseconds(event), record.offset))
        _log.info("ruleset_known", version=event.version, effective_at=str(event.effective_at))

    def _show(self) -> None:
        version = self.in_force().version
        if version != self._shown:
            if self._shown is not None:
                gauge("lintas_rules_in_force", 0, version=self._shown)
            gauge("lintas_rules_in_force", 1, version=version)
            _log.info("ruleset_in_force", version=version)
            self._shown = version


def _published(record: Record) -> RulesetPublished | None:
    try:
        event: Event = decode(record)
    except (Unreadable, FutureMajor) as problem:
        # only this service writes here, so code of another age did; the rules in use stay
        _log.error("ruleset_unreadable", problem=str(problem), offset=record.offset)
        return None
    return event if isinstance(event, RulesetPublished) else None


def _milliseconds(event: RulesetPublished) -> int:
    # rounded up: a moment within a millisecond applies from the next one on
    return -int(-event.effective_at.timestamp() * 1000 // 1)
