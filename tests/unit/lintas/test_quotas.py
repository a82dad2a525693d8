import asyncio

import httpx2
import pytest
from fastapi import APIRouter
from starlette.requests import Request

from lintas.auth import Principal
from lintas.vocabulary.errors import TooManyRequests, Unavailable
from lintas.web import (
    Brake,
    Overrun,
    Overruns,
    Room,
    allow,
    create_service,
    network_of,
    public,
    require,
    tell_overrun,
    tell_quota,
)
from lintas.web.quotas import quota_headers


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


@pytest.mark.parametrize("again", [False, True])
async def test_where_too_many_wait_the_next_is_refused_at_once(again):
    brake = Brake(wait_s=3_600, apart_s=1, longest_s=3_601, again_s=3_602)
    waiting = [asyncio.create_task(brake.wait(again=again)) for again in (False, True, True, again)]
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


def _asked(path="/asked/a", client="192.0.2.7", key=None, method="GET"):
    headers = [] if key is None else [(b"authorization", key)]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    return scope | {"client": (client, 1)}


@pytest.mark.parametrize("key", [None, b"Bearer one"])
@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        ({}, True),
        ({"path": "/asked/b"}, False),
        ({"method": "POST"}, False),
        ({"key": b"Bearer other"}, False),
    ],
)
def test_until_something_is_left_the_same_source_is_refused_the_same_again(key, other, is_refused):
    now, refusal = [0.0], TooManyRequests("Too many.", retry_after_s=1)
    overruns = Overruns(clock=lambda: now[0])
    refused = _asked(key=key)
    tell_quota(refused, b'"a";q=1;w=60', b'"a";r=0;t=60')
    tell_overrun(refused, Overrun("a", "192.0.2.7", 0.5))
    overruns.remember(Request(refused), refusal)
    again = _asked(**{"key": key} | other)

    assert overruns.again(again) is (refusal if is_refused else None)
    assert quota_headers(again) == (quota_headers(refused) if is_refused else [])
    now[0] = 0.5
    assert overruns.again(_asked(key=key)) is None


def test_what_another_one_from_the_same_address_need_not_share_is_not_remembered():
    overruns, without_quota = Overruns(clock=lambda: 0.0), _asked()
    by_something_in_the_body = _asked()
    tell_overrun(by_something_in_the_body, Overrun("key", "front-door", 60))
    for refused in (without_quota, by_something_in_the_body):
        overruns.remember(Request(refused), TooManyRequests("Too many."))
        assert overruns.again(_asked()) is None


def test_what_is_left_long_after_is_counted_anew_as_the_times_told_grow_old():
    now, refused = [0.0], _asked()
    overruns = Overruns(clock=lambda: now[0])
    tell_overrun(refused, Overrun("a", "192.0.2.7", 3_600))
    overruns.remember(Request(refused), TooManyRequests("Too many.", retry_after_s=3_600))
    assert overruns.again(_asked()) is not None
    now[0] = 2.0
    assert overruns.again(_asked()) is None


async def test_whoever_asks_again_too_soon_is_not_looked_at():
    looked_at = []

    class Anybody:
        async def authenticate(self, credential):
            looked_at.append(credential)
            return Principal(key_id="k", client=credential, scopes=frozenset())

    class Nothing:
        def spend(self, source, scope=None):
            tell_quota(scope, b'"a";q=1;w=60', b'"a";r=0;t=60')
            tell_overrun(scope, Overrun("a", source, 60))
            raise TooManyRequests("Too many.", retry_after_s=60)

    routes = APIRouter()

    @routes.get("/asked", dependencies=[require()])
    async def answer() -> None:
        pytest.fail("it was let in")

    app = create_service(
        name="quotas", title="Q", routers=[routes], authenticator=Anybody(), quota=Nothing()
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as http:

        async def ask(key: str) -> httpx2.Response:
            return await http.get("/asked", headers={"Authorization": f"Bearer {key}"})

        first = await ask("one")
        again, other = await asyncio.gather(ask("one"), ask("two"))
    assert looked_at == ["one", "two"]
    for told in (first, again, other):
        assert (told.status_code, told.headers["retry-after"]) == (429, "60")
        assert told.headers["ratelimit"] == '"a";r=0;t=60'
        assert told.json()["type"] == "/problems/quota-exceeded"
