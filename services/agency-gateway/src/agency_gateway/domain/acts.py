"""What agencies and coordinators do to a complaint. Each act is refused or tells its facts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from agency_gateway.domain import facts
from agency_gateway.domain.change import (
    Change,
    after,
    moved,
    own_share,
    seen_by_holders_only,
    with_share,
    withdrawn,
    without_shares,
)
from agency_gateway.domain.complaint import Complaint
from agency_gateway.domain.refusals import OutstandingContribution, TransferFrozen
from agency_gateway.domain.routing import Desk, with_contributors, with_lead
from agency_gateway.domain.transitions import AssignmentAct, ComplaintAct
from lintas.vocabulary.errors import Conflict, FieldError, Forbidden, Invalid
from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import ComplaintState, Role


def accept(complaint: Complaint, agency: AgencyCode | None, now: datetime) -> Change:
    """The agency takes its share on; with the lead's word work begins."""
    share = own_share(complaint, agency)
    if share.role is Role.LEAD:
        complaint = moved(complaint, ComplaintAct.ACCEPT)
    mine = replace(after(share, AssignmentAct.ACCEPT), accepted_at=now)
    return Change(with_share(complaint, mine), (facts.Accepted(share.id, share.agency),))


def contribute(complaint: Complaint, agency: AgencyCode | None) -> Change:
    """A contributor gives its part, or adds to it."""
    share = own_share(complaint, agency)
    if share.role is not Role.CONTRIBUTOR:
        raise Conflict("The lead answers; it does not contribute.", state=share.state.value)
    mine = after(share, AssignmentAct.CONTRIBUTE)
    return Change(with_share(complaint, mine), (facts.Contributed(share.id, share.agency),))


def give_back(complaint: Complaint, agency: AgencyCode | None, reason: str) -> Change:
    """The agency says “not ours”; if it leads, the router is asked again without those who said so.

    Raises:
        TransferFrozen: it is the second return to a former holder; a coordinator decides.
    """
    share = own_share(complaint, agency)
    mine = after(share, AssignmentAct.RETURN)
    told = (facts.Returned(share.id, share.agency, reason),)
    if share.role is not Role.LEAD:
        return Change(with_share(complaint, mine), told, ends_access=(share.agency,))
    if complaint.is_frozen:
        raise TransferFrozen(
            "The complaint came back to a former holder twice: a coordinator decides.",
            state=complaint.state.value,
        )
    complaint = with_share(moved(complaint, ComplaintAct.RETURN), mine)
    asked = complaint.round + 1
    complaint = replace(complaint, round=asked, awaiting_round=asked)
    request = facts.RerouteAsked(asked, complaint.returned_by())
    return Change(
        complaint, (*told, facts.Triaged(asked - 1), request), ends_access=(share.agency,)
    )


@dataclass(frozen=True, slots=True)
class Order:
    """Which agencies a coordinator wants."""

    lead: AgencyCode | None
    contributors: tuple[AgencyCode, ...]
    #: why the former lead loses it
    reason: str


def assign(complaint: Complaint, order: Order, desk: Desk) -> Change:
    """A coordinator decides; an open request for routing is thereby taken back."""
    _require_known(order, desk)
    present = complaint.lead
    change = Change(complaint)
    if order.lead is not None and (present is None or present.agency != order.lead):
        change = _led_by(complaint, order.lead, order.reason, desk)
    elif present is None:
        raise Invalid(
            "A complaint without a lead needs one.", [FieldError("/lead", "missing", "an agency")]
        )
    elif complaint.state not in _TAKES_HELP:
        raise Conflict("Nobody can be added now.", state=complaint.state.value)
    change = with_contributors(change, order.contributors, desk, {})
    if not change.facts:
        raise Conflict("These agencies have it already.", state=complaint.state.value)
    return seen_by_holders_only(change)


_TAKES_HELP = frozenset({ComplaintState.ASSIGNED, ComplaintState.IN_PROGRESS})


def _led_by(complaint: Complaint, agency: AgencyCode, reason: str, desk: Desk) -> Change:
    present = complaint.lead
    change = Change(replace(moved(complaint, ComplaintAct.ASSIGN), awaiting_round=None))
    if present is not None:
        change = withdrawn(change, present, reason)
    return with_lead(change, agency, desk)


def _require_known(order: Order, desk: Desk) -> None:
    wanted: Iterable[tuple[str, AgencyCode]] = [
        *([("/lead", order.lead)] if order.lead else []),
        *((f"/contributors/{n}", agency) for n, agency in enumerate(order.contributors)),
    ]
    unknown = [
        FieldError(pointer, "unknown_agency", "an agency of the directory")
        for pointer, agency in wanted
        if not desk.directory.knows(agency)
    ]
    if unknown:
        raise Invalid("The city has no such agency.", unknown)


def dismiss(complaint: Complaint) -> Change:
    """A coordinator says that no action is needed; assigning it takes that back."""
    change = without_shares(moved(complaint, ComplaintAct.DISMISS), "no_action")
    return _settled(change, facts.NoActionTaken())


def reject(complaint: Complaint, reason: str, pointer: str | None) -> Change:
    """A coordinator says that the city is not competent, and who is."""
    change = without_shares(moved(complaint, ComplaintAct.REJECT), "rejected")
    return _settled(change, facts.Rejected(reason, pointer))


def resolve(
    complaint: Complaint, agency: AgencyCode | None, disposition: str, *, override: bool
) -> Change:
    """The lead (or a coordinator: no agency) says that the matter is settled.

    Raises:
        OutstandingContribution: an agency has not given its part and nobody overrides that.
    """
    _require_lead(complaint, agency)
    complaint = moved(complaint, ComplaintAct.RESOLVE)
    require_contributions(complaint, override=override)
    change = Change(complaint)
    for share in complaint.live():
        if share.role is Role.CONTRIBUTOR and share.is_open:
            change = withdrawn(change, share, "waived")
    return change.then(facts.Resolved(agency, disposition))


def close(complaint: Complaint, agency: AgencyCode | None, disposition: str) -> Change:
    """The lead (or a coordinator) ends it; every share is done."""
    _require_lead(complaint, agency)
    complaint = moved(complaint, ComplaintAct.CLOSE)
    for share in complaint.live():
        complaint = with_share(complaint, after(share, AssignmentAct.FINISH))
    return Change(complaint, (facts.Closed(disposition),))


def reopen(complaint: Complaint, agency: AgencyCode | None, reason: str) -> Change:
    """It was not settled: back to the lead, in progress."""
    _require_lead(complaint, agency)
    complaint = moved(complaint, ComplaintAct.REOPEN)
    lead = complaint.lead
    if lead is not None:
        complaint = with_share(complaint, after(lead, AssignmentAct.REOPEN))
    return Change(complaint, (facts.Reopened(reason),))


def require_contributions(complaint: Complaint, *, override: bool) -> None:
    """Refuse while an agency has not given its part, unless that is overridden with a reason."""
    missing = complaint.outstanding()
    if missing and not override:
        raise OutstandingContribution(
            f"Not yet contributed: {', '.join(missing)}. Going on without needs a reason.",
            state=complaint.state.value,
        )


def _require_lead(complaint: Complaint, agency: AgencyCode | None) -> None:
    if agency is None:
        return
    if own_share(complaint, agency).role is not Role.LEAD:
        raise Forbidden("Only the lead agency does that.")


def _settled(change: Change, fact: facts.Fact) -> Change:
    complaint = replace(change.complaint, awaiting_round=None)
    return replace(change, complaint=complaint).then(fact)
