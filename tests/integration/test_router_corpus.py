"""The corpus on the real broker and database: what it keeps, lets go of, and is good for."""

import json
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from tests.routers import eventually, running
from tests.suggesters import suggester

from lintas.contracts.codec import encode
from lintas.contracts.events import complaints, mentions
from lintas.contracts.events.routing import MentionForwarded
from lintas.contracts.records import OutRecord
from lintas.contracts.topics import COMPLAINTS, ROUTING, quarantine_topic
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.testing.builders import complaint_id, complaint_routed, decision, mention
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import Anonymity, MentionClass, Role
from lintas_local.stack import Stack
from router.app import migrate

pytestmark = pytest.mark.stack

#: nothing else of this suite was received then
DAY = datetime(2026, 6, 1, tzinfo=UTC)
HASH = "0" * 64


@dataclass
class Place:
    """A running router, what it reads from, and a look into its database."""

    stack: Stack
    producer: KafkaProducer
    database: asyncpg.Connection
    running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        self.router = await self.running.enter_async_context(running(self.stack))
        self.client = self.router.client

    async def stop(self) -> None:
        await self.running.aclose()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def say(self, *events: Any) -> None:
        """Put routing events and lifecycle events on their topics."""
        await self.producer.send(
            [
                encode(
                    event,
                    COMPLAINTS if isinstance(event, complaints.LifecycleEvent) else ROUTING,
                    "tests",
                )
                for event in events
            ]
        )

    async def row(self, number: int) -> asyncpg.Record | None:
        return await self.database.fetchrow(
            "SELECT * FROM corpus WHERE complaint_id = $1", UUID(str(complaint_id(number)))
        )

    async def text(self, number: int) -> str | None:
        row = await self.row(number)
        return row and row["text"]

    async def ending(self, number: int) -> asyncpg.Record | None:
        return await self.database.fetchrow(
            "SELECT * FROM corpus_ending WHERE complaint_id = $1", UUID(str(complaint_id(number)))
        )

    async def read_up_to_here(self) -> None:
        """Return once everything that was said before is in the corpus, on every partition."""
        numbers = [fresh() for _ in range(60)]
        await self.say(*(complaint_routed(n, received_at=DAY) for n in numbers))
        await self.say(*(registered(n) for n in numbers))
        for number in numbers:
            await eventually(lambda number=number: self.row(number))
            await eventually(lambda number=number: self.ending(number))

    async def backtest(self, body: dict[str, Any], **headers: str) -> httpx2.Response:
        given = {"Idempotency-Key": f'"{uuid4()}"', **headers}
        return await self.client.post("/v1/backtests", json=body, headers=given)

    async def found(self, address: str) -> dict[str, Any]:
        """What a backtest found, once it is over."""

        async def over() -> dict[str, Any] | None:
            shown = (await self.client.get(address)).json()
            return shown if shown["finished_at"] else None

        return await eventually(over)


def fresh() -> int:
    """The number of a complaint that no other test has."""
    return int(uuid4()) % 10**9


@pytest.fixture(scope="module")
async def place(stack: Stack) -> AsyncIterator[Place]:
    await migrate(stack.environ("router", owner=True))
    producer = KafkaProducer(stack.kafka, "tests")
    database = await asyncpg.connect(stack.database_url("router").replace("+asyncpg", ""))
    place = Place(stack, producer, database)
    await place.start()
    yield place
    await place.stop()
    await producer.stop()
    await database.close()


def forwarded(number: int, kind: type, turn: int = 1, **payload: Any) -> MentionForwarded:
    """A later event of a complaint's mentions, as the router passes it on."""
    identity = complaint_id(number)
    return MentionForwarded(
        event_id=derived_id(identity, f"forwarded/{kind.type}", turn),
        occurred_at=DAY,
        recorded_at=DAY,
        complaint_id=identity,
        event_type=kind.type,
        payload={"complaint_id": str(identity), **payload},
    )


def edited(number: int, text: str, **changes: Any) -> MentionForwarded:
    said = mention(number, text=text, **changes).model_dump(mode="json")
    return forwarded(number, mentions.MentionEdited, mention=said)


