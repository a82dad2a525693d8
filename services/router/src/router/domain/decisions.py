"""What the router answers, and why."""

from dataclasses import dataclass
from enum import StrEnum

from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import MentionClass, Stance, Urgency


class Outcome(StrEnum):
    """What follows from a decision."""

    ASSIGNED = "assigned"
    TRIAGE = "triage"
    NO_ACTION = "no_action"


class Why(StrEnum):
    """Why something decided or lost: stable phrases, shown to officers as they are."""

    HIGHEST = "highest score"
    FIRST = "equal score, written first"
    LOWER = "lower score"
    LATER = "equal score, written later"
    EXCLUDED = "a word it excludes is in the text"
    INCOMPLETE = "a word it needs is not in the text"
    DENIED = "the text denies the word it needs"
    CIRCUMSTANCE = "not for mentions of this kind"
    EARLIER = "first in order that holds"
    AFTER = "written behind the rule that decided"
    NOT_IN_EFFECT = "not in effect when the mention was received"
    RETURNED = "its lead has returned the complaint"
    RETURNED_BY = "has returned the complaint, so it is left out"
    NOTE = "the note of who returned the complaint was read like its text"
    OWN_POST = "posted by one of the city's own accounts"
    STATED = "stated by the source, and no class rule matched"
    SET_BY_RULE = "class set by the routing rule"
    URGENT_WORDS = "urgent words"
    URGENT_RULE = "urgency set by the routing rule"
    SUBJECT_NAMED = "the policy is named"
    PLACE_NAMED = "named in the text"
    PLACE_IN_ADDRESS = "named in the address"
    PLACE_AROUND = "the coordinates lie in it"
    PLACE_CONTRADICTED = "coordinates and words name different places"
    PLACE_OUTSIDE = "the coordinates lie in none of the city's areas"
    PLACE_UNCLEAR = "more than one place is meant or named"
    READ_UP_TO = "the text holds too much: its words were looked at up to here"
    NOT_ALL_TRIED = "the text holds too much: not every expression and nearness was tried"
    SUGGESTED = "suggested by the model, which is sure enough"
    UNSURE = "suggested by the model, which is not sure enough to route"
    NO_RULE_AGREES = "suggested by the model, but the rules that hold name others"
    LEARNT = "a word that speaks for the model's suggestion"


@dataclass(frozen=True, slots=True)
class Span:
    """Matched words: code points `[start, end)` of the redacted text."""

    start: int
    end: int
    #: the first 200 code points at most
    words: str
    #: the rule's term that they match
    term: str
    #: what they were taken for, where they are spelled otherwise or a slip
    read_as: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that spoke for or against a decision.

    `rule` is a routing rule's id, or begins with what else it is: `class:`, `urgency:`,
    `subject:`, `place:`, `model:`, `returned:`, `text:`.
    """

    rule: str
    why: Why
    agency: AgencyCode | None = None
    weight: float = 0.0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the decision is what it is; bounded in size, whatever the rules and the text."""

    decided_by: tuple[Evidence, ...] = ()
    runners_up: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Contributor:
    """An agency that helps the lead, and why."""

    agency: AgencyCode
    reason: str


@dataclass(frozen=True, slots=True)
class Area:
    """Codes of kecamatan and kelurahan, as far as they are certain."""

    kecamatan: str | None = None
    kelurahan: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the router answers for one mention."""

    outcome: Outcome
    mention_class: MentionClass
    rules_version: str
    #: of the model that was asked where rules were silent or disagreed, if there is one
    model_version: str | None = None
    #: of the places among which the area was looked for, if there are any
    places_version: str | None = None
    #: which request for routing it answers
    round: int = 0
    #: the class that deadline policies know, where a rule says more than `mention_class`
    policy_class: str | None = None
    category: str | None = None
    area: Area = Area()
    urgency: Urgency = Urgency.NORMAL
    subject: str | None = None
    stance: Stance = Stance.NEUTRAL
    lead: AgencyCode | None = None
    contributors: tuple[Contributor, ...] = ()
    explanation: Explanation = Explanation()
