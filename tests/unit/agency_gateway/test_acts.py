from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agency_gateway.domain import acts, facts, reporter
from agency_gateway.domain.acts import Order
from agency_gateway.domain.complaint import Complaint
from agency_gateway.domain.refusals import OutstandingContribution, TransferFrozen
from agency_gateway.domain.routing import Decision, apply_round, open_complaint
from agency_gateway.domain.statement import Statement, Wording, answer
from lintas.testing.builders import NOON
from lintas.vocabulary.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from lintas.vocabulary.terms import (
    AssignmentState,
    ComplaintState,
    Purpose,
    Role,
    StatementKind,
    StatementState,
)


@pytest.fixture
def opened(case, desk):
    """A complaint led by a, with b to help."""
    return open_complaint(case, Decision("assigned", 0, "a", ("b",)), desk).complaint


def names(change) -> list[str]:
    return [type(fact).__name__ for fact in change.facts]


def assigned(complaint, desk, lead, *helpers):
    return acts.assign(complaint, Order(lead, helpers, "coordinator"), desk).complaint


def test_opening_tells_the_registration_first_and_the_lead_before_contributors(case, desk):
    change = open_complaint(case, Decision("assigned", 0, "a", ("b", "b", "a", "c")), desk)
    assert names(change) == ["Registered", "Assigned", "Assigned", "Assigned"]
    assert [(s.agency, s.role) for s in change.complaint.assignments] == [
        *(("a", Role.LEAD), ("b", Role.CONTRIBUTOR), ("c", Role.CONTRIBUTOR)),
    ]


def test_the_rules_that_chose_an_agency_are_in_its_fact(case, desk):
    rules = {"a": ("r1",), None: ("r0",), "b": ("r2",)}
    change = open_complaint(case, Decision("assigned", 0, "a", ("b",), rules), desk)
    assert [fact.rules for fact in change.facts[1:]] == [("r1", "r0"), ("r2",)]


@pytest.mark.parametrize(
    "decided",
    [
        Decision("triage"),
        Decision("assigned", 0, None),
        Decision("assigned", 0, "zz"),
        Decision("assigned", 0, "a", ("zz",)),
    ],
)
def test_what_cannot_be_followed_reaches_triage(case, desk, decided):
    change = open_complaint(case, decided, desk)
    assert change.complaint.state is ComplaintState.TRIAGE
    assert names(change) == ["Registered", "Triaged"]


def test_work_begins_with_the_leads_word_not_a_contributors(opened):
    helped = acts.accept(opened, "b", NOON).complaint
    assert helped.state is ComplaintState.ASSIGNED
    assert acts.accept(helped, "a", NOON).complaint.state is ComplaintState.IN_PROGRESS