def fact(number: int, seq: int, kind: type, **more: Any) -> Any:
    identity = complaint_id(number)
    return kind(
        event_id=derived_id(identity, "fact", seq),
        occurred_at=DAY,
        recorded_at=DAY,
        complaint_id=identity,
        seq=seq,
        previous_hash=HASH,
        hash=HASH,
        **more,
    )


def registered(number: int, **changes: Any) -> complaints.ComplaintRegistered:
    said = mention(number)
    values = {
        "ticket": said.ticket,
        "mention_id": said.mention_id,
        "channel": "x",
        "account": "kotabogor",
        "mention_class": MentionClass.COMPLAINT,
        "received_at": DAY,
        "rules_version": "1",
        "text_commitment": HASH,
    }
    return fact(number, 1, complaints.ComplaintRegistered, **(values | changes))


def assigned(number: int, seq: int, agency: str, role: Role = Role.LEAD) -> Any:
    return fact(
        number,
        seq,
        complaints.ComplaintAssigned,
        assignment_id=derived_id(complaint_id(number), agency),
        agency=agency,
        role=role,
    )


def moved(number: int, seq: int, agency: str, kind: type, **more: Any) -> Any:
    identity = derived_id(complaint_id(number), agency)
    return fact(number, seq, kind, assignment_id=identity, agency=agency, reason="other", **more)


def life(number: int) -> list[Any]:
    """Returned once, handed on once, resolved by the third agency; helped by a fourth."""
    return [
        registered(number),
        assigned(number, 2, "dpupr"),
        assigned(number, 3, "satpol-pp", Role.CONTRIBUTOR),
        moved(number, 4, "dpupr", complaints.AssignmentReturned),
        assigned(number, 5, "dlh"),
        moved(number, 6, "satpol-pp", complaints.AssignmentReturned),
        moved(number, 7, "dlh", complaints.AssignmentTransferred, to_agency="pln"),
        assigned(number, 8, "pln"),
        fact(number, 9, complaints.ComplaintResolved),
        fact(number, 10, complaints.ComplaintClosed),
    ]


async def test_it_keeps_what_a_decision_sees_and_what_was_decided(place):
    number = fresh()
    location = mentions.Location(lat=-6.6, lon=106.8, address="Jl. Pajajaran")
    await place.say(
        complaint_routed(
            number,
            decision(lead="dlh", category="garbage"),
            text="Sampah menumpuk",
            location=location,
            received_at=DAY,
        )
    )
    row = await eventually(lambda: place.row(number))
    assert (row["text"], row["address"], row["latitude"]) == (
        "Sampah menumpuk",
        "Jl. Pajajaran",
        -6.6,
    )
    assert (row["channel"], row["stakeholder"], row["received_at"]) == ("x", "citizen", DAY)
    assert (row["decided_lead"], row["decided_category"]) == ("dlh", "garbage")


async def test_a_secret_complaint_is_never_in_it_nor_is_what_became_of_it(place):
    number = fresh()
    await place.say(
        complaint_routed(number, text="rahasia kenari", anonymity=Anonymity.SECRET),
        edited(number, "rahasia kenari lagi", anonymity=Anonymity.SECRET),
        registered(number, anonymity=Anonymity.SECRET),
        assigned(number, 2, "dpupr"),
    )
    await place.read_up_to_here()
    assert await place.row(number) is None
    assert await place.ending(number) is None


async def test_an_edit_of_the_first_mention_replaces_its_text_and_no_other_does(place):
    number = fresh()
    await place.say(complaint_routed(number, text="pertama", received_at=DAY))
    await place.say(edited(number, "kedua"))
    assert await eventually(lambda: place.text(number))
    other = mention(number, text="susulan").model_copy(update={"mention_id": uuid4()})
    await place.say(
        forwarded(number, mentions.MentionEdited, 2, mention=other.model_dump(mode="json"))
    )
    await place.read_up_to_here()
    assert await place.text(number) == "kedua"


