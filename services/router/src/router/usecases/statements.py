"""Knows the statements that are published, and which of them a new mention reads like."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from lintas.contracts.codec import FutureMajor, Unreadable, decode
from lintas.contracts.events import routing
from lintas.contracts.events.routing import ComplaintRouted, Outcome, StatementSuggested
from lintas.contracts.events.statements import (
    StatementCorrected,
    StatementPublished,
    StatementRetracted,
)
from lintas.contracts.records import Record
from lintas.telemetry import count, get_logger
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import Origin, StatementKind
from router.domain import Compiled, Fact, Language, Ledger, Statement, Suggestion
from router.usecases.following import now_ms

_log = get_logger(__name__)

#: the records of the statements topic up to its end; those given before are left out
ReadStatements = Callable[[], Awaitable[Sequence[Record]]]
_TYPES = frozenset(
    kind.type.encode() for kind in (StatementPublished, StatementCorrected, StatementRetracted)
)
#: as our own writer writes it; by far the most statements are answers
_ANSWER = b'"kind":"answer"'
_KINDS = frozenset({StatementKind.ANNOUNCEMENT, StatementKind.GUIDE})


def wanted(record: Record) -> bool:
    """Whether a record may tell of an announcement or a guide; without reading it."""
    return _ANSWER not in (record.value or b"") and any(
        name == "ce_type" and value in _TYPES for name, value in record.headers
    )


class Statements:
    """Announcements and guides as far as their topic has been read, and how far that is.

    A fact counts from `notice` after the broker took it in, so every instance that looked since
    suggests the same. One that could not look suggests nothing: suggestions are advice, and no
    decision waits for them.
    """

    def __init__(
        self,
        read: ReadStatements,
        *,
        notice: timedelta,
        threshold: float,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._read = read
        self._threshold = threshold
        self._clock_ms = clock_ms
        self._ledger = Ledger(int(notice.total_seconds() * 1000))
        self._language = Language()
        self._checked_ms: int | None = None
        self._first_look = asyncio.Event()

    async def refresh(self) -> None:
        """Read on and take in what is new; what cannot be read is passed over."""
        started_ms = self._clock_ms()
        records = await self._read()
        # stemming a whole ledger takes a moment; deciding goes on
        self._ledger.add(await asyncio.to_thread(self._facts, records))
        self._checked_ms = started_ms
        self._first_look.set()

    async def look_once(self, timeout_s: float) -> None:
        """Wait for the first look at the topic, once, and no longer than that."""
        if not self._first_look.is_set():
            try:
                async with asyncio.timeout(timeout_s):
                    await self._first_look.wait()
            except TimeoutError:
                self._first_look.set()

    def suggested(
        self, event: ComplaintRouted, compiled: Compiled, timestamp_ms: int
    ) -> StatementSuggested | None:
        """What to suggest beside a decision about a record of that broker time, if anything."""
        if event.decision.outcome is Outcome.NO_ACTION or event.mention.origin is not Origin.LIVE:
            return None
        if self._checked_ms is None or timestamp_ms >= self._checked_ms + self._ledger.notice_ms:
            count("lintas_suggestions_total", outcome="unknown")
            return None
        shelf = self._ledger.at(timestamp_ms)
        near = shelf.near(event.mention.text, compiled.language, self._threshold)
        if not near:
            return None
        count("lintas_suggestions_total", outcome="suggested")
        return _event(event, near)

    def _facts(self, records: Sequence[Record]) -> list[Fact]:
        return [fact for record in records if (fact := self._fact(record)) is not None]

    def _fact(self, record: Record) -> Fact | None:
        try:
            event = decode(record)
        except (Unreadable, FutureMajor) as problem:
            # suggestions are advice: deciding need not stand still for one
            _log.error("statement_unreadable", problem=str(problem), offset=record.offset)
            return None
        if isinstance(event, StatementRetracted) and event.kind in _KINDS:
            return Fact(record.timestamp_ms, event.statement_id, event.version, None)
        if isinstance(event, StatementPublished | StatementCorrected) and event.kind in _KINDS:
            statement = Statement.read(
                event.statement_id, event.version, event.agency, event.text, self._language
            )
            return Fact(record.timestamp_ms, event.statement_id, event.version, statement)
        return None


def _event(event: ComplaintRouted, near: Sequence[Suggestion]) -> StatementSuggested:
    return StatementSuggested(
        event_id=derived_id(event.event_id, "suggested"),
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        correlation_id=event.correlation_id,
        causation_id=event.event_id,
        traceparent=event.traceparent,
        complaint_id=event.complaint_id,
        statements=tuple(
            routing.SuggestedStatement(
                statement_id=one.statement.id,
                version=one.statement.version,
                agency=one.statement.agency,
                score=one.score,
                spans=tuple(
                    routing.Span(start=s.start, end=s.end, words=s.words, term=s.term)
                    for s in one.spans
                ),
            )
            for one in near
        ),
    )
