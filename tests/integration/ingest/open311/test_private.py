"""What people write to the city alone is on no public list, unless they or the city chose otherwise."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.domain.heard import Posted
from ingest.domain.mentions import Author, Said
from ingest.usecases.open311.catching_up import catch_up
from lintas.contracts.events import complaints
from lintas.vocabulary.terms import Anonymity

pytestmark = pytest.mark.stack

CANARY = "kanari-7c2d"
MESSAGE = Said(
    channel="facebook",
    account="kota",
    text=f"Jalan berlubang {CANARY}",
    external_id="m-1",
    author=Author(platform_id="700"),
    public=False,
)
LISTS = ("requests", "bulk", "servicerequestupdates")


async def heard(city, said: Said) -> str:
    """The number of the complaint that a message opened."""
    [kept] = await city.app.state.deps.hearing.hear(
        [Posted(said)], client="facebook:kota", received_at=datetime.now(UTC), traceparent="t"
    )
    return str(kept.ticket)


async def lifecycle(city, ticket: str) -> None:
    await city.told(
        ticket,
        complaints.ComplaintRegistered,
        complaints.ComplaintAssigned,
        complaints.AssignmentAccepted,
        (complaints.ComplaintResolved, {"disposition": "solved"}),
    )


async def shown(city, ticket: str) -> bool:
    """Whether any list or call of anybody's tells of it."""
    texts = [(await city.get(call)).text for call in LISTS]
    texts.append((await city.http.get("/open311/v2/bulk.csv")).text)
    texts.append((await city.get("requests", service_request_id=ticket)).text)
    listed = [ticket in text for text in texts]
    own = await city.get(f"requests/{ticket}")
    assert own.status_code == (200 if any(listed) else 404)
    assert len({*listed}) == 1, listed
    return listed[0]


async def test_a_private_message_is_on_no_list_whatever_becomes_of_it(city):
    ticket = await heard(city, MESSAGE)
    await city.told(ticket, complaints.ComplaintRegistered)
    assert not await shown(city, ticket)
    await city.told(
        ticket,
        complaints.NoActionNeeded,
        complaints.ComplaintAssigned,
        complaints.AssignmentAccepted,
        (complaints.ComplaintResolved, {"disposition": "solved"}),
    )
    assert not await shown(city, ticket)
    mention = await city.database.fetchval("SELECT mention_id FROM mention")
    assert (await city.get(f"tokens/{mention}")).status_code == 404
    assert await city.database.fetchval("SELECT count(*) FROM open311_words") == 0
    # its reporter follows it by its number all the same
    status = (await city.http.get(f"/v1/complaints/{ticket}")).json()
    assert status["status"] == "resolved"


LISTED = {
    "said in public": replace(MESSAGE, public=True),
    "its reporter chose open": replace(MESSAGE, anonymity=Anonymity.OPEN),
}


@pytest.mark.parametrize("said", LISTED.values(), ids=LISTED)
async def test_what_was_said_in_public_or_openly_is_listed(city, said):
    ticket = await heard(city, said)
    await lifecycle(city, ticket)
    assert await shown(city, ticket)


async def test_reports_by_open311_and_by_the_form_are_for_everybody_to_read(city):
    ticket = await city.posted()
    await lifecycle(city, ticket)
    assert await shown(city, ticket)
    form = replace(MESSAGE, channel="web", account="lapor", external_id="f-1")
    ticket = await heard(city, form)
    await lifecycle(city, ticket)
    assert await shown(city, ticket)


@pytest.mark.parametrize("channel", ["whatsapp", "telegram", "email"])
async def test_what_a_client_hands_in_for_a_messenger_is_taken_for_private(city, channel):
    answer = await city.http.post(
        "/v1/mentions",
        json={"channel": channel, "external_id": "c-1", "text": f"Lampu mati {CANARY}"},
        headers={"Authorization": f"Bearer {city.key}"},
    )
    ticket = answer.json()["ticket"]
    await lifecycle(city, ticket)
    assert not await shown(city, ticket)


async def test_a_city_may_list_what_began_in_private(city):
    cities = city.app.state.deps.cities
    endpoint = replace(cities.in_force().open311, lists_private=True)
    now = replace(cities.in_force(), open311=endpoint)
    cities.in_force = lambda: now
    ticket = await heard(city, MESSAGE)
    await lifecycle(city, ticket)
    assert await shown(city, ticket)
    assert CANARY in (await city.get(f"requests/{ticket}")).text


async def test_what_is_caught_up_with_is_held_to_the_same_rule(city):
    """The list is made anew from the log, and what began in private is still not on it."""
    private, public = await heard(city, MESSAGE), await city.posted()
    for ticket in (private, public):
        await lifecycle(city, ticket)
    await city.database.execute("DELETE FROM open311_request")
    history = [*city.history]

    async def log():
        yield history
        history.clear()

    await catch_up(city.app.state.deps.work, log)
    assert await shown(city, public)
    assert not await shown(city, private)
