import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from agency_gateway.consumer import follow_routing
from agency_gateway.domain.refusals import UnknownComplaint
from agency_gateway.usecases.routing import Registrar
from lintas.contracts.codec import decode
from lintas.contracts.events import mentions
from lintas.contracts.events.complaints import LifecycleEvent
from lintas.contracts.events.routing import MentionForwarded, Outcome
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, ROUTING
from lintas.messaging.handling import Park, Poison, Received
from lintas.testing.builders import (
    NOON,
    complaint_id,
    complaint_routed,
    decision,
    mention,
    with_help,
)
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import MentionClass

pytestmark = pytest.mark.stack


async def published(owner) -> list[LifecycleEvent]:
    """Everything in the outbox, as a reader of the topic would decode it."""
    rows = await owner.fetch("SELECT id, key, value, headers FROM outbox ORDER BY id")
    events = []
    for row in rows:
        headers = tuple((name, value.encode()) for name, value in orjson.loads(row["headers"]))
        events.append(
            decode(Record(COMPLAINTS, 0, row["id"], 0, row["key"], row["value"], headers))
        )
    return events


def forwarded(number: int, kind: type, n: int = 1, **payload) -> MentionForwarded:
    return MentionForwarded(
        event_id=derived_id(complaint_id(number), kind.type, n),
        occurred_at=NOON + timedelta(hours=n),
        recorded_at=NOON + timedelta(hours=n),
        complaint_id=complaint_id(number),
        event_type=kind.type,
        payload={"complaint_id": str(complaint_id(number)), **payload},
    )


def followed_up(number: int, n: int = 1, text: str = "Masih berlubang"):
    said = mention(1000 + n, text=text).model_dump(mode="json")
    return forwarded(number, mentions.MentionFollowedUp, n, mention=said)


async def test_a_decision_opens_a_complaint_with_its_agencies_and_deadlines(registrar, owner):
    await registrar.apply([complaint_routed(1, decision(contributors=with_help("dlh")))])
    registered, lead, helper = await published(owner)
    assert [event.seq for event in (registered, lead, helper)] == [1, 2, 3]
    assert registered.received_at == NOON
    assert (lead.agency, lead.role, helper.agency, helper.role) == (
        *("dpupr", "lead"),
        *("dlh", "contributor"),
    )
    # Tuesday 17 March: day 1 is Wednesday; hours end at 16:00 WIB
    assert [(d.stage, d.due_at.isoformat()) for d in registered.deadlines] == [
        ("verify", "2026-03-20T09:00:00+00:00"),
        ("first_response", "2026-03-24T09:00:00+00:00"),
        ("resolution", "2026-04-06T09:00:00+00:00"),
    ]
    assert [d.stage for d in lead.deadlines] == ["first_response", "resolution"]
    assert [d.stage for d in helper.deadlines] == ["first_response"]
    assert registered.previous_hash == "0" * 64
    assert lead.previous_hash == registered.hash
    assert helper.previous_hash == lead.hash


@pytest.mark.parametrize(
    ("decided", "state", "facts"),
    [
        pytest.param({}, "assigned", ["registered", "assigned"], id="assigned"),
        pytest.param(
            {"outcome": Outcome.TRIAGE, "lead": None}, "triage", ["registered", "triaged"],
            id="no rule matched",
        ),
        pytest.param(
            {"lead": "moonbase"}, "triage", ["registered", "triaged"], id="unknown lead"
        ),
        pytest.param(
            {"contributors": with_help("moonbase")}, "triage", ["registered", "triaged"],
            id="unknown contributor",
        ),
        pytest.param(
            {"outcome": Outcome.NO_ACTION, "mention_class": MentionClass.OTHER, "lead": None},
            "no_action", ["registered", "no_action"], id="thanks",
        ),
    ],
)  # fmt: skip
async def test_outcomes(registrar, owner, decided, state, facts):
    await registrar.apply([complaint_routed(1, decision(**decided))])
    assert await owner.fetchval("SELECT state FROM complaint") == state
    assert [event.type.split(".")[2] for event in await published(owner)] == facts


