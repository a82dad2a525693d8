from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from lintas.contracts.events import complaints, statements
from lintas.contracts.events.complaints import Deadline
from lintas.vocabulary.terms import MentionClass, Purpose, StatementKind

pytestmark = pytest.mark.stack

C = complaints
REGISTERED, ASSIGNED = C.ComplaintRegistered, C.ComplaintAssigned
DUE = datetime(2030, 3, 25, 9, 0, tzinfo=UTC)
FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime",
    "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
}  # fmt: skip


async def test_a_request_shows_every_field_of_the_standard_and_no_other(city):
    ticket = await city.posted(lat="-6.5971", long="106.806")
    promise = Deadline(stage="resolution", due_at=DUE, policy="p", policy_version="1")
    await city.told(ticket, (REGISTERED, {"deadlines": (promise,)}), ASSIGNED, C.AssignmentAccepted)
    [request] = await city.both(f"requests/{ticket}")
    assert set(request) == FIELDS
    requested, updated = request.pop("requested_datetime"), request.pop("updated_datetime")
    assert requested <= updated
    assert request == {
        "service_request_id": ticket,
        "status": "open",
        "status_notes": "Laporan Anda sedang ditangani.",
        "service_name": "Jalan rusak",
        "service_code": "road_damage",
        "description": "Jalan berlubang\n\nJenis kerusakan: Lubang",
        "agency_responsible": "Dinas Pekerjaan Umum dan Penataan Ruang Kota Bogor",
        "service_notice": None,
        "expected_datetime": "2030-03-25T09:00:00Z",
        "address": "Jalan Pajajaran 12, Bogor Tengah, Kota Bogor",
        "address_id": None,
        "zipcode": None,
        "lat": -6.5971,
        "long": 106.806,
        "media_url": None,
    }


async def test_without_coordinates_there_are_none(city):
    [request] = await city.both(f"requests/{await city.posted()}")
    assert (request["lat"], request["long"]) == (None, None)
    assert request["address"] is not None