@pytest.mark.parametrize(
    ("kind", "whose"),
    [
        pytest.param(mentions.MentionErased, None, id="all of its words"),
        pytest.param(mentions.MentionErased, "first", id="the first mention"),
        pytest.param(mentions.MentionWithdrawn, "first", id="withdrawn"),
    ],
)
async def test_what_is_erased_goes_at_once_and_never_comes_back(place, kind, whose):
    number = fresh()
    first = complaint_routed(number, text="pagar biru", received_at=DAY)
    await place.say(first)
    await eventually(lambda: place.text(number))
    mention_id = str(mention(number).mention_id) if whose else None
    await place.say(forwarded(number, kind, mention_id=mention_id))

    async def gone() -> bool:
        return await place.text(number) is None

    assert await eventually(gone)
    await place.say(first, edited(number, "pagar biru lagi"))
    await place.read_up_to_here()
    row = await place.row(number)
    kept = {name for name, value in row.items() if value is not None}
    assert kept == {"complaint_id", "mention_id", "received_at"}


async def test_an_erasure_of_what_somebody_else_said_leaves_the_first_mention(place):
    number = fresh()
    await place.say(
        complaint_routed(number, text="tetap", received_at=DAY),
        forwarded(number, mentions.MentionErased, mention_id=str(uuid4())),
    )
    await place.read_up_to_here()
    assert await place.text(number) == "tetap"


async def test_it_knows_who_led_in_the_end_and_how_often_a_lead_gave_it_up(place):
    number = fresh()
    await place.say(*life(number))

    async def over() -> Any:
        ending = await place.ending(number)
        return ending if ending and ending["seq"] == 10 else None

    ending = await eventually(over)
    assert (ending["settled_by"], ending["bounces"], ending["lead"]) == ("pln", 2, "pln")


def ends(number: int) -> dict[str, tuple[list[Any], str | None]]:
    """How a complaint that `dlh` leads may end, and who settled it."""
    resolved = fact(number, 3, complaints.ComplaintResolved)
    answered = fact(number, 3, complaints.ComplaintAnsweredElsewhere, agency="pln")
    rejected = fact(number, 3, complaints.ComplaintRejected, reason="not_competent")
    closed = fact(number, 4, complaints.ComplaintClosed)
    return {
        "closed": ([fact(number, 3, complaints.ComplaintClosed)], "dlh"),
        "answered by another, then closed": ([answered, closed], "pln"),
        "rejected, then closed": ([rejected, closed], None),
        "reopened": (
            [resolved, fact(number, 4, complaints.ComplaintReopened, reason="not_solved")],
            None,
        ),
        "taken back by a coordinator": (
            [moved(number, 3, "dlh", complaints.AssignmentWithdrawn)],
            None,
        ),
        "open": ([], None),
    }


@pytest.mark.parametrize("end", ends(0))
async def test_who_settled_it_is_who_led_when_it_was_answered_resolved_or_closed(place, end):
    number = fresh()
    facts, agency = ends(number)[end]
    await place.say(registered(number), assigned(number, 2, "dlh"), *facts)

    async def told() -> Any:
        ending = await place.ending(number)
        return ending if ending and ending["seq"] == 2 + len(facts) else None

    ending = await eventually(told)
    assert (ending["settled_by"], ending["bounces"]) == (agency, 0)


async def test_what_comes_again_changes_nothing(place):
    number = fresh()
    told = [complaint_routed(number, text="sekali", received_at=DAY), *life(number)]
    await place.say(*told)
    await place.read_up_to_here()
    before = (await place.row(number), await place.ending(number))
    await place.say(*told, *told[3:6])
    await place.read_up_to_here()
    assert (await place.row(number), await place.ending(number)) == before
    assert before[1]["bounces"] == 2


async def test_what_cannot_be_read_goes_to_quarantine_and_the_rest_goes_on(place):
    number = fresh()
    broken = forwarded(number, mentions.MentionEdited, mention={"text": "tanpa apa-apa"})
    odd = uuid4().bytes
    kind = complaint_routed(number).type.encode()
    await place.producer.send([OutRecord(ROUTING, odd, b"{", (("ce_type", kind),))])
    await place.say(broken)
    await place.read_up_to_here()
    key = str(complaint_id(number)).encode()
    aside = await read_to_end(place.stack.kafka, "tests", [quarantine_topic("router")])
    assert {odd, key} <= {record.key for record in aside}
    assert all(b"tanpa apa-apa" not in (record.value or b"") for record in aside)


