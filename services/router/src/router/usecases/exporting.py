"""The corpus, read by whoever trains a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lintas.database.work import UnitOfWork
from lintas.telemetry import get_logger
from router import store
from router.domain import Case

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Exporting:
    """Hands out what a backtest reads, in the same order."""

    work: UnitOfWork

    async def page(
        self,
        who: str,
        span: tuple[datetime | None, datetime],
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[Case]:
        """The next complaints received in `span`, settled or not; the log says who read them."""
        async with self.work.begin() as tx:
            cases = await store.corpus.page(tx, *span, after, limit)
        _log.info("corpus_read", by=who, rows=len(cases))
        return cases