async def test_no_action_needed_has_no_deadline(registrar, owner):
    await registrar.apply([complaint_routed(1, decision(outcome=Outcome.NO_ACTION, lead=None))])
    assert (await published(owner))[0].deadlines == ()


async def test_a_class_without_policies_has_no_deadline_and_comes_last_in_the_queue(
    registrar, owner
):
    await registrar.apply([complaint_routed(1, decision(mention_class=MentionClass.ASPIRATION))])
    assert all(event.deadlines == () for event in await published(owner))
    assert (await owner.fetchval("SELECT due_at FROM assignment")).year == 9999


async def test_registering_twice_is_registering_once(registrar, owner):
    batch = [complaint_routed(n) for n in range(40)]
    await registrar.apply(batch)
    await registrar.apply(batch + batch)
    await asyncio.gather(*(registrar.apply(batch) for _ in range(3)))
    rows = await owner.fetchrow(
        "SELECT (SELECT count(*) FROM complaint), (SELECT count(*) FROM history),"
        " (SELECT count(*) FROM outbox), (SELECT count(*) FROM assignment),"
        " (SELECT count(*) FROM access)"
    )
    assert tuple(rows) == (40, 80, 80, 40, 40)


async def test_a_complaint_opens_once_even_under_another_event_id(registrar, owner):
    event = complaint_routed(1)
    other = event.model_copy(update={"event_id": derived_id(event.event_id, "again")})
    await registrar.apply([event, other])
    await registrar.apply([event.model_copy(update={"event_id": derived_id(event.event_id, "x")})])
    assert await owner.fetchval("SELECT count(*) FROM history") == 2


async def test_event_ids_are_derived_from_the_decision(work, city, owner):
    first = Registrar(work, city)
    await first.apply([complaint_routed(1)])
    before = [event.event_id for event in await published(owner)]
    assert before == [derived_id(complaint_routed(1).event_id, "fact", n) for n in (1, 2)]


async def test_a_batch_that_fails_leaves_nothing_behind(registrar, owner):
    with pytest.raises(UnknownComplaint):
        await registrar.apply([complaint_routed(1), followed_up(2)])
    assert await owner.fetchval("SELECT count(*) FROM inbox") == 0
    assert await owner.fetchval("SELECT count(*) FROM complaint") == 0


async def test_what_the_reporter_says_later_is_told_and_kept(registrar, owner):
    await registrar.apply([complaint_routed(1), followed_up(1), followed_up(1, 2)])
    edit = forwarded(
        1,
        mentions.MentionEdited,
        3,
        mention=mention(1, text="Lubang besar", revision="1").model_dump(mode="json"),
    )
    with_its_file = forwarded(
        1, mentions.MentionEdited, 5, mention=mention(1).model_dump(mode="json")
    )
    feedback = forwarded(1, mentions.FeedbackGiven, 4, solved=False, rating=2)
    await registrar.apply([edit, with_its_file, feedback])
    kinds = [event.type.split(".")[2] for event in await published(owner)]
    assert kinds == ["registered", "assigned", "reporter_replied", "reporter_replied",
                     "feedback_recorded"]  # fmt: skip
    told = await owner.fetch("SELECT kind, text FROM message ORDER BY received_at, kind")
    assert sorted(row["kind"] for row in told) == ["edited", "followed_up", "followed_up"]


async def test_a_withdrawn_complaint_ends_and_its_text_is_hidden(registrar, owner):
    gone = forwarded(1, mentions.MentionWithdrawn, mention_id=str(mention(1).mention_id))
    await registrar.apply([complaint_routed(1), gone, gone])
    row = await owner.fetchrow("SELECT state, text_hidden, text FROM complaint")
    assert (row["state"], row["text_hidden"]) == ("withdrawn", True)
    assert row["text"]
    assert await owner.fetchval("SELECT state FROM assignment") == "withdrawn"


