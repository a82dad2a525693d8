import asyncio

import httpx2
import pytest
from fastapi import APIRouter
from starlette.requests import Request

from lintas.vocabulary.errors import TooManyRequests, Unavailable
from lintas.web import Brake, Room, allow, create_service, network_of, public, tell_quota


async def test_a_room_holds_so_many_and_lets_the_next_in_when_one_leaves():
    room = Room("front", 1, wait_s=0.01)
    async with room.entered():
        with pytest.raises(Unavailable):
            async with room.entered():
                pytest.fail("two were let in")
    async with room.entered():
        pass


async def test_whoever_asks_too_much_waits_for_the_refusal_one_after_the_other():
    brake, loop = Brake(wait_s=0.02, apart_s=0.01, longest_s=1), asyncio.get_running_loop()
    began, ended = loop.time(), []

    async def refused() -> None:
        await brake.wait()
        ended.append(loop.time() - began)

    await asyncio.gather(*(refused() for _ in range(4)))
    assert all(took >= 0.02 + 0.01 * place for place, took in enumerate(ended))


async def test_where_too_many_wait_the_next_is_refused_at_once():
    brake = Brake(wait_s=3_600, apart_s=1, longest_s=3_602)
    waiting = [asyncio.create_task(brake.wait()) for _ in range(4)]
    [done], _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert done is waiting[3]
    for one in waiting:
        one.cancel()


async def test_a_source_over_its_share_is_slowed_by_its_own_waiting_and_no_other_source():
    routes = APIRouter()

    @routes.get("/asked/{wish}", dependencies=[allow(public)])
    async def answer(wish: str) -> str:
        if wish == "refuse":
            raise TooManyRequests("Too many.", retry_after_s=1)
        return wish

    app = create_service(name="quotas", title="Quotas", routers=[routes])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as http:
        refused = asyncio.create_task(http.get("/asked/refuse"))
        for _ in range(20):
            assert (await http.get("/asked/a")).status_code == 200
        assert not refused.done()
        assert (await refused).status_code == 429


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2"),
    ],
)
def test_a_source_is_an_address_or_a_network_of_many(host, network):
    request = Request({"type": "http", "client": (host, 1), "headers": []})
    assert network_of(request) == network


async def test_every_answer_tells_the_quotas_it_was_counted_under():
    routes = APIRouter()

    @routes.get("/asked/{wish}", dependencies=[allow(public)])
    async def answer(request: Request, wish: str) -> str:
        tell_quota(request.scope, b'"a";q=9;w=60', b'"a";r=8;t=7')
        tell_quota(request.scope, b'"b";q=1;w=1', b'"b";r=0;t=1')
        if wish == "refuse":
            raise TooManyRequests("Too many.", retry_after_s=1)
        return wish

    app = create_service(name="quotas", title="Quotas", routers=[routes])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as http:
        for method, wish, status in (("GET", "a", 200), ("HEAD", "a", 200), ("GET", "refuse", 429)):
            told = await http.request(method, f"/asked/{wish}")
            assert told.status_code == status
            assert told.headers["ratelimit-policy"] == '"a";q=9;w=60, "b";q=1;w=1'
            assert told.headers["ratelimit"] == '"a";r=8;t=7, "b";r=0;t=1'
        assert "ratelimit" not in (await http.get("/healthz")).headers