async def test_what_is_older_than_it_is_kept_is_dropped(place):
    number = fresh()
    old = datetime(2001, 1, 1, tzinfo=UTC)
    await place.say(complaint_routed(number, received_at=old), registered(number, received_at=old))
    await eventually(lambda: place.row(number))
    await eventually(lambda: place.ending(number))
    # it lets go when it starts, and every hour
    await place.restart()

    async def dropped() -> bool:
        return await place.row(number) is None and await place.ending(number) is None

    assert await eventually(dropped)


async def test_a_database_put_back_from_a_backup_erases_again(place):
    number = fresh()
    await place.say(complaint_routed(number, text="pagar ungu", received_at=DAY))
    await place.read_up_to_here()
    backup = await place.database.fetch("SELECT * FROM corpus_position")
    words = await place.row(number)
    await place.say(forwarded(number, mentions.MentionErased, mention_id=None))
    await place.read_up_to_here()
    assert await place.text(number) is None
    await place.stop()
    await place.database.execute(
        "UPDATE corpus SET text = $2 WHERE complaint_id = $1", words["complaint_id"], words["text"]
    )
    await place.database.executemany(
        "UPDATE corpus_position SET next = $3 WHERE topic = $1 AND partition = $2",
        [tuple(row) for row in backup],
    )
    await place.start()

    async def gone() -> bool:
        return await place.text(number) is None

    assert await eventually(gone)


def rules(*leads: tuple[str, str]) -> dict[str, Any]:
    """A rule set: which agency for which word."""
    return {
        "version": f"v-{uuid4().hex[:12]}",
        "zone": "Asia/Jakarta",
        "agencies": sorted({lead for _, lead in leads}),
        "categories": ["road_damage"],
        "rules": [
            {"id": f"r{n}", "category": "road_damage", "lead": lead, "any": [word]}
            for n, (word, lead) in enumerate(leads)
        ],
    }


async def settle(place: Place, day: datetime, rows: list[tuple[str, str, str]]) -> list[int]:
    """Complaints of a day: text, who was decided, and who settled it."""
    numbers = [fresh() for _ in rows]
    for number, (text, decided, final) in zip(numbers, rows, strict=True):
        await place.say(
            complaint_routed(number, decision(lead=decided), text=text, received_at=day),
            registered(number, received_at=day),
            assigned(number, 2, final),
            fact(number, 3, complaints.ComplaintResolved),
        )
    for number in numbers:

        async def over(number: int = number) -> bool:
            ending = await place.ending(number)
            return bool(await place.row(number) and ending and ending["settled_by"])

        await eventually(over)
    return numbers


def of_day(day: datetime) -> dict[str, str]:
    return {"since": day.isoformat(), "until": (day + timedelta(days=1)).isoformat()}


async def test_a_backtest_over_http_says_what_a_candidate_would_change(place):
    day = datetime(2026, 6, 10, tzinfo=UTC)
    numbers = await settle(
        place,
        day,
        [
            ("sampah di sungai", "dpupr", "dlh"),
            ("jalan rusak", "dpupr", "dpupr"),
            ("lampu padam", "dpupr", "pln"),
        ],
    )
    candidate = rules(("sampah", "dlh"), ("jalan", "dpupr"))
    body = {"candidate": candidate, "against": "recorded", **of_day(day)}
    key = {"Idempotency-Key": '"once"'}
    asked = await place.backtest(body, **key)
    assert asked.status_code == 202
    assert asked.json()["state"] == "queued"
    again = await place.backtest(body, **key)
    assert again.json()["id"] == asked.json()["id"]
    found = await place.found(asked.headers["location"])
    result = found["result"]
    assert (found["state"], found["done"], found["total"]) == ("done", 3, 3)
    assert result["before"]["accuracy"] == pytest.approx(1 / 3)
    assert result["after"]["accuracy"] == pytest.approx(2 / 3)
    assert (result["flipped"], result["mended"], result["broken"]) == (2, 1, 0)
    bounces = result["bounces"]
    assert (bounces["misrouted_before"], bounces["misrouted_after"]) == (2, 0)
    flips = {flip["complaint_id"]: flip for flip in result["flips"]}
    flip = flips[str(complaint_id(numbers[0]))]
    [mark] = flip["marks"]
    assert flip["text"][mark["start"] : mark["end"]] == "sampah"
    assert (flip["before"], flip["after"], flip["final"]) == ("dpupr", "dlh", "dlh")


