from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from lintas.vocabulary.terms import ComplaintState
from metrics.domain.facts import CalendarKey

#: somebody in the city still has to do something
OPEN = frozenset(
    {
        ComplaintState.REGISTERED,
        ComplaintState.TRIAGE,
        ComplaintState.ASSIGNED,
        ComplaintState.IN_PROGRESS,
        ComplaintState.ANSWERED,
    }
)


@dataclass(slots=True)
class Case:
    """One complaint in figures: its dimensions, and what its facts up to `seq` add up to.

    The fields stand in the order of the columns of `complaint_fact`.
    """

    complaint_id: UUID
    #: the last fact folded; facts 1..seq are in
    seq: int
    #: the latest `occurred_at` among them
    last_at: datetime
    registered_at: datetime
    #: our durable acceptance of the first mention; for imports the source's own time
    received_at: datetime
    posted_at: datetime | None
    origin: str
    channel: str
    mention_class: str
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    subject: str | None
    stance: str
    stakeholder: str
    #: promised to the citizen, as the event says
    first_response_due_at: datetime | None
    resolution_due_at: datetime | None
    #: the calendar its promise was counted in
    calendar: str | None
    calendar_version: str | None
    #: True where the source of an import gave no verdict about its own date
    unjudged: bool | None = None
    #: what was decided first: assigned, triage or no_action; None until a decision is folded
    outcome: str | None = None
    #: a ComplaintState
    state: str = ComplaintState.REGISTERED
    #: the agency that leads now; None while nobody does
    lead: str | None = None
    first_assigned_at: datetime | None = None
    #: first public, confirmed, substantive answer
    first_response_at: datetime | None = None
    #: first answer that the source of an import tells of
    answered_elsewhere_at: datetime | None = None
    #: the last resolution; None again once reopened
    resolved_at: datetime | None = None
    #: when it left the open states without being resolved
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the city still has to act."""
        return self.state in OPEN

    @property
    def calendar_key(self) -> CalendarKey | None:
        """The version of the calendar its promise was counted in."""
        if self.calendar is None or self.calendar_version is None:
            return None
        return CalendarKey(self.calendar, self.calendar_version)

    def at_registration(self) -> Self:
        """The same complaint as its first fact left it."""
        return replace(
            self,
            seq=1,
            last_at=self.registered_at,
            outcome=None,
            state=ComplaintState.REGISTERED,
            lead=None,
            first_assigned_at=None,
            first_response_at=None,
            answered_elsewhere_at=None,
            resolved_at=None,
            ended_at=None,
        )


@dataclass(slots=True)
class Share:
    """One agency's assignment in figures. The fields stand in the order of `assignment_fact`."""

    assignment_id: UUID
    complaint_id: UUID
    agency: str
    role: str
    assigned_at: datetime
    #: the calendar of its own deadline
    calendar: str | None = None
    calendar_version: str | None = None
    accepted_at: datetime | None = None
    #: a contributor gave its part, or the lead answered
    done_at: datetime | None = None
    #: returned, transferred or taken back
    ended_at: datetime | None = None

    @property
    def calendar_key(self) -> CalendarKey | None:
        """The version of the calendar its own deadline was counted in."""
        if self.calendar is None or self.calendar_version is None:
            return None
        return CalendarKey(self.calendar, self.calendar_version)


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a statement that stood at its address."""

    statement_id: UUID
    agency: str
    at: datetime
