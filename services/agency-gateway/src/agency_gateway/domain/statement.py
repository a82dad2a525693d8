"""Official texts: who wrote them, who confirmed exactly which words, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from agency_gateway.domain import facts
from agency_gateway.domain.acts import require_contributions
from agency_gateway.domain.change import Change, after, moved, with_share
from agency_gateway.domain.complaint import Complaint
from agency_gateway.domain.refusals import OwnWords
from agency_gateway.domain.transitions import (
    STATEMENT,
    AssignmentAct,
    ComplaintAct,
    StatementAct,
)
from lintas.vocabulary.errors import Conflict, NotFound, PreconditionFailed
from lintas.vocabulary.ids import AgencyCode, ComplaintId, PersonId, StatementId
from lintas.vocabulary.terms import Purpose, Role, StatementKind, StatementState


@dataclass(frozen=True, slots=True)
class Wording:
    """The full text and one variant per channel it may go to; `sha256` covers them all."""

    text: str
    #: SHA-256 of the canonical JSON of {text, variants}
    sha256: str
    #: channel → text
    variants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's approval of exactly one hash."""

    person_id: PersonId
    agency: AgencyCode
    sha256: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """One version of an official text."""

    id: StatementId
    kind: StatementKind
    purpose: Purpose
    #: the lead: it answers, confirms and publishes
    agency: AgencyCode
    version: int
    state: StatementState
    wording: Wording
    #: everyone whose words survive in it
    authors: frozenset[PersonId]
    complaint_ids: tuple[ComplaintId, ...] = ()
    #: voided by any edit
    confirmation: Confirmation | None = None
    published_at: datetime | None = None
    #: why it went out without a late contributor
    override_reason: str | None = None
    #: counts changes of this version, for `ETag`
    revision: int = 1


def edit(statement: Statement, wording: Wording, editor: PersonId) -> Statement:
    """Other words, one author more, no confirmation: also where the words turn out the same."""
    return replace(
        statement,
        state=STATEMENT.after(statement.state, StatementAct.EDIT),
        wording=wording,
        authors=statement.authors | {editor},
        confirmation=None,
    )


def review(statement: Statement) -> Statement:
    """Ready for somebody else's eyes."""
    return replace(statement, state=STATEMENT.after(statement.state, StatementAct.REVIEW))


def confirm(statement: Statement, seen: str, confirmation: Confirmation) -> Statement:
    """Approved, as `seen`, by a person who is none of the authors.

    Raises:
        OwnWords: the confirmer is among the authors.
        PreconditionFailed: the words have changed since the confirmer saw them.
    """
    if confirmation.person_id in statement.authors:
        raise OwnWords("An author does not confirm.", state=statement.state.value)
    state = STATEMENT.after(statement.state, StatementAct.CONFIRM)
    if seen != statement.wording.sha256:
        raise PreconditionFailed("The text has changed since you read it.")
    return replace(statement, state=state, confirmation=confirmation)


def publish(statement: Statement, now: datetime, override_reason: str | None) -> Statement:
    """Out it goes, if exactly these words are confirmed."""
    state = STATEMENT.after(statement.state, StatementAct.PUBLISH)
    confirmation = statement.confirmation
    if confirmation is None or confirmation.sha256 != statement.wording.sha256:
        raise Conflict("These words are not confirmed.", state=statement.state.value)
    return replace(statement, state=state, published_at=now, override_reason=override_reason)


def correct(published: Statement, wording: Wording, editor: PersonId) -> Statement:
    """A new version in draft; its authors are those of the old one and the corrector."""
    # the old one may be replaced: it is when the new one is published
    STATEMENT.after(published.state, StatementAct.SUPERSEDE)
    return replace(
        published,
        version=published.version + 1,
        state=StatementState.DRAFT,
        wording=wording,
        authors=published.authors | {editor},
        confirmation=None,
        published_at=None,
        override_reason=None,
        revision=1,
    )


def retract(statement: Statement) -> Statement:
    """It no longer stands; its address says so."""
    return replace(statement, state=STATEMENT.after(statement.state, StatementAct.RETRACT))


def require_lead(statement_agency: AgencyCode, complaint: Complaint) -> None:
    """Refuse an answer to a complaint that another agency leads."""
    share = complaint.share_of(statement_agency)
    if share is None:
        raise NotFound("There is no such complaint.")
    if share.role is not Role.LEAD:
        raise Conflict("Only the lead agency answers.", state=complaint.state.value)


def answer(complaint: Complaint, statement: Statement, *, override: bool) -> Change:
    """What a published answer does to one of its complaints.

    Raises:
        OutstandingContribution: an agency has not given its part and nobody overrides that.
    """
    require_lead(statement.agency, complaint)
    require_contributions(complaint, override=override)
    complaint = moved(complaint, ComplaintAct.ANSWER)
    lead = complaint.lead
    if lead is not None:
        complaint = with_share(complaint, after(lead, AssignmentAct.ANSWER))
    told = facts.Answered(
        statement_id=statement.id,
        version=statement.version,
        sha256=statement.wording.sha256,
        agency=statement.agency,
    )
    return Change(complaint, (told,))
