import asyncio
from datetime import timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

from agency_gateway.store.answers import Answer
from agency_gateway.usecases.asking import Asked, Front
from agency_gateway.usecases.queues import Queues
from agency_gateway.usecases.sight import Sights
from lintas.auth import Principal
from lintas.testing.builders import complaint_id, complaint_routed, decision, with_help
from lintas.vocabulary.errors import Conflict
from lintas.vocabulary.ids import AgencyCode, PersonId
from lintas.vocabulary.terms import MentionClass

pytestmark = pytest.mark.stack

DPUPR = AgencyCode("dpupr")


class Officer:
    """A person who claims through the use case, so that the clock can be moved."""

    def __init__(self, work) -> None:
        self.queues = Queues(Front(work), Sights())
        self.who = Principal(person_id=PersonId(uuid4()), agency=DPUPR)
        self.got = []

    def asked(self) -> Asked:
        def keep(leased) -> Answer:
            self.got.append(leased)
            return Answer(200)

        return Asked(self.who, keep)

    async def claim(self, most: int = 1, seconds: int = 60):
        await self.queues.claim(self.asked(), DPUPR, most, timedelta(seconds=seconds))
        return self.got[-1]


async def test_the_queue_comes_in_order_of_the_next_breach_page_by_page(gateway, clock):
    for n in range(30):
        clock.forward(days=1 if n % 2 else 0)
        more = {"mention_class": MentionClass.ASPIRATION} if n % 7 == 0 else {}
        await gateway.register(n, **more)
    who = await gateway.key("dpupr")
    seen, path = [], "/v1/agencies/dpupr/queue?limit=7"
    while path:
        answer = await gateway.get(path, who)
        assert answer.status_code == 200, answer.text
        seen += answer.json()["items"]
        link = answer.headers.get("Link")
        assert answer.json()["has_more"] is bool(link)
        path = link.partition(">")[0].lstrip("<") if link else None
    assert len({item["complaint_id"] for item in seen}) == 30
    due = [item["due_at"] or "9999" for item in seen]
    assert due == sorted(due)
    assert due.count("9999") == 5


async def test_filters(gateway, registrar):
    await registrar.apply(
        [
            complaint_routed(1),
            complaint_routed(2, decision(category="flood")),
            complaint_routed(3, channel="instagram"),
        ]
    )
    who = await gateway.key("dpupr")
    await gateway.act(1, "accept", who)
    for query, found in (
        ("", {1, 2, 3}),
        ("?category=flood", {2}),
        ("?channel=instagram", {3}),
        ("?state=accepted", {1}),
        ("?state=queued&channel=x", {2}),
        ("?category=none", set()),
    ):
        answer = await gateway.get(f"/v1/agencies/dpupr/queue{query}", who)
        ids = {item["complaint_id"] for item in answer.json()["items"]}
        assert ids == {str(complaint_id(n)) for n in found}, query


async def test_a_cursor_belongs_to_its_agency_and_filter(gateway):
    await gateway.register(*range(5), contributors=with_help("dlh"))
    dpupr, dlh = await gateway.key("dpupr"), await gateway.key("dlh")
    link = (await gateway.get("/v1/agencies/dpupr/queue?limit=2", dpupr)).headers["Link"]
    cursor = parse_qs(link.partition("?")[2].partition(">")[0])["cursor"][0]
    for path, who, status in (
        (f"/v1/agencies/dpupr/queue?cursor={cursor}", dpupr, 200),
        (f"/v1/agencies/dlh/queue?cursor={cursor}", dlh, 400),
        (f"/v1/agencies/dpupr/queue?cursor={cursor}&channel=x", dpupr, 400),
        (f"/v1/agencies/dpupr/queue?cursor={cursor[:-3]}AAA", dpupr, 400),
        ("/v1/agencies/dpupr/queue?cursor=zzz", dpupr, 400),
    ):
        assert (await gateway.get(path, who)).status_code == status, path


