"""W3C trace context: one trace id follows a mention from the first request to the last event."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass

_SHAPE = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_LONGEST = 256
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """One step of one trace (https://www.w3.org/TR/trace-context/)."""

    #: 32 hexadecimal digits, the same in every step
    trace_id: str
    #: 16 hexadecimal digits, this step
    span_id: str
    sampled: bool = True

    @property
    def traceparent(self) -> str:
        """The value of the `traceparent` header that continues from this step."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def child(self) -> "Trace":
        """The next step of the same trace."""
        return Trace(self.trace_id, os.urandom(8).hex(), self.sampled)


_current: ContextVar[Trace | None] = ContextVar("lintas_trace", default=None)


def new_trace() -> Trace:
    """The first step of a new trace."""
    identity = os.urandom(24).hex()
    return Trace(identity[:32], identity[32:])


def parse_traceparent(text: str | None) -> Trace | None:
    """The step a header names; None if there is none or it is not valid."""
    if text is None or len(text) > _LONGEST:
        return None
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "00" and rest is not None:
        return None
    return Trace(trace_id, span_id, sampled=bool(int(flags, 16) & _SAMPLED))


def new_traceparent() -> str:
    """The header of a new trace."""
    return new_trace().traceparent


def child_traceparent(parent: str | None = None) -> str:
    """The header of the next step of `parent`, else of the current trace, else of a new one."""
    trace = parse_traceparent(parent) or _current.get()
    return trace.child().traceparent if trace else new_traceparent()


def current_trace() -> Trace | None:
    """The step that is running now."""
    return _current.get()


def enter_trace(traceparent: str | None) -> tuple[Trace, Token[Trace | None]]:
    """Begin the next step of `traceparent` (or a new trace); `leave_trace` ends it."""
    parent = parse_traceparent(traceparent)
    trace = parent.child() if parent else new_trace()
    return trace, _current.set(trace)


def leave_trace(token: Token[Trace | None]) -> None:
    """Restore the step that ran before `enter_trace`."""
    _current.reset(token)


@contextmanager
def in_trace(traceparent: str | None) -> Iterator[Trace]:
    """Run a block as the next step of `traceparent`; log lines inside carry its trace id."""
    trace, token = enter_trace(traceparent)
    try:
        yield trace
    finally:
        leave_trace(token)
