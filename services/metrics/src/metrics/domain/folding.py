from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from lintas.vocabulary.terms import ComplaintState, Origin, Role
from metrics.domain.cases import Case, Share
from metrics.domain.facts import Kind, Step


@dataclass(slots=True)
class Story:
    """One complaint with its assignments."""

    case: Case
    shares: dict[UUID, Share] = field(default_factory=dict)


def advance(story: Story | None, steps: Iterable[Step], opened: Case | None = None) -> Story | None:
    """The story continued by the facts that follow it without a gap; its argument stays as it was.

    `steps` may come in any order, repeated, and older than the story; a fact beyond a gap changes
    nothing, so whoever keeps it may offer it again. `opened` is the complaint as its first fact
    says, where that fact is new. None while the first fact is missing.
    """
    if story is None and opened is not None:
        story = Story(opened)
    if story is None:
        return None
    by_seq = {step.seq: step for step in steps}
    following = []
    seq = story.case.seq + 1
    while seq in by_seq:
        following.append(by_seq[seq])
        seq += 1
    return replay(story, following)


def as_of(story: Story, steps: Sequence[Step], moment: datetime) -> Story | None:
    """The story as far as it had happened by `moment`; None if the complaint was not registered.

    `steps` are its facts from `seq` 2 to the story's own, in order.
    """
    if story.case.registered_at > moment:
        return None
    start = Story(story.case.at_registration())
    return replay(start, [step for step in steps if step.at <= moment])


def replay(story: Story, steps: Sequence[Step]) -> Story:
    """The story after `steps`, in the order given."""
    if not steps:
        return story
    case = replace(story.case)
    shares = {key: replace(share) for key, share in story.shares.items()}
    for step in steps:
        effect = _EFFECTS.get(step.kind)
        if effect is not None:
            effect(case, shares, step)
        case.last_at = max(case.last_at, step.at)
    case.seq = steps[-1].seq
    return Story(case, shares)


Shares = dict[UUID, Share]
Effect = Callable[[Case, Shares, Step], None]

_WAITING = frozenset({ComplaintState.REGISTERED, ComplaintState.TRIAGE, ComplaintState.ASSIGNED})
_SETTLED = frozenset({ComplaintState.RESOLVED, ComplaintState.CLOSED})


def _triaged(case: Case, _shares: Shares, _step: Step) -> None:
    case.outcome = case.outcome or "triage"
    case.state, case.lead, case.ended_at = ComplaintState.TRIAGE, None, None


def _no_action(case: Case, _shares: Shares, _step: Step) -> None:
    case.outcome = case.outcome or "no_action"
    case.state = ComplaintState.NO_ACTION


def _assigned(case: Case, shares: Shares, step: Step) -> None:
    if step.assignment_id is None or step.agency is None:
        return
    case.outcome = case.outcome or "assigned"
    case.first_assigned_at = case.first_assigned_at or step.at
    calendar, version = step.calendar or (None, None)
    shares[step.assignment_id] = Share(
        step.assignment_id,
        case.complaint_id,
        step.agency,
        step.role or Role.LEAD,
        step.at,
        calendar,
        version,
    )
    if step.role != Role.CONTRIBUTOR:
        case.lead, case.state, case.ended_at = step.agency, ComplaintState.ASSIGNED, None


def _assigned_untimed(case: Case, shares: Shares, step: Step) -> None:
    first = case.first_assigned_at
    _assigned(case, shares, step)
    # the instant of the fact is the receipt, for want of a better one: it measures nothing
    case.first_assigned_at = first


def _accepted(case: Case, shares: Shares, step: Step) -> None:
    share = _share(shares, step)
    if share is None:
        return
    share.accepted_at = share.accepted_at or step.at
    if share.role == Role.LEAD and case.state in _WAITING:
        case.state = ComplaintState.IN_PROGRESS


def _given_up(case: Case, shares: Shares, step: Step) -> None:
    share = _share(shares, step)
    if share is None:
        return
    share.ended_at = step.at
    if share.role == Role.LEAD and case.lead == share.agency:
        case.lead = None
        if case.is_open:
            # nobody has it until the next decision
            case.state = ComplaintState.REGISTERED


def _contributed(_case: Case, shares: Shares, step: Step) -> None:
    share = _share(shares, step)
    if share is not None:
        share.done_at = share.done_at or step.at


def _answered(case: Case, shares: Shares, step: Step) -> None:
    case.first_response_at = case.first_response_at or step.at
    _now_answered(case, shares, step)


def _answered_elsewhere(case: Case, shares: Shares, step: Step) -> None:
    case.answered_elsewhere_at = case.answered_elsewhere_at or step.at
    _now_answered(case, shares, step)


def _now_answered(case: Case, shares: Shares, step: Step) -> None:
    for share in shares.values():
        if share.role == Role.LEAD and share.agency == step.agency and share.ended_at is None:
            share.done_at = share.done_at or step.at
    if case.state not in _SETTLED:
        case.state, case.ended_at = ComplaintState.ANSWERED, None


def _resolved(case: Case, _shares: Shares, step: Step) -> None:
    case.resolved_at, case.state, case.ended_at = step.at, ComplaintState.RESOLVED, None


def _closed(case: Case, _shares: Shares, step: Step) -> None:
    case.state = ComplaintState.CLOSED
    if case.origin == Origin.IMPORT and case.resolved_at is None:
        # a source that knows one ending only means both by it
        case.resolved_at = step.at
    if case.resolved_at is None:
        case.ended_at = case.ended_at or step.at


def _reopened(case: Case, _shares: Shares, _step: Step) -> None:
    case.state = ComplaintState.IN_PROGRESS
    case.resolved_at = case.ended_at = None


def _left(state: ComplaintState) -> Effect:
    def effect(case: Case, _shares: Shares, step: Step) -> None:
        case.state, case.ended_at = state, step.at

    return effect


def _share(shares: Shares, step: Step) -> Share | None:
    return shares.get(step.assignment_id) if step.assignment_id is not None else None


_EFFECTS: Mapping[str, Effect] = {
    Kind.TRIAGED: _triaged,
    Kind.NO_ACTION: _no_action,
    Kind.ASSIGNED: _assigned,
    Kind.ASSIGNED_UNTIMED: _assigned_untimed,
    Kind.ACCEPTED: _accepted,
    Kind.RETURNED: _given_up,
    Kind.TRANSFERRED: _given_up,
    Kind.TAKEN_BACK: _given_up,
    Kind.CONTRIBUTED: _contributed,
    Kind.ANSWERED: _answered,
    Kind.ANSWERED_ELSEWHERE: _answered_elsewhere,
    Kind.RESOLVED: _resolved,
    Kind.CLOSED: _closed,
    Kind.REOPENED: _reopened,
    Kind.REJECTED: _left(ComplaintState.REJECTED),
    Kind.MERGED: _left(ComplaintState.MERGED),
    Kind.WITHDRAWN: _left(ComplaintState.WITHDRAWN),
}
