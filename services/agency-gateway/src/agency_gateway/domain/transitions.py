"""Which act leads from which state to which: three tables, and nothing else decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from lintas.vocabulary.errors import Conflict
from lintas.vocabulary.terms import AssignmentState, ComplaintState, StatementState

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class ComplaintAct(StrEnum):
    """What can happen to a complaint."""

    TRIAGE = "triage"
    ASSIGN = "assign"
    DISMISS = "dismiss"
    ACCEPT = "accept"
    RETURN = "return"
    ANSWER = "answer"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class AssignmentAct(StrEnum):
    """What can happen to one agency's share."""

    ACCEPT = "accept"
    CONTRIBUTE = "contribute"
    ANSWER = "answer"
    RETURN = "return"
    WITHDRAW = "withdraw"
    FINISH = "finish"
    REOPEN = "reopen"


class StatementAct(StrEnum):
    """What can happen to one version of a statement."""

    EDIT = "edit"
    REVIEW = "review"
    CONFIRM = "confirm"
    PUBLISH = "publish"
    SUPERSEDE = "supersede"
    RETRACT = "retract"


@dataclass(frozen=True, slots=True)
class Transitions(Generic[S, A]):
    """An explicit table; what is not in it is refused."""

    #: what moves, as a refusal names it
    subject: str
    table: Mapping[tuple[S, A], S]

    def after(self, state: S, act: A) -> S:
        """The state after `act`; Conflict, naming the current state, where the table has no row."""
        following = self.table.get((state, act))
        if following is None:
            raise Conflict(
                f"The {self.subject} is {state.replace('_', ' ')}: it cannot take “{act}” now.",
                state=state.value,
            )
        return following

    def allows(self, state: S, act: A) -> bool:
        """Whether the table has a row."""
        return (state, act) in self.table


_C, _DO = ComplaintState, ComplaintAct
COMPLAINT: Transitions[ComplaintState, ComplaintAct] = Transitions(
    "complaint",
    {
        (_C.REGISTERED, _DO.TRIAGE): _C.TRIAGE,
        (_C.REGISTERED, _DO.ASSIGN): _C.ASSIGNED,
        (_C.REGISTERED, _DO.DISMISS): _C.NO_ACTION,
        (_C.TRIAGE, _DO.TRIAGE): _C.TRIAGE,
        (_C.TRIAGE, _DO.ASSIGN): _C.ASSIGNED,
        (_C.TRIAGE, _DO.DISMISS): _C.NO_ACTION,
        (_C.TRIAGE, _DO.REJECT): _C.REJECTED,
        (_C.TRIAGE, _DO.WITHDRAW): _C.WITHDRAWN,
        (_C.ASSIGNED, _DO.ASSIGN): _C.ASSIGNED,
        (_C.ASSIGNED, _DO.ACCEPT): _C.IN_PROGRESS,
        (_C.ASSIGNED, _DO.RETURN): _C.TRIAGE,
        (_C.ASSIGNED, _DO.DISMISS): _C.NO_ACTION,
        (_C.ASSIGNED, _DO.REJECT): _C.REJECTED,
        (_C.ASSIGNED, _DO.WITHDRAW): _C.WITHDRAWN,
        (_C.IN_PROGRESS, _DO.ASSIGN): _C.ASSIGNED,
        (_C.IN_PROGRESS, _DO.RETURN): _C.TRIAGE,
        (_C.IN_PROGRESS, _DO.ANSWER): _C.ANSWERED,
        (_C.IN_PROGRESS, _DO.REJECT): _C.REJECTED,
        (_C.IN_PROGRESS, _DO.WITHDRAW): _C.WITHDRAWN,
        (_C.ANSWERED, _DO.ANSWER): _C.ANSWERED,
        (_C.ANSWERED, _DO.RESOLVE): _C.RESOLVED,
        (_C.ANSWERED, _DO.WITHDRAW): _C.WITHDRAWN,
        (_C.RESOLVED, _DO.CLOSE): _C.CLOSED,
        (_C.RESOLVED, _DO.REOPEN): _C.IN_PROGRESS,
        (_C.CLOSED, _DO.REOPEN): _C.IN_PROGRESS,
        (_C.NO_ACTION, _DO.ASSIGN): _C.ASSIGNED,
        (_C.REJECTED, _DO.ASSIGN): _C.ASSIGNED,
    },
)

_A, _SHARE = AssignmentState, AssignmentAct
ASSIGNMENT: Transitions[AssignmentState, AssignmentAct] = Transitions(
    "assignment",
    {
        (_A.QUEUED, _SHARE.ACCEPT): _A.ACCEPTED,
        (_A.QUEUED, _SHARE.RETURN): _A.RETURNED,
        (_A.QUEUED, _SHARE.WITHDRAW): _A.WITHDRAWN,
        (_A.ACCEPTED, _SHARE.CONTRIBUTE): _A.CONTRIBUTED,
        (_A.ACCEPTED, _SHARE.ANSWER): _A.ANSWERED,
        (_A.ACCEPTED, _SHARE.RETURN): _A.RETURNED,
        (_A.ACCEPTED, _SHARE.WITHDRAW): _A.WITHDRAWN,
        (_A.CONTRIBUTED, _SHARE.CONTRIBUTE): _A.CONTRIBUTED,
        (_A.CONTRIBUTED, _SHARE.WITHDRAW): _A.WITHDRAWN,
        (_A.CONTRIBUTED, _SHARE.FINISH): _A.DONE,
        (_A.ANSWERED, _SHARE.ANSWER): _A.ANSWERED,
        (_A.ANSWERED, _SHARE.WITHDRAW): _A.WITHDRAWN,
        (_A.ANSWERED, _SHARE.FINISH): _A.DONE,
        (_A.ANSWERED, _SHARE.REOPEN): _A.ACCEPTED,
        (_A.DONE, _SHARE.REOPEN): _A.ACCEPTED,
        (_A.DONE, _SHARE.WITHDRAW): _A.WITHDRAWN,
    },
)

_T, _WITH = StatementState, StatementAct
STATEMENT: Transitions[StatementState, StatementAct] = Transitions(
    "statement",
    {
        (_T.DRAFT, _WITH.EDIT): _T.DRAFT,
        (_T.DRAFT, _WITH.REVIEW): _T.IN_REVIEW,
        (_T.IN_REVIEW, _WITH.EDIT): _T.DRAFT,
        (_T.IN_REVIEW, _WITH.CONFIRM): _T.CONFIRMED,
        (_T.CONFIRMED, _WITH.EDIT): _T.DRAFT,
        (_T.CONFIRMED, _WITH.PUBLISH): _T.PUBLISHED,
        (_T.PUBLISHED, _WITH.SUPERSEDE): _T.CORRECTED,
        (_T.PUBLISHED, _WITH.RETRACT): _T.RETRACTED,
    },
)