async def test_its_page_needs_nothing_from_elsewhere_and_shows_no_erased_text(place):
    day = datetime(2026, 6, 11, tzinfo=UTC)
    [number] = await settle(place, day, [("sampah <b>tumpah</b>", "dpupr", "dlh")])
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **of_day(day)}
    address = (await place.backtest(body)).headers["location"]
    await place.found(address)
    page = await place.client.get(address, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<mark" in page.text
    assert "&lt;b&gt;" in page.text
    assert "http" not in page.text
    assert "<script" not in page.text
    english = await place.client.get(f"{address}?lang=en", headers={"Accept": "text/html"})
    assert '<html lang="en">' in english.text
    await place.say(forwarded(number, mentions.MentionErased, mention_id=None))

    async def gone() -> bool:
        return await place.text(number) is None

    await eventually(gone)
    shown = await place.client.get(address)
    assert "tumpah" not in shown.text
    assert shown.json()["result"]["flips"][0]["text"] is None
    rows = await place.database.fetch("SELECT * FROM backtest")
    assert "tumpah" not in json.dumps([str(row) for row in rows])


async def test_a_stored_version_is_held_against_the_one_in_force(place):
    stored = rules(("sampah", "dlh"))
    assert (await place.client.post("/v1/rulesets", json=stored)).status_code == 201
    published = rules(("jalan", "dpupr"))
    await place.router.apply(published)
    day = datetime(2026, 6, 12, tzinfo=UTC)
    await settle(place, day, [("sampah", "pln", "dlh"), ("jalan", "pln", "dpupr")])
    asked = await place.backtest({"candidate": stored["version"], **of_day(day)})
    assert asked.status_code == 202, asked.text
    assert asked.json()["against"] == published["version"]
    result = (await place.found(asked.headers["location"]))["result"]
    assert (result["before"]["accuracy"], result["after"]["accuracy"]) == (0.5, 0.5)
    assert (result["mended"], result["broken"]) == (1, 1)


async def test_a_candidate_is_held_with_the_model_that_it_names(place):
    data = suggester().to_bytes()
    kind = {"Content-Type": "application/octet-stream"}
    kept = (await place.client.post("/v1/models", content=data, headers=kind)).json()
    named = {"version": kept["version"], "sha256": kept["sha256"], "threshold": 0.5}
    candidate = rules(("jalan", "dpupr"), ("kabel", "dlh")) | {"model": named}
    day = datetime(2026, 6, 17, tzinfo=UTC)
    # no rule knows these words, the model knows one
    await settle(place, day, [("sampah bau", "dpupr", "dlh"), ("sesuatu", "dpupr", "pln")])
    asked = await place.backtest({"candidate": candidate, "against": "recorded", **of_day(day)})
    assert asked.status_code == 202, asked.text
    found = await place.found(asked.headers["location"])
    assert found["state"] == "done", found["problem"]
    assert (found["result"]["mended"], found["result"]["after"]["accuracy"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({}, "/candidate", id="no candidate"),
        pytest.param({"candidate": 5}, "/candidate", id="wrong type"),
        pytest.param({"candidate": "never-stored"}, "/candidate", id="unknown version"),
        pytest.param({"candidate": "v", "against": "x"}, "/against", id="unknown against"),
        pytest.param({"candidate": "v", "since": "soon"}, "/since", id="no time"),
        pytest.param({"candidate": {"version": "v"}}, "/candidate/zone", id="half a document"),
    ],
)
async def test_what_cannot_be_held_is_refused_with_its_field_and_no_echo(place, body, pointer):
    refused = await place.backtest(body)
    assert refused.status_code == 422, refused.text
    assert pointer in {error["pointer"] for error in refused.json()["errors"]}
    assert "never-stored" not in refused.text


async def test_only_who_may_write_rules_sees_a_backtest(place):
    headers = {"Authorization": f"Bearer {place.stack.key('front-door')}"}
    assert (await place.backtest({"candidate": "v"}, **headers)).status_code == 403
    address = f"/v1/backtests/{uuid4()}"
    assert (await place.client.get(address, headers=headers)).status_code == 403
    assert (await place.client.get(address)).status_code == 404
    keyless = await place.client.post("/v1/backtests", json={"candidate": "v"})
    assert keyless.status_code == 400


async def fill(place: Place, day: datetime, number: int) -> None:
    """Many complaints of a day, past the broker."""
    await place.database.execute(
        "INSERT INTO corpus (complaint_id, mention_id, received_at, text, channel, own_post,"
        " stakeholder, decided_class, decided_lead, rules_version)"
        " SELECT gen_random_uuid(), gen_random_uuid(), $1::timestamptz + n * interval '1 ms',"
        "  'sampah nomor ' || n, 'x', false, 'citizen', 'complaint', 'dpupr', '1'"
        " FROM generate_series(1, $2) AS s(n)",
        day,
        number,
    )


async def restart(place: Place, _address: str) -> None:
    """The service ends as it should, and starts again."""
    await place.restart()


async def die(place: Place, address: str) -> None:
    """As the database sees it: its runner is another one, which was not heard of for too long."""
    await place.database.execute(
        "UPDATE backtest SET runner = gen_random_uuid(), held_until = now() WHERE id = $1",
        UUID(address.rpartition("/")[2]),
    )


@pytest.mark.parametrize("end", [restart, die])
async def test_an_end_in_the_middle_loses_nothing_and_counts_nothing_twice(place, end):
    day = datetime(2026, 6, 13, tzinfo=UTC) + timedelta(hours=12 * (end is die))
    number = 40_000
    await fill(place, day, number)
    span = {"since": day.isoformat(), "until": (day + timedelta(hours=12)).isoformat()}
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **span}
    address = (await place.backtest(body)).headers["location"]

    async def part_done() -> bool:
        done = (await place.client.get(address)).json()["done"]
        return 0 < done < number

    await eventually(part_done)
    await end(place, address)
    found = await place.found(address)
    assert (found["state"], found["done"], found["total"]) == ("done", number, number)
    result = found["result"]
    assert (result["rows"], result["flipped"]) == (number, number)
    assert {(one["agency"], one["before"], one["after"]) for one in result["loads"]} == {
        ("dpupr", number, 0),
        ("dlh", 0, number),
    }


