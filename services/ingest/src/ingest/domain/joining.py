"""When a mention continues a complaint instead of opening one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.domain.city import City
from ingest.domain.mentions import Arrival, Continued, Said
from lintas.vocabulary.terms import Joined, PublicStatus

#: a conversation about one of these is over; what follows in it is another matter
_OVER = frozenset(
    {
        PublicStatus.CLOSED,
        PublicStatus.NO_ACTION,
        PublicStatus.REJECTED,
        PublicStatus.WITHDRAWN,
    }
)
#: no officer has these on a desk any more
_NOBODYS = frozenset({PublicStatus.CLOSED, PublicStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A complaint that an arrival names in one way or another."""

    continued: Continued
    #: keyed hash of what identifies its reporter
    reporter: bytes
    status: PublicStatus
    last_said_at: datetime

    @property
    def joined(self) -> Joined:
        """The way in which it is named."""
        return self.continued.joined


def may_join(said: Said, ticket_prefix: str) -> bool:
    """Whether it is worth looking; two comparisons and a search for most mentions."""
    named = said.in_reply_to is not None or said.conversation is not None
    return (
        (named or ticket_prefix in said.text.upper()) and not said.own and said.refers is not True
    )


def continued(
    arrival: Arrival, reporter: bytes, candidates: Mapping[Joined, Candidate], city: City
) -> Candidate | None:
    """Which of the candidates `arrival` continues; None: it opens its own complaint.

    A reply and a thread count for the same reporter only, so strangers under one post stay apart.
    A ticket counts whoever writes it: nobody guesses one, and a reporter writes from where they
    are. It opens nothing to them, and `joined` tells readers that the writer may be another. Nobody
    waits for more about a closed complaint, so whoever names one opens their own.
    """
    reply = candidates.get(Joined.REPLY)
    if reply and reply.reporter == reporter and _within(arrival, reply, city.reply_window):
        return reply
    ticket = candidates.get(Joined.TICKET)
    if ticket and (arrival.said.refers is False or ticket.status not in _NOBODYS):
        return ticket
    thread = candidates.get(Joined.CONVERSATION)
    if thread and thread.reporter == reporter and _goes_on(arrival, thread, city):
        return thread
    return None


def _goes_on(arrival: Arrival, thread: Candidate, city: City) -> bool:
    if not _is_dialogue(arrival.said):
        return _within(arrival, thread, city.reply_window)
    return thread.status not in _OVER and _within(arrival, thread, city.conversation_pause)


def _is_dialogue(said: Said) -> bool:
    """Whether the thread is just the person: messengers have no subjects, so a pause must do."""
    author = said.author
    names = (author.platform_id, author.handle, author.phone)
    return not said.public and said.conversation in {name for name in names if name}


def _within(arrival: Arrival, candidate: Candidate, window: timedelta) -> bool:
    return arrival.reached_city_at - candidate.last_said_at <= window
