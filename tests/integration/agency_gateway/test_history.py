"""`POST /v1/history`: the two halves of an imported complaint."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from lintas.contracts.events import mentions
from lintas.contracts.events.routing import MentionForwarded
from lintas.testing.builders import NOON, complaint_id, complaint_routed, decision
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import Origin

pytestmark = pytest.mark.stack

RECEIVED = NOON - timedelta(days=900)


def at(**after: float) -> str:
    return (RECEIVED + timedelta(**after)).isoformat()


def past(number: int = 1, **told: object) -> dict[str, object]:
    return {
        "complaint_id": str(complaint_id(number)),
        "agency": "dlh",
        "category": "garbage",
        "answered_at": at(hours=5),
        "closed_at": at(hours=9),
        "target_at": at(days=3),
        **told,
    }


def said(number: int = 1):
    """Decided for another agency by the rules of today."""
    return complaint_routed(
        number,
        decision(lead="dpupr", category="road_damage"),
        origin=Origin.IMPORT,
        posted_at=RECEIVED,
        received_at=RECEIVED,
    )


async def facts(owner, number: int = 1) -> list[tuple]:
    rows = await owner.fetch(
        "SELECT type, occurred_at, body FROM history WHERE complaint_id = $1 ORDER BY seq",
        complaint_id(number),
    )
    return [
        (row["type"].split(".")[2], row["occurred_at"] - RECEIVED, orjson.loads(row["body"]))
        for row in rows
    ]


LIFE = [
    ("registered", timedelta(0)),
    ("assigned", timedelta(0)),
    ("answered_elsewhere", timedelta(hours=5)),
    ("closed", timedelta(hours=9)),
]


@pytest.mark.parametrize("first", ["mention", "past"])
async def test_a_complaint_opens_when_both_halves_are_here(gateway, owner, first):
    if first == "mention":
        await gateway.registrar.apply([said()])
        assert await facts(owner) == []
        answer = await gateway.tell([past()])
        assert [one["outcome"] for one in answer["results"]] == ["opened"]
    else:
        answer = await gateway.tell([past()])
        assert [one["outcome"] for one in answer["results"]] == ["waiting"]
        assert await facts(owner) == []
        await gateway.registrar.apply([said()])
    told = await facts(owner)
    assert [(kind, after) for kind, after, _ in told] == LIFE
    registered, assigned, answered, _ = (body for _, _, body in told)
    assert (registered["category"], registered["origin"]) == ("garbage", "import")
    assert (assigned["agency"], assigned["untimed"], assigned["deadlines"]) == ("dlh", True, [])
    assert answered["agency"] == "dlh"
    assert [due["stage"] for due in registered["deadlines"]] == ["resolution"]
    row = await owner.fetchrow("SELECT state, registered_at, text FROM complaint")
    assert (row["state"], row["text"]) == ("closed", said().mention.text)
    assert await owner.fetchval("SELECT agency FROM access") == "dlh"


async def test_the_words_wait_only_until_the_complaint_opens(gateway, owner):
    await gateway.registrar.apply([said()])
    assert await owner.fetchval("SELECT text FROM imported") == said().mention.text
    await gateway.tell([past()])
    assert tuple(await owner.fetchrow("SELECT text, text_salt, mention FROM imported")) == (
        None,
        None,
        None,
    )


async def test_halves_that_come_at_the_same_time_open_every_complaint_once(gateway, owner):
    numbers = range(1, 41)
    await asyncio.gather(
        *(
            gateway.registrar.apply([said(n) for n in numbers if n % 4 == part])
            for part in range(4)
        ),
        *(gateway.tell([past(n) for n in reversed(numbers) if n % 3 == part]) for part in range(3)),
    )
    assert await owner.fetchval("SELECT count(*) FROM complaint") == 40
    assert await owner.fetchval("SELECT count(*) FROM history") == 40 * len(LIFE)
    assert await owner.fetchval("SELECT count(*) FROM outbox") == 40 * len(LIFE)


async def test_the_same_again_changes_nothing_and_another_past_is_refused(gateway, owner):
    await gateway.registrar.apply([said()])
    await gateway.tell([past()])
    before = await facts(owner)
    again = await gateway.tell([past(), past(), past(closed_at=at(hours=10))])
    assert [one["outcome"] for one in again["results"]] == ["unchanged", "unchanged"]
    assert [(one["line"], one["errors"][0]["code"]) for one in again["rejected"]] == [
        (3, "conflict")
    ]
    await gateway.registrar.apply([said()])
    assert await facts(owner) == before
    assert await owner.fetchval("SELECT count(*) FROM complaint") == 1


async def test_a_past_that_waits_is_refused_and_kept_alike(gateway, owner):
    await gateway.tell([past()])
    again = await gateway.tell([past(), past(agency="dinkes")])
    assert [one["outcome"] for one in again["results"]] == ["unchanged"]
    assert [one["line"] for one in again["rejected"]] == [2]


async def test_what_came_live_has_no_other_past(gateway, owner):
    await gateway.registrar.apply([complaint_routed(1)])
    before = await facts(owner)
    answer = await gateway.tell([past()])
    assert (answer["accepted"], answer["rejected"][0]["errors"][0]["code"]) == (0, "conflict")
    assert await facts(owner) == before
    assert await owner.fetchval("SELECT count(*) FROM imported") == 0


@pytest.mark.parametrize(
    ("told", "pointer", "expected"),
    [
        ({"agency": "elsewhere"}, "/agency", "an agency of the directory"),
        ({"closed_at": "2015-01-01T00:00:00"}, "/closed_at", "a time with its offset"),
        ({"closed_at": "2099-01-01T00:00:00Z"}, "/closed_at", "a time in the plausible past"),
        ({"disposition": "Free text, kept for ever"}, "/disposition", ""),
        ({"category": "a b"}, "/category", ""),
        ({"status": "closed"}, "/status", ""),
        ({"complaint_id": "1"}, "/complaint_id", ""),
        ({"class": "own_post"}, "", "neither an agency nor times"),
    ],
    ids=str,
)
async def test_a_bad_line_is_named_and_fails_alone(gateway, told, pointer, expected):
    answer = await gateway.tell([past(1), past(2, **told), past(3)])
    assert [one["line"] for one in answer["results"]] == [1, 3]
    [rejected] = answer["rejected"]
    assert rejected["line"] == 2
    assert rejected["errors"][0]["pointer"] == pointer
    assert expected in rejected["errors"][0]["detail"]
    assert "Free text" not in str(answer)


async def test_old_times_and_targets_far_ahead_are_taken(gateway):
    answer = await gateway.tell(
        [past(closed_at="1961-05-01T00:00:00Z", target_at="2090-01-01T00:00:00Z")]
    )
    assert answer["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/x-ndjson", 422),
        (b"{}", "application/json", 415),
        (b"\n" * 10 + b"{}\n" * 5_001, "application/x-ndjson", 422),
    ],
    ids=["nothing", "one object", "too many lines"],
)
async def test_bodies_that_are_no_lines_are_refused(gateway, body, content_type, status):
    answer = await gateway.http.post(
        "/v1/history", content=body, headers={"Content-Type": content_type, **gateway.admin}
    )
    assert answer.status_code == status


async def test_only_the_scope_for_history_tells_it(gateway):
    line = orjson.dumps(past())
    plain = {"Content-Type": "application/x-ndjson"}
    officer = plain | await gateway.person("petugas", "dlh")
    statuses = [
        (await gateway.http.post("/v1/history", content=line, headers=headers)).status_code
        for headers in (plain, officer)
    ]
    assert statuses == [401, 403]


async def test_a_reporter_erased_before_the_past_came_leaves_no_words(gateway, owner):
    await gateway.registrar.apply([said()])
    erased = MentionForwarded(
        event_id=derived_id(complaint_id(1), "erased", 1),
        occurred_at=NOON,
        recorded_at=NOON,
        complaint_id=complaint_id(1),
        event_type=mentions.MentionErased.type,
        payload={"complaint_id": str(complaint_id(1))},
    )
    await gateway.registrar.apply([erased])
    assert await owner.fetchval("SELECT text FROM imported") is None
    await gateway.tell([past()])
    assert await owner.fetchval("SELECT text FROM complaint") is None
    assert [(kind, after) for kind, after, _ in await facts(owner)] == LIFE
