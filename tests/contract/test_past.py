"""What the gateway makes of an imported past, and what metrics folds from it, agree."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency_gateway.domain.complaint import Case
from agency_gateway.domain.past import Past, recall
from agency_gateway.usecases.lifecycle import GENESIS, Cause, Link, by_number, chained, first_broken
from ingest.domain.public import Shown, fold
from ingest.usecases.following import _change
from lintas.contracts.codec import decode, encode
from lintas.contracts.events import Event
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS
from lintas.messaging.handling import Received
from lintas.testing.builders import complaint_id
from lintas.vocabulary.ids import AgencyCode, MentionId, derived_id
from lintas.vocabulary.terms import (
    Anonymity,
    ComplaintState,
    MentionClass,
    Origin,
    PublicStatus,
    Stakeholder,
    Stance,
    Urgency,
)
from metrics.domain.folding import advance
from metrics.usecases.reading import to_case, to_fact

NOW = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
RECEIVED = datetime(2022, 5, 4, 3, 2, 1, tzinfo=UTC)
CASE = Case(
    id=complaint_id(1),
    ticket="BGR-00000001-0",
    mention_id=MentionId(UUID(int=1)),
    channel="media_center",
    account="a-source",
    mention_class=MentionClass.INFORMATION_REQUEST,
    category="decided_today",
    kecamatan="32.71.01",
    kelurahan=None,
    urgency=Urgency.HIGH,
    subject=None,
    stance=Stance.NEUTRAL,
    stakeholder=Stakeholder.CITIZEN,
    anonymity=Anonymity.ANONYMOUS,
    origin=Origin.IMPORT,
    posted_at=RECEIVED,
    received_at=RECEIVED,
    rules_version="1",
    model_version=None,
    places_version=None,
    text_commitment="0" * 64,
)
SILENT = Past(
    complaint_id=CASE.id,
    mention_class=MentionClass.COMPLAINT,
    category=None,
    kecamatan=None,
    kelurahan=None,
    agency=None,
    assigned_at=None,
    answered_at=None,
    resolved_at=None,
    closed_at=None,
    disposition="solved",
    target_at=None,
    unjudged=None,
)

#: around the receipt and also before it: sources contradict themselves
_moments = st.none() | st.integers(-(10**7), 10**8).map(lambda s: RECEIVED + timedelta(seconds=s))
pasts = st.builds(
    partial(replace, SILENT),
    category=st.none() | st.just("road_damage"),
    kecamatan=st.none() | st.just("genteng"),
    agency=st.none() | st.sampled_from([AgencyCode("pupr"), AgencyCode("dlh")]),
    assigned_at=_moments,
    answered_at=_moments,
    resolved_at=_moments,
    closed_at=_moments,
    target_at=_moments,
    unjudged=st.sampled_from([None, True]),
)


def told(past: Past):
    """The complaint, its facts as they stand on the topic and in the history, and the chain's end."""
    complaint, happened = recall(CASE, past, lambda agency: derived_id(CASE.id, "share", agency))
    facts, end = [], Link(0, GENESIS)
    for at, fact in happened:
        one, end = chained(complaint.case, end, [fact], Cause(at, NOW, by_number(CASE.id)))
        facts += one
    return complaint, facts, end


def record(event: Event, offset: int) -> Record:
    out = encode(event, COMPLAINTS, "agency-gateway")
    return Record(COMPLAINTS, 0, offset, 0, out.key, out.value, out.headers)


def folded(facts):
    """What metrics makes of the records."""
    records = [record(one.event.event, n) for n, one in enumerate(facts)]
    received = [Received(decode(one), one) for one in records]
    opened = to_case(received[0].event)
    return advance(None, [to_fact(one).step for one in received], opened)


@given(pasts)
def test_chain_and_fold_agree_whatever_the_source_tells(past: Past):
    complaint, facts, end = told(past)
    assert first_broken(CASE.id, [one.record for one in facts], end) is None
    assert [one.event.event.seq for one in facts] == [*range(1, len(facts) + 1)]
    assert {one.event.event.origin for one in facts} == {Origin.IMPORT}
    story = folded(facts)
    case = story.case
    assert (case.seq, case.state, case.lead) == (len(facts), complaint.state, past.agency)
    assert (case.received_at, case.registered_at) == (RECEIVED, RECEIVED)
    assert (case.answered_elsewhere_at, case.first_response_at) == (past.answered_at, None)
    assert case.resolved_at == (past.resolved_at or past.closed_at)
    assert (case.resolution_due_at, case.first_response_due_at) == (past.target_at, None)
    assert case.unjudged == past.unjudged
    assert case.first_assigned_at == (past.assigned_at if past.agency else None)
    assert (case.category, case.kecamatan) == (past.category, past.kecamatan)
    assert [share.agency for share in story.shares.values()] == [
        share.agency for share in complaint.assignments
    ]


@given(pasts)
def test_a_citizen_sees_the_status_of_the_complaints_state(past: Past):
    complaint, facts, _ = told(past)
    shown = Shown(CASE.id, 0, PublicStatus.RECEIVED, None, RECEIVED)
    for one in facts:
        shown = fold(shown, _change(one.event.event))
    expected = {
        ComplaintState.TRIAGE: PublicStatus.RECEIVED,
        ComplaintState.ASSIGNED: PublicStatus.RECEIVED,
        ComplaintState.ANSWERED: PublicStatus.ANSWERED,
        ComplaintState.RESOLVED: PublicStatus.RESOLVED,
        ComplaintState.CLOSED: PublicStatus.CLOSED,
    }
    assert shown.status is expected[complaint.state]
    assert shown.promised_at == past.target_at
    assert RECEIVED <= shown.updated_at < NOW


@pytest.mark.parametrize("mention_class", [MentionClass.OWN_POST, MentionClass.OTHER])
def test_what_needs_no_action_is_registered_so(mention_class: MentionClass):
    complaint, facts, _ = told(replace(SILENT, mention_class=mention_class))
    assert complaint.state is ComplaintState.NO_ACTION
    assert folded(facts).case.state == ComplaintState.NO_ACTION


def test_the_past_wins_over_the_rules_of_today():
    complaint, facts, _ = told(replace(SILENT, agency=AgencyCode("pupr"), target_at=NOW))
    case = complaint.case
    assert (case.mention_class, case.category, case.kecamatan) == (
        MentionClass.COMPLAINT,
        None,
        None,
    )
    assert [(due.stage, due.due_at, due.calendar) for due in case.deadlines] == [
        ("resolution", NOW, None)
    ]
    assert all(not share.deadlines for share in complaint.assignments)
    assert [one.event.event.occurred_at for one in facts] == [RECEIVED, RECEIVED]
