"""What an act returns: the complaint as it is now, and the facts that tell how it came to be."""

from dataclasses import dataclass, replace

from agency_gateway.domain.complaint import Assignment, Complaint
from agency_gateway.domain.facts import Fact, ShareWithdrawn
from agency_gateway.domain.transitions import ASSIGNMENT, COMPLAINT, AssignmentAct, ComplaintAct
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import AgencyCode


@dataclass(frozen=True, slots=True)
class Change:
    """A complaint after an act."""

    complaint: Complaint
    facts: tuple[Fact, ...] = ()
    #: agencies that may no longer see it; in every other case access stays
    ends_access: tuple[AgencyCode, ...] = ()

    def then(self, *facts: Fact) -> "Change":
        """The same with more facts."""
        return replace(self, facts=(*self.facts, *facts))


def moved(complaint: Complaint, act: ComplaintAct) -> Complaint:
    """The complaint in the state that `act` leads to; Conflict where it may not."""
    return replace(complaint, state=COMPLAINT.after(complaint.state, act))


def with_share(complaint: Complaint, share: Assignment) -> Complaint:
    """The complaint with one of its shares replaced."""
    shares = (share if known.id == share.id else known for known in complaint.assignments)
    return replace(complaint, assignments=tuple(shares))


def after(share: Assignment, act: AssignmentAct) -> Assignment:
    """The share in the state that `act` leads to; Conflict where it may not."""
    return replace(share, state=ASSIGNMENT.after(share.state, act))


def withdrawn(change: Change, share: Assignment, reason: str) -> Change:
    """One share taken back, with the fact that says so."""
    complaint = with_share(change.complaint, after(share, AssignmentAct.WITHDRAW))
    fact = ShareWithdrawn(share.id, share.agency, reason)
    return replace(change, complaint=complaint).then(fact)


def without_shares(complaint: Complaint, reason: str) -> Change:
    """Every live share taken back; their agencies may still look at the complaint."""
    change = Change(complaint)
    for share in complaint.live():
        change = withdrawn(change, share, reason)
    return change


def own_share(complaint: Complaint, agency: AgencyCode | None) -> Assignment:
    """The live share of the acting agency.

    Raises:
        NotFound: it has none, and must not learn more.
    """
    share = complaint.share_of(agency) if agency else None
    if share is None:
        raise NotFound("There is no such complaint.")
    return share


def seen_by_holders_only(change: Change) -> Change:
    """The same, where every agency without a live share loses sight of the complaint."""
    complaint = change.complaint
    if all(share.is_live for share in complaint.assignments):
        return change
    former = dict.fromkeys(share.agency for share in complaint.assignments)
    gone = tuple(agency for agency in former if complaint.share_of(agency) is None)
    return replace(change, ends_access=gone)
