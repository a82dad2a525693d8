"""What the reporter does after the first mention."""

from agency_gateway.domain import facts
from agency_gateway.domain.change import Change, moved, without_shares
from agency_gateway.domain.complaint import Complaint
from agency_gateway.domain.transitions import COMPLAINT, ComplaintAct
from lintas.vocabulary.ids import MentionId


def reply(complaint: Complaint, mention_id: MentionId) -> Change:
    """The reporter said more; the state stays, an officer reads it."""
    return Change(complaint, (facts.Replied(mention_id),))


def rate(complaint: Complaint, *, solved: bool | None, rating: int | None) -> Change:
    """The reporter said whether the answer helped."""
    return Change(complaint, (facts.Rated(solved, rating),))


def take_back(complaint: Complaint, mention_id: MentionId) -> Change | None:
    """The reporter deleted the first post; None where another post is meant or it is over already."""
    if mention_id != complaint.case.mention_id:
        return None
    if not COMPLAINT.allows(complaint.state, ComplaintAct.WITHDRAW):
        return None
    change = without_shares(moved(complaint, ComplaintAct.WITHDRAW), "reporter_withdrew")
    return change.then(facts.TakenBack())