async def test_erasure_forgets_every_word_and_leaves_the_chain(registrar, owner):
    erased = forwarded(1, mentions.MentionErased)
    await registrar.apply([complaint_routed(1), followed_up(1, text="kanari-kuning"), erased])
    words = await owner.fetchval(
        "SELECT string_agg(coalesce(t, ''), '') FROM (SELECT text AS t FROM complaint UNION ALL"
        " SELECT text FROM message) w"
    )
    assert words == ""
    assert await owner.fetchval("SELECT text_salt FROM complaint") is None
    assert await owner.fetchval("SELECT text_commitment FROM complaint")


async def test_erasure_of_one_mention_leaves_what_others_said(registrar, owner):
    later = [followed_up(1, 1, "kanari-kuning"), followed_up(1, 2, "kanari-biru")]
    gone = later[0].payload["mention"]["mention_id"]
    erased = forwarded(1, mentions.MentionErased, mention_id=gone)
    await registrar.apply([complaint_routed(1, text="kanari-hijau"), *later, erased])
    said = {row["text"] for row in await owner.fetch("SELECT text FROM message")}
    assert said == {None, "kanari-biru"}
    assert await owner.fetchval("SELECT text FROM complaint") == "kanari-hijau"


async def test_erasure_reaches_the_answers_kept_for_repeated_requests(gateway, registrar, owner):
    await registrar.apply([complaint_routed(1, text="kanari-hijau"), complaint_routed(2)])
    who = await gateway.key("dpupr")
    await gateway.post("/v1/agencies/dpupr/claims", {"max": 1}, who)
    await gateway.post(f"/v1/complaints/{complaint_id(1)}/accept", {}, who)
    kept = "SELECT count(*) FROM answered_request WHERE body LIKE '%kanari-hijau%'"
    assert await owner.fetchval(kept) > 0
    await registrar.apply([forwarded(1, mentions.MentionErased)])
    assert await owner.fetchval(kept) == 0


HOW = {
    "public": False,
    "suspected": "wave",
    "hashtags": ["jalanrusak"],
    "handles": ["pemkotbogor"],
    "place_hints": ["Jalan Sancang"],
    "location": {"lat": -6.59, "lon": 106.8, "address": "Jl. Sancang 4"},
    "media": [
        {"reference": "r", "media_type": "image/jpeg", "sha256": "0" * 64, "size_bytes": 2048}
    ],
    "reply": {
        "in_public": False,
        "until": "2026-03-18T05:00:00Z",
        "in_private": [{"way": "free", "until": None}],
    },
}
SHOWN = {
    "public": False,
    "joined": None,
    "suspected": "wave",
    "hashtags": ["jalanrusak"],
    "handles": ["pemkotbogor"],
    "place_hints": ["Jalan Sancang"],
    "address": "Jl. Sancang 4",
    "lat": -6.59,
    "lon": 106.8,
    "media": [{"media_type": "image/jpeg", "size_bytes": 2048, "sha256": "0" * 64}],
    "reply_in_public": False,
    "reply_until": "2026-03-18T05:00:00Z",
    "reply_in_private": [{"way": "free", "until": None}],
}


async def seen(gateway) -> dict[str, Any]:
    """Complaint 1 as an officer of its agency is shown it."""
    answer = await gateway.get(f"/v1/complaints/{complaint_id(1)}", await gateway.key("dpupr"))
    assert answer.status_code == 200
    return answer.json()


async def test_officers_see_how_and_where_it_was_said_until_it_is_taken_back_or_erased(
    gateway, registrar
):
    stranger = followed_up(1)
    stranger.payload["mention"] |= {"joined": "ticket", "public": True}
    await registrar.apply([complaint_routed(1, **HOW), stranger])
    shown = await seen(gateway)
    assert shown["said"] == SHOWN
    [message] = shown["messages"]
    assert (message["said"]["joined"], message["said"]["public"]) == ("ticket", True)

    gone = stranger.payload["mention"]["mention_id"]
    await registrar.apply([forwarded(1, mentions.MentionErased, 1, mention_id=gone)])
    shown = await seen(gateway)
    assert (shown["said"], shown["messages"][0]["said"]) == (SHOWN, None)
    await registrar.apply([forwarded(1, mentions.MentionErased, 2)])
    assert (await seen(gateway))["said"] is None


