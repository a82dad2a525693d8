"""Times as Open311 writes them: the W3C subset of ISO 8601, whole seconds, always with a zone."""

import re
from datetime import UTC, datetime

_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)


def written(moment: datetime) -> str:
    """`2026-11-24T08:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime | None:
    """The moment, or None if it has not the shape of one; a space stands for an unescaped plus."""
    shape = text.strip().replace(" ", "+")
    if not _SHAPE.fullmatch(shape):
        return None
    try:
        return datetime.fromisoformat(shape).astimezone(UTC)
    except (ValueError, OverflowError):
        # a day the calendar lacks, or one before the year 1
        return None
