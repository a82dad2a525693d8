"""What an act brings about, in the past tense; use cases number, chain and publish it."""

from dataclasses import dataclass
from uuid import UUID

from agency_gateway.domain.complaint import Case, Deadline
from lintas.vocabulary.ids import AgencyCode, MentionId, StatementId
from lintas.vocabulary.terms import Role


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to one complaint."""


@dataclass(frozen=True, slots=True)
class Registered(Fact):
    """A complaint exists."""

    case: Case
    #: the source of an import left the keeping of its own date without a verdict
    unjudged: bool | None = None


@dataclass(frozen=True, slots=True)
class Triaged(Fact):
    """No rule decided: a person will."""

    round: int


@dataclass(frozen=True, slots=True)
class NoActionTaken(Fact):
    """An own post, thanks or spam."""


@dataclass(frozen=True, slots=True)
class Assigned(Fact):
    """An agency has a share in it."""

    assignment_id: UUID
    agency: AgencyCode
    role: Role
    round: int
    rules: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    #: True where a source does not tell when
    untimed: bool | None = None


@dataclass(frozen=True, slots=True)
class Accepted(Fact):
    """The agency said: ours."""

    assignment_id: UUID
    agency: AgencyCode


@dataclass(frozen=True, slots=True)
class Returned(Fact):
    """The agency said: not ours."""

    assignment_id: UUID
    agency: AgencyCode
    reason: str


@dataclass(frozen=True, slots=True)
class ShareWithdrawn(Fact):
    """The share was taken back."""

    assignment_id: UUID
    agency: AgencyCode
    reason: str


@dataclass(frozen=True, slots=True)
class Contributed(Fact):
    """A contributor gave its part."""

    assignment_id: UUID
    agency: AgencyCode


@dataclass(frozen=True, slots=True)
class RerouteAsked(Fact):
    """The router is asked again, without those that returned it."""

    round: int
    without: tuple[AgencyCode, ...]


@dataclass(frozen=True, slots=True)
class Answered(Fact):
    """A confirmed, public, substantive answer went out."""

    statement_id: StatementId
    version: int
    sha256: str
    agency: AgencyCode


@dataclass(frozen=True, slots=True)
class AnsweredElsewhere(Fact):
    """A source says that it answered; nobody confirmed a statement here."""

    agency: AgencyCode | None


@dataclass(frozen=True, slots=True)
class Resolved(Fact):
    """The city says the matter is settled."""

    agency: AgencyCode | None
    disposition: str


@dataclass(frozen=True, slots=True)
class Closed(Fact):
    """Nothing more will happen unless it is reopened."""

    disposition: str


@dataclass(frozen=True, slots=True)
class Reopened(Fact):
    """It was not settled after all."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected(Fact):
    """The city is not competent."""

    reason: str
    pointer: str | None


@dataclass(frozen=True, slots=True)
class TakenBack(Fact):
    """The reporter withdrew it."""


@dataclass(frozen=True, slots=True)
class Replied(Fact):
    """The reporter said more."""

    mention_id: MentionId


@dataclass(frozen=True, slots=True)
class Rated(Fact):
    """The reporter said whether the answer helped."""

    solved: bool | None
    rating: int | None