@pytest.mark.parametrize("agency", ["c", None])
def test_who_has_no_share_finds_no_complaint(opened, agency):
    for act in (
        lambda: acts.accept(opened, agency, NOON),
        lambda: acts.give_back(opened, agency, "not_ours"),
        lambda: acts.contribute(opened, agency),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_lead_does_not_contribute_and_a_contributor_does_not_settle(opened):
    working = acts.accept(opened, "a", NOON).complaint
    with pytest.raises(Conflict):
        acts.contribute(working, "a")
    with pytest.raises(Forbidden):
        acts.resolve(working, "b", "solved", override=False)


def test_a_contributor_that_returns_leaves_the_rest_alone(opened):
    change = acts.give_back(opened, "b", "not_ours")
    assert (change.complaint.state, change.ends_access) == (ComplaintState.ASSIGNED, ("b",))
    assert names(change) == ["Returned"]


def test_a_lead_that_returns_asks_the_router_again_without_it(opened, desk):
    change = acts.give_back(opened, "a", "not_ours")
    assert names(change) == ["Returned", "Triaged", "RerouteAsked"]
    assert change.facts[-1] == facts.RerouteAsked(1, ("a",))
    assert change.complaint.awaiting_round == 1
    again = apply_round(change.complaint, Decision("assigned", 1, "a"), desk)
    assert again.complaint.state is ComplaintState.TRIAGE
    right = apply_round(change.complaint, Decision("assigned", 1, "b", ("c",)), desk)
    assert {(s.agency, s.role) for s in right.complaint.live()} == {
        *(("b", Role.LEAD), ("c", Role.CONTRIBUTOR)),
    }
    assert right.ends_access == ("a",)


@pytest.mark.parametrize("round_", [0, 2])
def test_a_decision_of_another_round_is_ignored(opened, desk, round_):
    asked = acts.give_back(opened, "a", "not_ours").complaint
    assert apply_round(asked, Decision("assigned", round_, "c"), desk) is None
    assert apply_round(opened, Decision("assigned", round_, "c"), desk) is None


def test_a_coordinator_takes_an_open_request_back(opened, desk):
    asked = acts.give_back(opened, "a", "not_ours").complaint
    decided = assigned(asked, desk, "c")
    assert apply_round(decided, Decision("assigned", 1, "d"), desk) is None


def bounced(opened, desk) -> Complaint:
    """a → b → a → b, each time by a return and a coordinator's word."""
    complaint = opened
    for holder, following in (("a", "b"), ("b", "a"), ("a", "b")):
        complaint = acts.give_back(complaint, holder, "not_ours").complaint
        complaint = assigned(complaint, desk, following)
    return complaint


def test_the_second_return_to_a_former_holder_freezes_transfers(opened, desk):
    complaint = bounced(opened, desk)
    assert complaint.bounces() == 2
    with pytest.raises(TransferFrozen):
        acts.give_back(complaint, "b", "not_ours")
    moved = assigned(complaint, desk, "c")
    assert acts.give_back(moved, "c", "not_ours").complaint.state is ComplaintState.TRIAGE


def test_the_router_cannot_bring_about_the_second_return(opened, desk):
    complaint = opened
    for holder, following in (("a", "b"), ("b", "a")):
        complaint = acts.give_back(complaint, holder, "not_ours").complaint
        complaint = assigned(complaint, desk, following)
    # a former holder that never said "not ours", so the list of returns does not exclude it
    complaint = assigned(assigned(complaint, desk, "c"), desk, "d")
    asked = acts.give_back(complaint, "d", "not_ours").complaint
    change = apply_round(asked, Decision("assigned", asked.round, "c"), desk)
    assert change.complaint.state is ComplaintState.TRIAGE


def test_a_coordinators_order_names_agencies_of_the_city(opened, desk):
    with pytest.raises(Invalid) as refused:
        acts.assign(opened, Order("zz", ("c", "yy"), "x"), desk)
    assert [error.pointer for error in refused.value.errors] == ["/lead", "/contributors/1"]


def test_help_can_be_added_without_changing_the_lead(opened, desk):
    change = acts.assign(opened, Order(None, ("b", "c"), "x"), desk)
    assert [fact.agency for fact in change.facts] == ["c"]
    with pytest.raises(Conflict):
        acts.assign(change.complaint, Order("a", ("b", "c"), "x"), desk)


def test_a_complaint_without_a_lead_needs_one(case, desk):
    waiting = open_complaint(case, Decision("triage"), desk).complaint
    with pytest.raises(Invalid):
        acts.assign(waiting, Order(None, ("b",), "x"), desk)


def settled(complaint: Complaint) -> Complaint:
    """As if the lead had answered."""
    working = acts.accept(complaint, "a", NOON).complaint
    shares = tuple(
        replace(share, state=AssignmentState.ANSWERED) if share.role is Role.LEAD else share
        for share in working.assignments
    )
    return replace(working, state=ComplaintState.ANSWERED, assignments=shares)


def test_settling_waits_for_contributors_or_a_reason(opened):
    answered = settled(opened)
    with pytest.raises(OutstandingContribution, match="b"):
        acts.resolve(answered, "a", "solved", override=False)
    change = acts.resolve(answered, "a", "solved", override=True)
    assert names(change) == ["ShareWithdrawn", "Resolved"]


def test_closing_ends_every_share_and_reopening_brings_the_lead_back(opened, desk):
    resolved = acts.resolve(settled(opened), None, "solved", override=True).complaint
    closed = acts.close(resolved, None, "solved").complaint
    assert {share.state for share in closed.live()} == {AssignmentState.DONE}
    back = acts.reopen(closed, "a", "again").complaint
    assert back.state is ComplaintState.IN_PROGRESS
    assert back.lead.state is AssignmentState.ACCEPTED


def test_dismissing_and_rejecting_take_shares_back_but_not_sight(opened):
    for change in (acts.dismiss(opened), acts.reject(opened, "not_competent", "pln")):
        assert not list(change.complaint.live())
        assert change.ends_access == ()


def test_only_the_first_post_withdraws_the_complaint(opened, case):
    other = replace(case, mention_id=case.id)
    assert reporter.take_back(opened, other.mention_id) is None
    gone = reporter.take_back(opened, case.mention_id)
    assert names(gone) == ["ShareWithdrawn", "ShareWithdrawn", "TakenBack"]
    assert reporter.take_back(gone.complaint, case.mention_id) is None


AGENCIES = ("a", "b", "c", "d", "e")
#: act → what it does for an agency and another one
ATTEMPTS = {
    "accept": lambda c, _desk, a, _b: acts.accept(c, a, NOON),
    "return": lambda c, _desk, a, _b: acts.give_back(c, a, "not_ours"),
    "contribute": lambda c, _desk, a, _b: acts.contribute(c, a),
    "assign": lambda c, desk, a, b: acts.assign(c, Order(a, (b,), "x"), desk),
    "help": lambda c, desk, _a, b: acts.assign(c, Order(None, (b,), "x"), desk),
    "dismiss": lambda c, _desk, _a, _b: acts.dismiss(c),
    "reject": lambda c, _desk, _a, _b: acts.reject(c, "not_competent", None),
    "answer": lambda c, _desk, a, b: answer(c, published(a), override=b == "b"),
    "resolve": lambda c, _desk, _a, b: acts.resolve(c, None, "solved", override=b == "b"),
    "close": lambda c, _desk, _a, _b: acts.close(c, None, "solved"),
    "reopen": lambda c, _desk, _a, _b: acts.reopen(c, None, "again"),
    "route": lambda c, desk, a, b: apply_round(c, Decision("assigned", c.round, a, (b,)), desk),
}
STEPS = st.tuples(
    st.sampled_from(list(ATTEMPTS)), st.sampled_from(AGENCIES), st.sampled_from(AGENCIES)
)


def published(agency: str) -> Statement:
    return Statement(
        id="s",
        kind=StatementKind.ANSWER,
        purpose=Purpose.LISTENING,
        agency=agency,
        version=1,
        state=StatementState.PUBLISHED,
        wording=Wording("x", "hash"),
        authors=frozenset({"ani"}),
    )


# the complaint the fixture gives is frozen, so every example begins with the same
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=40))
def test_whatever_happens_a_complaint_stays_whole(opened, desk, steps):
    complaint = opened
    for act, agency, other in steps:
        before = complaint
        try:
            change = ATTEMPTS[act](complaint, desk, agency, other)
        except DomainError:
            continue
        if change is None:
            continue
        complaint = change.complaint
        live = list(complaint.live())
        assert change.facts
        assert len({share.agency for share in live}) == len(live)
        assert sum(share.role is Role.LEAD for share in live) <= 1
        # who loses sight has no share any more, and shares are never forgotten
        assert not {share.agency for share in live} & set(change.ends_access)
        assert [s.id for s in complaint.assignments][: len(before.assignments)] == [
            share.id for share in before.assignments
        ]
        if complaint.state in {ComplaintState.ASSIGNED, ComplaintState.IN_PROGRESS}:
            assert complaint.lead is not None