async def test_what_is_taken_back_shows_no_more_how_it_was_said(gateway, registrar):
    gone = forwarded(1, mentions.MentionWithdrawn, mention_id=str(mention(1).mention_id))
    await registrar.apply([complaint_routed(1, **HOW)])
    before = await seen(gateway)
    await registrar.apply([gone])
    answer = await gateway.get(f"/v1/complaints/{complaint_id(1)}", await gateway.key("dpupr"))
    assert before["said"] == SHOWN
    assert "Sancang" not in answer.text


async def test_no_words_reach_the_topic_or_the_history(registrar, owner):
    await registrar.apply([complaint_routed(1, text="kanari-merah"), followed_up(1)])
    kept = await owner.fetch("SELECT convert_from(value, 'UTF8') AS v FROM outbox")
    kept += await owner.fetch("SELECT body AS v FROM history")
    assert kept
    assert not any("kanari" in row["v"] or "berlubang" in row["v"] for row in kept)


@pytest.mark.parametrize(
    ("event", "instruction"),
    [
        pytest.param(followed_up(7), Park, id="not open yet"),
        pytest.param(complaint_routed(7, decision(round=1)), Park, id="later round, not open"),
        pytest.param(
            forwarded(1, mentions.MentionFollowedUp, mention="no mention"), Poison, id="no mention"
        ),
        pytest.param(forwarded(1, mentions.MentionWithdrawn, mention_id="x"), Poison, id="no id"),
        pytest.param(forwarded(1, mentions.FeedbackGiven, rating="5"), Poison, id="rating as text"),
        pytest.param(complaint_routed(7, text="a\x00b"), Poison, id="NUL in the text"),
        pytest.param(followed_up(1, text="a\x00b"), Poison, id="NUL in a reply"),
    ],
)
async def test_an_event_that_cannot_be_applied_says_what_to_do(
    registrar, owner, event, instruction
):
    await registrar.apply([complaint_routed(1)])
    process = follow_routing(registrar)
    with pytest.raises(instruction):
        await process([Received(event, Record(ROUTING, 0, 0, 0, None, None))])
    assert await owner.fetchval("SELECT count(*) FROM history") == 2


async def test_seq_has_no_gap_under_concurrency(registrar, gateway, owner):
    await gateway.register(1, contributors=with_help("dlh"))
    ani, citra = await gateway.person("ani", "dpupr"), await gateway.person("citra", "dlh")
    await gateway.act(1, "accept", ani)
    await gateway.act(1, "accept", citra)
    path = f"/v1/complaints/{complaint_id(1)}"
    replies = [registrar.apply([followed_up(1, n)]) for n in range(20)]
    gifts = [
        gateway.post(f"{path}/contributions", {"text": f"Bagian {n}"}, citra) for n in range(8)
    ]
    notes = [gateway.post(f"{path}/notes", {"text": f"Catatan {n}"}, ani) for n in range(8)]
    done = await asyncio.gather(*replies, *gifts, *notes)
    assert {answer.status_code for answer in done if answer is not None} == {201}
    numbers = await owner.fetch("SELECT seq FROM history ORDER BY seq")
    assert [row["seq"] for row in numbers] == list(range(1, 5 + 20 + 8 + 1))
    assert (await gateway.get(f"/v1/audit/{complaint_id(1)}", ani)).json()["verified"] is True


async def test_published_documents_count_from_the_next_batch_on(gateway, registrar, owner):
    await gateway.register(1, lead="satpolpp")
    document = {
        "version": "1",
        "known_from": "2026-01-01T00:00:00+07:00",
        "body": {"name": {"id": "Satpol PP", "en": "Civil police"}},
    }
    answer = await gateway.http.put(
        "/v1/directory/agency/satpolpp", json=document, headers=gateway.admin
    )
    assert answer.status_code == 201
    await gateway.register(2, lead="satpolpp")
    states = await owner.fetch("SELECT id, state FROM complaint")
    assert {row["id"]: row["state"] for row in states} == {
        complaint_id(1): "triage",
        complaint_id(2): "assigned",
    }
