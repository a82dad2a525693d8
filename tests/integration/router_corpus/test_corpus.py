"""The corpus on the real broker and database: what it keeps, lets go of, and is good for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.integration.router_corpus.corpora import (
    DAY,
    Place,
    assigned,
    edited,
    fact,
    forwarded,
    fresh,
    life,
    moved,
    registered,
)
from tests.routers import eventually

from lintas.contracts.events import complaints, mentions
from lintas.contracts.records import OutRecord
from lintas.contracts.topics import ROUTING, quarantine_topic
from lintas.messaging.reader import read_to_end
from lintas.testing.builders import complaint_id, complaint_routed, decision, mention
from lintas.vocabulary.terms import Anonymity

pytestmark = pytest.mark.stack
TOLD_AT = "/v1/corpus"
#: what is handed out to train on: a day of its own
TOLD_DAY = datetime(2026, 6, 20, tzinfo=UTC)
SPAN = {"since": TOLD_DAY.isoformat(), "until": (TOLD_DAY + timedelta(days=1)).isoformat()}


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


async def told(place: Place, **query: Any) -> list[dict[str, Any]]:
    """All rows of the day, page by page."""
    items: list[dict[str, Any]] = []
    answer = await place.client.get(TOLD_AT, params={**SPAN, **query})
    while True:
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if "next" not in answer.links:
            return items
        answer = await place.client.get(answer.links["next"]["url"])


async def test_settled_complaints_are_handed_out_in_order_none_secret_and_none_erased(place):
    waiting, secret, erased, *settled = numbers = [fresh() for _ in range(6)]
    for turn, number in enumerate(numbers):
        at = TOLD_DAY + timedelta(hours=turn)
        anonymity = Anonymity.SECRET if number == secret else Anonymity.OPEN
        said = {"text": f"sampah {number}", "received_at": at, "anonymity": anonymity}
        opened = registered(number, received_at=at, anonymity=anonymity)
        await place.say(complaint_routed(number, **said), opened, assigned(number, 2, "dlh"))
        if number != waiting:
            await place.say(fact(number, 3, complaints.ComplaintResolved))
    await place.read_up_to_here()
    await place.say(forwarded(erased, mentions.MentionErased, mention_id=None))
    await place.read_up_to_here()
    expected = [(str(complaint_id(number)), f"sampah {number}", "dlh") for number in settled]
    for limit in (1, 2, 50):
        rows = await told(place, limit=limit)
        assert [(row["complaint_id"], row["text"], row["final"]) for row in rows] == expected
    link = (await place.client.get(TOLD_AT, params={**SPAN, "limit": 1})).links["next"]["url"]
    cursor = httpx2.URL(link).params["cursor"]
    of_another = await place.client.get(TOLD_AT, params={"since": SPAN["since"], "cursor": cursor})
    assert of_another.status_code == 400


async def test_only_who_may_start_a_backtest_is_told_the_corpus(place):
    other = {"Authorization": f"Bearer {place.stack.key('front-door')}"}
    assert (await place.client.get(TOLD_AT, headers=other)).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [({"since": "soon"}, 422), ({"until": "2026-06-01"}, 422), ({"cursor": "made-up"}, 400)],
)
async def test_a_question_that_cannot_be_answered_is_refused_without_an_echo(place, query, status):
    refused = await place.client.get(TOLD_AT, params=query)
    assert refused.status_code == status, refused.text
    assert not any(value in refused.text for value in query.values())
