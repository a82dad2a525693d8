"""Until when "not solved" counts, by whichever way it is said."""

from collections.abc import Callable
from datetime import datetime

from ingest.domain.errors import TooLate
from ingest.domain.links import Links
from ingest.domain.public import answered_at
from ingest.store.tracking import by_ticket
from ingest.usecases.reference import Reference
from lintas.database.work import Transaction
from lintas.vocabulary.ticket import Ticket


class LastWord:
    """The deadline that page, API and Open311 keep."""

    def __init__(self, clock: Callable[[], datetime], reference: Reference, links: Links) -> None:
        self._clock = clock
        self._reference = reference
        self._links = links

    async def check(self, tx: Transaction, ticket: Ticket) -> None:
        """Return if it may be said now that this complaint is not solved.

        Raises:
            TooLate: that counts no more.
        """
        tracked = await by_ticket(tx, ticket)
        if tracked is None:
            return
        shown = tracked.shown
        until = self._reference.last_word_at(
            shown.about.mention_class,
            tracked.received_at,
            answered_at(shown.status, tracked.steps, tracked.answers),
        )
        if until is not None and self._clock() > until:
            raise TooLate(until, ticket, f"{self._links.here}/lapor", shown.status)