async def test_fifty_workers_claiming_one_item_have_one_winner(gateway):
    await gateway.register(1)
    keys = [await gateway.key("dpupr") for _ in range(2)]
    people = [await gateway.person(f"o{n}", "dpupr") for n in range(8)]
    callers = (keys + people) * 5
    answers = await asyncio.gather(
        *(
            gateway.post("/v1/agencies/dpupr/claims", {"max": 10, "lease_s": 60}, who)
            for who in callers
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sum(len(answer.json()["items"]) for answer in answers) == 1


async def test_many_workers_share_a_queue_without_overlap(gateway, owner):
    await gateway.register(*range(60))
    who = await gateway.key("dpupr")
    answers = await asyncio.gather(
        *(
            gateway.post("/v1/agencies/dpupr/claims", {"max": 9, "lease_s": 60}, who)
            for _ in range(10)
        )
    )
    taken = [item["assignment_id"] for answer in answers for item in answer.json()["items"]]
    assert len(taken) == len(set(taken))
    assert await owner.fetchval(
        "SELECT count(*) FROM assignment WHERE claim_id IS NOT NULL"
    ) == len(taken)


async def test_a_lease_ends_by_itself_and_only_live_ones_are_renewed(work, clock, registrar):
    await registrar.apply([complaint_routed(1)])
    first, second = Officer(work), Officer(work)
    claim = await first.claim(seconds=60)
    assert (await second.claim()).items == ()
    clock.forward(seconds=50)
    await first.queues.renew(first.asked(), DPUPR, claim.claim_id, timedelta(seconds=60))
    clock.forward(seconds=50)
    assert (await second.claim()).items == ()
    clock.forward(seconds=11)
    assert len((await second.claim()).items) == 1
    with pytest.raises(Conflict) as refused:
        await first.queues.renew(first.asked(), DPUPR, claim.claim_id, timedelta(seconds=60))
    assert refused.value.state == "expired"


async def test_what_is_released_is_free_at_once(gateway):
    await gateway.register(1, 2)
    ani, budi = await gateway.person("ani", "dpupr"), await gateway.person("budi", "dpupr")
    claim = (await gateway.post("/v1/agencies/dpupr/claims", {"max": 2}, ani)).json()
    path = f"/v1/agencies/dpupr/claims/{claim['claim_id']}"
    assert (await gateway.post(f"{path}/release", {}, budi)).status_code == 404
    assert (await gateway.post(f"{path}/release", {}, ani)).status_code == 204
    again = await gateway.post(f"{path}/release", {}, ani)
    assert (again.status_code, again.json()["state"]) == (409, "released")
    taken = await gateway.post("/v1/agencies/dpupr/claims", {"max": 5}, budi)
    assert len(taken.json()["items"]) == 2


async def test_what_somebody_else_has_in_hand_is_not_accepted(gateway):
    await gateway.register(1)
    ani, budi = await gateway.person("ani", "dpupr"), await gateway.person("budi", "dpupr")
    await gateway.post("/v1/agencies/dpupr/claims", {"max": 1}, ani)
    refused = await gateway.act(1, "accept", budi)
    assert (refused.status_code, refused.json()["state"]) == (409, "claimed")
    assert (await gateway.act(1, "accept", ani)).status_code == 200
    # accepted: the lease is over, and the item is no longer claimed by anybody
    queue = await gateway.get("/v1/agencies/dpupr/queue", budi)
    assert queue.json()["items"][0]["claim"] is None


async def test_a_repeated_claim_gets_the_same_items(gateway):
    await gateway.register(*range(6))
    who = await gateway.key("dpupr")
    key = {"Idempotency-Key": '"claim-1"'}
    answers = [
        await gateway.post("/v1/agencies/dpupr/claims", {"max": 2}, who, **key) for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert len(answers[0].json()["items"]) == 2