SOLVED = {"disposition": "solved"}
STATES = [
    pytest.param([], "open", "open", id="posted"),
    pytest.param([REGISTERED], "open", "open", id="registered"),
    pytest.param([REGISTERED, C.ComplaintTriaged], "open", "for_triage", id="triage"),
    pytest.param([REGISTERED, ASSIGNED], "open", "investigating", id="assigned"),
    pytest.param(
        [REGISTERED, ASSIGNED, C.AssignmentAccepted], "open", "in_progress", id="in progress"
    ),
    pytest.param([REGISTERED, C.ComplaintAnsweredElsewhere], "open", "in_progress", id="answered"),
    pytest.param([REGISTERED, (C.ComplaintResolved, SOLVED)], "closed", "fixed", id="resolved"),
    pytest.param(
        [REGISTERED, (C.ComplaintResolved, {"disposition": "no_proof"})],
        "closed", "no_further_action", id="resolved, though not solved",
    ),
    pytest.param([REGISTERED, (C.ComplaintClosed, SOLVED)], "closed", "closed", id="closed"),
    pytest.param(
        [REGISTERED, (C.ComplaintRejected, {"reason": "not_competent"})],
        "closed", "not_councils_responsibility", id="rejected",
    ),
    pytest.param(
        [REGISTERED, (C.ComplaintMerged, {"incident_id": uuid4()})],
        "closed", "duplicate", id="merged",
    ),
    pytest.param([REGISTERED, C.ComplaintWithdrawn], "closed", "cancelled", id="withdrawn"),
    pytest.param([REGISTERED, C.NoActionNeeded], "closed", "no_further_action", id="no action"),
    pytest.param(
        [REGISTERED, C.ComplaintClosed, (C.ComplaintReopened, {"reason": "not_solved"})],
        "open", "reopen", id="reopened",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("story", "status", "word"), STATES)
async def test_each_state_has_its_status_and_its_word(city, story, status, word):
    ticket = await city.posted()
    await city.told(ticket, *story)
    [request] = await city.both(f"requests/{ticket}", extensions="true")
    assert request["status"] == status
    assert request["extended_attributes"]["update_status"] == word
    for asked in ("open", "closed"):
        listed = await city.both("requests", status=asked)
        assert bool(listed) == (asked == status)


async def test_a_hand_off_between_agencies_changes_nothing(city):
    ticket = await city.posted()
    await city.told(ticket, REGISTERED, ASSIGNED, C.AssignmentAccepted)
    before = await city.both(f"requests/{ticket}", extensions="true")
    handed_on = {"to_agency": "dlh", "reason": "not_ours"}
    await city.told(
        ticket,
        (C.AssignmentTransferred, handed_on),
        (ASSIGNED, {"agency": "dlh"}),
        (C.RerouteRequested, {"round": 1}),
        C.ComplaintTriaged,
    )
    assert await city.both(f"requests/{ticket}", extensions="true") == before


async def many(city, number: int) -> list[str]:
    """Tickets of requests a day apart, the newest first."""
    tickets = [await city.posted(description=f"Laporan {one}") for one in range(number)]
    for age, ticket in enumerate(tickets):
        await city.database.execute(
            "UPDATE open311_request SET requested_at = now() - make_interval(days => $2)"
            " WHERE complaint_id = (SELECT complaint_id FROM complaint WHERE ticket = $1)",
            ticket,
            age,
        )
    return tickets


def ids(requests) -> list[str]:
    return [request["service_request_id"] for request in requests]


async def test_the_list_is_filtered(city):
    tickets = await many(city, 4)
    await city.told(tickets[1], (REGISTERED, {"category": "garbage"}), C.ComplaintClosed)
    await city.told(tickets[2], (REGISTERED, {"category": None}))
    day = (datetime.now(UTC) - timedelta(days=1, hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query, wanted in (
        ({}, tickets),
        ({"service_code": "garbage"}, tickets[1:2]),
        ({"service_code": "garbage, road_damage"}, tickets),
        ({"service_code": "nothing"}, []),
        ({"status": "open"}, [tickets[0], *tickets[2:]]),
        ({"status": "closed"}, tickets[1:2]),
        ({"status": "open,closed"}, tickets),
        ({"status": ""}, tickets),
        ({"start_date": day}, tickets[:2]),
        ({"end_date": day}, tickets[2:]),
        ({"page_size": "3"}, tickets[:3]),
        ({"page_size": "3", "page": "2"}, tickets[3:]),
        ({"page_size": "5000"}, tickets),
        ({"service_request_id": f"{tickets[3]},{tickets[0]}"}, [tickets[3], tickets[0]]),
        ({"service_request_id": tickets[1], "status": "open", "start_date": day}, tickets[1:2]),
        ({"service_request_id": f"{tickets[0]},BGR-2222-2222-2,x"}, tickets[:1]),
        ({"service_request_id": "BGR-0000-0000-0"}, []),
    ):
        assert ids(await city.both("requests", **query)) == wanted, query


async def test_by_default_the_last_ninety_days_are_listed(city):
    [ticket] = await many(city, 1)
    await city.database.execute("UPDATE open311_request SET requested_at = now() - interval '91 d'")
    assert await city.both("requests") == []
    assert ids(await city.both("requests", service_request_id=ticket)) == [ticket]


async def test_paging_walks_over_more_than_a_thousand_without_loss(city):
    ticket = await city.posted()
    row = "complaint_id = (SELECT complaint_id FROM complaint WHERE ticket = $1)"
    for table, columns in (
        ("complaint", "ticket || n, secret_hash, client, anonymity, key_id, received_at"),
        ("public_status", "seq, status, promised_at, updated_at"),
        (
            "open311_request",
            (
                "requested_at - make_interval(mins => n), changed_at, category, hidden,"
                " state, disposition, lead, agency, given"
            ),
        ),
    ):
        named = columns.replace("ticket || n", "ticket")
        named = named.replace("requested_at - make_interval(mins => n)", "requested_at")
        await city.database.execute(
            f"INSERT INTO {table} (complaint_id, {named})"
            f" SELECT md5(n::text)::uuid, {columns} FROM {table}, generate_series(1, 2499) AS n"
            f" WHERE {row}",
            ticket,
        )
    await city.database.execute(
        "INSERT INTO mention (mention_id, complaint_id, revision, channel, account, sealed,"
        "  received_at)"
        " SELECT md5('m' || n)::uuid, md5(n::text)::uuid, revision, channel, account, sealed,"
        f"  received_at FROM mention, generate_series(1, 2499) AS n WHERE {row}",
        ticket,
    )
    seen: list[str] = []
    for page in range(1, 6):
        answer = await city.get("requests", page=str(page), page_size="600")
        seen += ids(answer.json())
    assert len(seen) == len(set(seen)) == 2_500
    assert len((await city.get("requests")).json()) == 1_000


EXCLUDED = [
    pytest.param({"mention_class": MentionClass.OWN_POST}, id="what the city posts itself"),
    pytest.param({"mention_class": MentionClass.OTHER}, id="chatter and spam"),
]


@pytest.mark.parametrize("fields", EXCLUDED)
async def test_own_posts_and_chatter_from_elsewhere_are_not_listed(city, fields):
    answer = await city.http.post(
        "/v1/mentions",
        json={"channel": "x", "external_id": "1", "text": "Selamat pagi warga"},
        headers={"Authorization": f"Bearer {city.key}"},
    )
    ticket = answer.json()["ticket"]
    await city.told(ticket, (REGISTERED, fields))
    assert await city.both("requests") == []
    assert (await city.get(f"requests/{ticket}")).status_code == 404
    await city.told(ticket, ASSIGNED)
    assert ids(await city.both("requests")) == [ticket]


async def test_a_complaint_from_any_channel_is_listed_once_it_is_registered(city):
    answer = await city.http.post(
        "/v1/mentions",
        json={
            "channel": "x",
            "external_id": "77",
            "text": "Sampah menumpuk di pasar",
            "location": {"lat": -6.6, "lon": 106.8, "address": "Pasar Anyar"},
        },
        headers={"Authorization": f"Bearer {city.key}"},
    )
    ticket = answer.json()["ticket"]
    assert await city.both("requests") == []
    await city.told(ticket, (REGISTERED, {"category": "garbage"}))
    [request] = await city.both("requests", extensions="true")
    assert request["service_name"] == "Sampah"
    assert (request["description"], request["address"]) == (
        "Sampah menumpuk di pasar",
        "Pasar Anyar",
    )
    assert (request["lat"], request["long"]) == (-6.6, 106.8)
    assert request["extended_attributes"] == {
        "channel": "x",
        "public_status": "received",
        "update_status": "open",
        "photos": [],
    }


async def test_extensions_add_answers_and_notes(city):
    ticket = await city.posted(**{"attribute[width_m]": "1.5", "attribute[damage]": "cracks"})
    await city.told(ticket, REGISTERED, ASSIGNED, C.AssignmentAccepted)
    [request] = await city.both(f"requests/{ticket}", extensions="true")
    assert request["attributes"] == [
        {"code": "damage", "label": "Jenis kerusakan", "name": "Retak", "value": "cracks"},
        {
            "code": "width_m",
            "label": "Perkiraan lebar kerusakan",
            "name": "1.5",
            "value": "1.5",
        },
    ]
    assert [note["type"] for note in request["notes"]] == ["investigating", "in_progress"]


async def complaint_of(city, ticket: str):
    return await city.database.fetchval(
        "SELECT complaint_id FROM complaint WHERE ticket = $1", ticket
    )


def statement(kind, complaint, version: int, **fields):
    return kind(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        recorded_at=datetime.now(UTC),
        statement_id=complaint,
        version=version,
        kind=StatementKind.ANSWER,
        purpose=Purpose.LISTENING,
        agency="dpupr",
        complaint_ids=(complaint,),
        sha256="0" * 64,
        **fields,
    )


async def test_updates_tell_what_became_of_requests_in_order(city):
    ticket = await city.posted()
    await city.told(ticket, REGISTERED, ASSIGNED, C.AssignmentAccepted, C.ComplaintClosed)
    updates = await city.both("servicerequestupdates")
    assert [one["status"] for one in updates] == ["investigating", "in_progress", "closed"]
    assert {one["service_request_id"] for one in updates} == {ticket}
    assert len({one["update_id"] for one in updates}) == 3
    assert set(updates[0]) >= {
        "update_id", "service_request_id", "status", "updated_datetime", "description", "media_url"
    }  # fmt: skip
    day = timedelta(days=1)
    long_ago = {
        "start_date": (datetime.now(UTC) - 9 * day).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end_date": (datetime.now(UTC) - 8 * day).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert await city.both("servicerequestupdates", **long_ago) == []


async def test_a_published_answer_is_an_update_in_its_own_words_until_it_is_retracted(city):
    ticket = await city.posted()
    complaint = await complaint_of(city, ticket)
    await city.told(ticket, REGISTERED)
    await city.tell(
        statement(statements.StatementPublished, complaint, 1, text="Diperbaiki besok, {ticket}.")
    )
    await city.tell(
        statement(statements.StatementCorrected, complaint, 2, text="Lusa, {ticket}.", corrects=1)
    )
    [update] = await city.both("servicerequestupdates")
    address = f"https://jawab.example/pernyataan/{complaint}"
    assert update["description"] == f"Lusa, {ticket}.\n\n{address}"
    assert update["status"] == "in_progress"
    [request] = await city.both(f"requests/{ticket}")
    assert request["status_notes"].endswith(address)
    await city.tell(statement(statements.StatementRetracted, complaint, 2, reason="wrong"))
    assert await city.both("servicerequestupdates") == []
