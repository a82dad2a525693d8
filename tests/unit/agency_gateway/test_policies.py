from datetime import UTC, datetime, timedelta

import pytest

from agency_gateway.domain.policies import Directory, Document
from lintas.testing.builders import NOON
from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import MentionClass, Role

OFFICE = {
    "zone": "Asia/Jakarta",
    "weekly": {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
NIGHT = OFFICE | {"weekly": {day: [["08:00", "20:00"]] for day in ("mon", "wed")}}
ALWAYS = {
    "zone": "Asia/Jakarta",
    "weekly": {d: [["00:00", "24:00"]] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
KNOWN = datetime(2026, 1, 1, tzinfo=UTC)


def document(kind, code, body, version="1", start=None, end=None, known=KNOWN) -> Document:
    return Document(kind, code, version, start, end, known, body)


def policy(code, stage, amount, unit="working_days", calendar="office", **more) -> Document:
    body = {"class": "complaint", "stage": stage, "amount": amount, "unit": unit,
            "start": "next_day", "calendar": calendar}  # fmt: skip
    return document("policy", code, body, **more)


CALENDARS = [
    document("calendar", "office", OFFICE),
    document("calendar", "always", ALWAYS),
    document("calendar", "night", NIGHT),
]


def promises(*documents: Document, received=NOON):
    directory = Directory.of([*CALENDARS, *documents], 1)
    found = directory.promises(MentionClass.COMPLAINT, received)
    return [(d.policy, d.policy_version, d.due_at.astimezone(UTC).isoformat()) for d in found]


@pytest.mark.parametrize(
    ("documents", "found"),
    [
        pytest.param([], [], id="no policy, no deadline"),
        pytest.param([policy("p", "first_response", 1)],
                     [("p", "1", "2026-03-18T09:00:00+00:00")], id="one"),
        pytest.param([policy("p", "first_response", 1, calendar="none")], [], id="no calendar"),
        pytest.param([policy("p", "escalation", 24, "hours", "always")], [], id="other stage"),
        pytest.param(
            [policy("p", "first_response", 1), policy("p", "first_response", 2, version="2")],
            [("p", "2", "2026-03-19T09:00:00+00:00")], id="published later wins",
        ),
        pytest.param(
            [policy("p", "first_response", 2, version="2", known=KNOWN + timedelta(days=9)),
             policy("p", "first_response", 1)],
            [("p", "2", "2026-03-19T09:00:00+00:00")], id="known later wins",
        ),
        pytest.param(
            [policy("old", "first_response", 1, end=NOON),
             policy("new", "first_response", 2, start=NOON)],
            [("new", "1", "2026-03-19T09:00:00+00:00")], id="in force from this moment",
        ),
        pytest.param(
            [policy("old", "first_response", 1, end=NOON + timedelta(seconds=1)),
             policy("new", "first_response", 2, start=NOON + timedelta(seconds=1))],
            [("old", "1", "2026-03-18T09:00:00+00:00")], id="in force until this moment",
        ),
        pytest.param(
            [policy("law", "first_response", 5), policy("city", "first_response", 6, "hours",
                                                        "always")],
            [("law", "1", "2026-03-24T09:00:00+00:00"), ("city", "1", "2026-03-17T11:00:00+00:00")],
            id="several at once, each with its calendar",
        ),
        pytest.param(
            [document("policy", "bad", {"class": "complaint", "stage": "verify"}),
             policy("p", "verify", 1)],
            [("p", "1", "2026-03-18T09:00:00+00:00")], id="one that cannot be read limits nothing",
        ),
    ],
)  # fmt: skip
def test_promises(documents, found):
    assert promises(*documents) == found


@pytest.mark.parametrize(
    ("agency", "unit", "due"),
    [
        pytest.param({"calendar": "night"}, "working_days", "2026-03-18T13:00:00+00:00",
                     id="working days are the agency's own"),
        pytest.param({"calendar": "none"}, "working_days", "2026-03-18T09:00:00+00:00",
                     id="an unknown calendar changes nothing"),
        pytest.param({}, "working_days", "2026-03-18T09:00:00+00:00", id="no calendar of its own"),
        pytest.param({"calendar": "night"}, "hours", "2026-03-17T06:00:00+00:00",
                     id="hours stay the policy's"),
    ],
)  # fmt: skip
def test_an_agencys_clock_counts_from_its_assignment(agency, unit, due):
    documents = [
        *CALENDARS,
        document("agency", "a", {"name": {}} | agency),
        policy("p", "first_response", 1, unit),
        policy("r", "resolution", 2, unit),
    ]
    directory = Directory.of(documents, 1)
    received = NOON - timedelta(days=30)
    of = MentionClass.COMPLAINT
    lead = directory.clock(of, Role.LEAD, AgencyCode("a"), received, NOON)
    helper = directory.clock(of, Role.CONTRIBUTOR, AgencyCode("a"), received, NOON)
    assert [d.stage for d in lead] == ["first_response", "resolution"]
    assert [d.stage for d in helper] == ["first_response"]
    assert lead[0].due_at.astimezone(UTC).isoformat() == due


def test_a_directory_that_was_asked_before_answers_as_a_new_one():
    tomorrow = NOON + timedelta(days=1)
    documents = [
        *CALENDARS,
        document("calendar", "office", NIGHT, version="2", start=tomorrow),
        policy("old", "first_response", 1, end=NOON),
        policy("new", "first_response", 2, start=NOON),
        policy("hours", "verify", 3, "hours", end=tomorrow),
    ]
    around = [turn + timedelta(seconds=s) for turn in (NOON, tomorrow) for s in (-90_000, -1, 0, 1)]
    asked = Directory.of(documents, 1)
    for moment in (*around, *reversed(around)):
        fresh = Directory.of(documents, 1)
        assert asked.promises(MentionClass.COMPLAINT, moment) == fresh.promises(
            MentionClass.COMPLAINT, moment
        )
