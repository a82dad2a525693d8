from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of time from `start` up to, not including, `end`; both are aware instants."""

    start: datetime
    end: datetime


#: a stretch in which a clock stands still
Pause = Span


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same instants in order, as spans that neither touch nor overlap; empty spans are dropped.

    Raises ValueError for a span that ends before it starts.
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if span.end < span.start:
            raise ValueError("a span that ends no earlier than it starts")
        if span.end == span.start:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
