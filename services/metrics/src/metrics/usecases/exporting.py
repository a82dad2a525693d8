import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from lintas.contracts.codec import timestamp
from lintas.database.work import UnitOfWork
from metrics import store
from metrics.domain.questions import Period
from metrics.store.exports import START, Place

#: few enough for one page to be small, many enough for the rate
_COMPLAINTS = 500
#: a spreadsheet takes a cell that begins so for a formula, also behind blanks
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


async def facts_csv(work: UnitOfWork, period: Period, as_of: datetime) -> AsyncIterator[str]:
    """Every folded fact of the complaints received in `period`, one line each, in pieces.

    Each piece is read in a transaction of its own, so a slow reader holds nothing open; facts
    after `as_of` are left out, so a fact that is folded meanwhile changes nothing.
    """
    yield _lines([store.exports.COLUMNS])
    after = START
    async with work.begin() as tx:
        generation = await store.positions.generation(tx)
    while True:
        async with work.begin() as tx:
            rows = await store.exports.page(tx, generation, period, as_of, after, _COMPLAINTS)
        if not rows:
            return
        after = Place(rows[-1].received_at, rows[-1].complaint_id)
        yield _lines([[cell(value) for value in row] for row in rows])


def cell(value: Any) -> str:
    """A value as text that no spreadsheet runs."""
    if value is None:
        return ""
    text = timestamp(value) if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _lines(rows: list[Any]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()
