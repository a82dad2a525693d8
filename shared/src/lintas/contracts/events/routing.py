"""`lintas.routing.v1`: every mention event again, with the decision inside; written by the router."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from lintas.contracts.events.envelope import ComplaintEvent, Fact
from lintas.contracts.events.mentions import Mention
from lintas.vocabulary.ids import AgencyCode, StatementId
from lintas.vocabulary.terms import MentionClass, Stakeholder, Stance, Suspicion, Urgency


class Outcome(StrEnum):
    """What follows from a decision."""

    ASSIGNED = "assigned"
    TRIAGE = "triage"
    NO_ACTION = "no_action"


class Span(Fact):
    """Matched words: code points `[start, end)` of the redacted text."""

    start: int
    end: int
    words: str
    #: the rule's term that matched
    term: str
    #: what the words were taken for, where they are spelled otherwise or a slip
    read_as: str | None = None


class RuleMatch(Fact):
    """A rule that fired, and on what."""

    rule: str
    agency: AgencyCode | None = None
    weight: float
    spans: tuple[Span, ...] = ()
    #: why it won or lost, one stable phrase
    why: str


class Explanation(Fact):
    """Why the decision is what it is. Replaying it with the same versions gives the same bytes."""

    decided_by: tuple[RuleMatch, ...] = ()
    runners_up: tuple[RuleMatch, ...] = ()


class Contributor(Fact):
    """An agency that helps the lead, and why."""

    agency: AgencyCode
    reason: str


class Area(Fact):
    """Kecamatan and kelurahan codes, as far as they are certain."""

    kecamatan: str | None = None
    kelurahan: str | None = None


class Decision(Fact):
    """What the router answers for one mention."""

    outcome: Outcome
    #: which request for routing this answers; the gateway ignores any other round
    round: int = Field(default=0, ge=0)
    mention_class: MentionClass
    category: str | None = None
    #: which deadlines hold where the class alone does not say, `complaint_with_inspection`
    policy_class: str | None = None
    area: Area = Area()
    urgency: Urgency = Urgency.NORMAL
    #: a policy named in the pack, and the mention's stance towards it
    subject: str | None = None
    stance: Stance = Stance.NEUTRAL
    lead: AgencyCode | None = None
    contributors: tuple[Contributor, ...] = ()
    rules_version: str
    model_version: str | None = None
    places_version: str | None = None
    explanation: Explanation = Explanation()


class ComplaintRouted(ComplaintEvent):
    """A first mention, with the agencies it is for (or triage, or no action needed)."""

    type: ClassVar[str] = "lintas.complaint.routed.v1"
    mention: Mention
    decision: Decision


class MentionForwarded(ComplaintEvent):
    """Any other mention event, passed on unchanged so that the gateway reads one ordered topic."""

    type: ClassVar[str] = "lintas.mention.forwarded.v1"
    #: the mention event's type
    event_type: str
    #: its body, as it came
    payload: dict[str, Any]
    #: what the router would decide now; only advice
    suggestion: Decision | None = None


class Returned(Fact):
    """What a later decision looked at: what is left of the complaint's words, and officers' notes."""

    #: redacted; empty where it was withdrawn or erased
    text: str = ""
    #: of the agencies that returned it, redacted; spans count on behind the text and a line break
    note: str = ""
    #: agencies that returned it, which neither lead nor contribute
    without: tuple[AgencyCode, ...] = ()
    mention_class: MentionClass
    channel: str
    stakeholder: Stakeholder | None = None
    suspected: Suspicion | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    received_at: datetime


class ComplaintRerouted(ComplaintEvent):
    """A complaint that agencies returned, with another decision, for the round it answers."""

    type: ClassVar[str] = "lintas.complaint.rerouted.v1"
    returned: Returned
    decision: Decision


class SuggestedStatement(Fact):
    """An official statement that may answer a mention, and why."""

    statement_id: StatementId
    version: int = Field(ge=1)
    agency: AgencyCode
    #: how near text and statement are, from 0 to 1
    score: float
    #: where the mention says what the statement says; `term` is the statement's word
    spans: tuple[Span, ...]


class StatementSuggested(ComplaintEvent):
    """A new mention reads like announcements or guides that are published, the nearest first."""

    type: ClassVar[str] = "lintas.statement.suggested.v1"
    statements: tuple[SuggestedStatement, ...] = Field(min_length=1)