async def test_one_whose_process_is_killed_fails_and_says_so(place):
    day = datetime(2026, 6, 16, tzinfo=UTC)
    await fill(place, day, 60_000)
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **of_day(day)}
    address = (await place.backtest(body)).headers["location"]

    async def deciding() -> list[Any]:
        state = (await place.client.get(address)).json()["state"]
        return multiprocessing.active_children() if state == "running" else []

    for child in await eventually(deciding):
        child.kill()
    found = await place.found(address)
    assert found["state"] == "failed"
    assert "process" in found["problem"]
    page = await place.client.get(address, headers={"Accept": "text/html"})
    assert found["problem"] in page.text


async def test_one_that_is_cancelled_ends(place):
    day = datetime(2026, 6, 14, tzinfo=UTC)
    await fill(place, day, 60_000)
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **of_day(day)}
    address = (await place.backtest(body)).headers["location"]
    cancelled = await place.client.post(f"{address}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    # and the next one gets its turn
    [_] = await settle(place, datetime(2026, 6, 15, tzinfo=UTC), [("sampah", "dlh", "dlh")])
    following = {**body, **of_day(datetime(2026, 6, 15, tzinfo=UTC))}
    found = await place.found((await place.backtest(following)).headers["location"])
    assert found["state"] == "done"
    shown = (await place.client.get(address)).json()
    assert shown["state"] == "cancelled"
    assert shown["done"] < 60_000
