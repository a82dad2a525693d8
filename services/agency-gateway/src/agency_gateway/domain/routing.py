"""What a decision of the router makes of a complaint: assigned, triaged or no action needed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from agency_gateway.domain.change import Change, moved, seen_by_holders_only, withdrawn
from agency_gateway.domain.complaint import MOST_BOUNCES, Assignment, Case, Complaint
from agency_gateway.domain.facts import Assigned, Fact, NoActionTaken, Registered, Triaged
from agency_gateway.domain.policies import Directory
from agency_gateway.domain.transitions import ComplaintAct
from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import AssignmentState, ComplaintState, Role


@dataclass(frozen=True, slots=True)
class Desk:
    """What giving out shares needs: the city's documents, the time, and ids for new shares."""

    directory: Directory
    now: datetime
    #: gives the id of an agency's new share
    new_id: Callable[[AgencyCode], UUID]


@dataclass(frozen=True, slots=True)
class Decision:
    """The router's answer, as far as a complaint's life hangs on it."""

    #: assigned | triage | no_action
    outcome: str
    round: int = 0
    lead: AgencyCode | None = None
    contributors: tuple[AgencyCode, ...] = ()
    #: agency → the rules that chose it; None for rules that chose no agency in particular
    rules: Mapping[AgencyCode | None, tuple[str, ...]] = field(default_factory=dict)


class _Wanted(NamedTuple):
    agency: AgencyCode
    role: Role
    #: that chose it
    rules: tuple[str, ...]


def open_complaint(case: Case, decision: Decision, desk: Desk) -> Change:
    """A new complaint with its first facts; an agency the city does not have means triage."""
    if decision.outcome == "no_action":
        dismissed = moved(Complaint(case, ComplaintState.REGISTERED), ComplaintAct.DISMISS)
        return Change(dismissed, (Registered(case), NoActionTaken()))
    promises = desk.directory.promises(case.mention_class, case.received_at)
    case = replace(case, deadlines=promises)
    registered = Complaint(case, ComplaintState.REGISTERED)
    return _decided(registered, decision, desk, Registered(case))


def apply_round(complaint: Complaint, decision: Decision, desk: Desk) -> Change | None:
    """The complaint after a later decision; None if it answers no open request.

    A coordinator who assigned meanwhile has taken the request back, so the decision comes too late.
    An agency that returned the complaint, or a second return to a former holder, means triage.
    """
    if complaint.awaiting_round is None or decision.round != complaint.awaiting_round:
        return None
    return _decided(replace(complaint, awaiting_round=None), decision, desk)


def with_lead(
    change: Change, agency: AgencyCode, desk: Desk, rules: tuple[str, ...] = ()
) -> Change:
    """The complaint led by `agency`, whatever its part was before."""
    held = change.complaint.share_of(agency)
    if held is not None:
        change = withdrawn(change, held, "becomes_lead")
    return _given(change, [_Wanted(agency, Role.LEAD, rules)], desk)


def with_contributors(
    change: Change,
    agencies: Iterable[AgencyCode],
    desk: Desk,
    rules: Mapping[AgencyCode | None, tuple[str, ...]],
) -> Change:
    """The complaint with more agencies helping; whoever has a live share keeps it."""
    held = {share.agency for share in change.complaint.live()}
    new = [agency for agency in dict.fromkeys(agencies) if agency not in held]
    wanted = [_Wanted(agency, Role.CONTRIBUTOR, rules.get(agency, ())) for agency in new]
    return _given(change, wanted, desk) if wanted else change


def _decided(complaint: Complaint, decision: Decision, desk: Desk, *before: Fact) -> Change:
    if decision.lead is None or not _can_be_followed(complaint, decision, desk.directory):
        return Change(moved(complaint, ComplaintAct.TRIAGE), (*before, Triaged(decision.round)))
    change = Change(moved(complaint, ComplaintAct.ASSIGN), before)
    chosen_by = (*decision.rules.get(decision.lead, ()), *decision.rules.get(None, ()))
    change = with_lead(change, decision.lead, desk, chosen_by)
    change = with_contributors(change, decision.contributors, desk, decision.rules)
    return seen_by_holders_only(change)


def _can_be_followed(complaint: Complaint, decision: Decision, directory: Directory) -> bool:
    agencies = (decision.lead, *decision.contributors)
    if decision.outcome != "assigned" or not all(a and directory.knows(a) for a in agencies):
        return False
    if not complaint.assignments:
        return True
    if decision.lead in complaint.returned_by():
        return False
    former = {share.agency for share in complaint.assignments if share.role is Role.LEAD}
    return decision.lead not in former or complaint.bounces() + 1 < MOST_BOUNCES


def _given(change: Change, wanted: Iterable[_Wanted], desk: Desk) -> Change:
    complaint = change.complaint
    shares, told = [], []
    for agency, role, rules in wanted:
        share = _share(complaint, agency, role, desk)
        shares.append(share)
        told.append(Assigned(share.id, agency, role, share.round, rules, share.deadlines))
    return Change(
        replace(complaint, assignments=(*complaint.assignments, *shares)),
        (*change.facts, *told),
        change.ends_access,
    )


def _share(complaint: Complaint, agency: AgencyCode, role: Role, desk: Desk) -> Assignment:
    case = complaint.case
    return Assignment(
        id=desk.new_id(agency),
        agency=agency,
        role=role,
        state=AssignmentState.QUEUED,
        round=complaint.round,
        assigned_at=desk.now,
        deadlines=desk.directory.clock(
            case.mention_class, role, agency, case.received_at, desk.now
        ),
    )
