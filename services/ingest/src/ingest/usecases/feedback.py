"""What the reporter says of the answer, and taking the complaint back: with the link's secret."""

from dataclasses import dataclass, replace

from ingest.domain.mentions import feedback_event_id, first_event_id
from ingest.store import feedback as store
from ingest.store.feedback import Link, Opinion
from ingest.usecases.backlog import Backlog
from ingest.usecases.changing import Changing, Gone
from ingest.usecases.last_word import LastWord
from ingest.usecases.tracking import PAGE, opens
from lintas.contracts.events.mentions import FeedbackGiven
from lintas.contracts.topics import MENTIONS
from lintas.database.work import Transaction, UnitOfWork
from lintas.telemetry import child_traceparent
from lintas.vocabulary.errors import Forbidden, NotFound
from lintas.vocabulary.ticket import Ticket, parse_ticket


@dataclass(frozen=True, slots=True)
class Given:
    """What the reporter thinks, as it is kept."""

    ticket: Ticket
    solved: bool | None
    rating: int | None


class Feedback:
    """The reporter's own acts on their complaint. Sending one again changes nothing.

    Raises, each of them: NotFound for a ticket nobody has, Forbidden for a wrong secret,
    Unavailable when nothing is known to be kept.
    """

    def __init__(
        self,
        work: UnitOfWork,
        backlog: Backlog,
        changing: Changing,
        last_word: LastWord,
    ) -> None:
        self._work = work
        self._backlog = backlog
        self._changing = changing
        self._last_word = last_word

    async def give(
        self, ticket: str, secret: str | None, *, solved: bool | None, rating: int | None
    ) -> Given:
        """Keep what the reporter thinks; what they leave out stays as they said before.

        Raises:
            TooLate: that it is not solved counts no more; nothing is kept.
        """
        self._backlog.check()
        async with self._work.begin() as tx:
            link = await _opened(tx, ticket, secret)
            before = await store.last(tx, link.complaint_id) or Opinion(0, None, None)
            now = replace(
                before,
                solved=before.solved if solved is None else solved,
                rating=before.rating if rating is None else rating,
            )
            if now == before:
                return Given(link.ticket, now.solved, now.rating)
            if now.solved is False and before.solved is not False:
                await self._last_word.check(tx, link.ticket)
            now, at = replace(now, number=before.number + 1), self._work.clock()
            await store.keep(tx, link.complaint_id, now, at)
            event = FeedbackGiven(
                event_id=feedback_event_id(link.complaint_id, now.number),
                occurred_at=at,
                recorded_at=at,
                correlation_id=first_event_id(link.complaint_id),
                traceparent=child_traceparent(),
                complaint_id=link.complaint_id,
                solved=now.solved,
                rating=now.rating,
            )
            await tx.publish(MENTIONS, [event])
        self._backlog.added(1)
        return Given(link.ticket, now.solved, now.rating)

    async def take_back(self, ticket: str, secret: str | None) -> None:
        """Show nothing of what the reporter said in this complaint any more."""
        self._backlog.check()
        async with self._work.begin() as tx:
            link = await _opened(tx, ticket, secret)
            now = self._work.clock()
            own = await store.own_mentions(tx, link.complaint_id, PAGE)
            taken = await self._changing.withdraw(
                tx,
                [Gone(mention, channel, now) for mention, channel in own],
                now,
                child_traceparent(),
            )
        taken.tell()
        self._backlog.added(taken.events)


async def _opened(tx: Transaction, ticket_text: str, secret: str | None) -> Link:
    ticket = parse_ticket(ticket_text)
    link = None if ticket is None else await store.locked(tx, ticket)
    if link is None:
        raise NotFound("No complaint has this ticket.")
    if not opens(link.secret_hash, secret):
        raise Forbidden("This needs the secret of the reporter's link.")
    return link
