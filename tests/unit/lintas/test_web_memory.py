import asyncio
import gc

import pytest

from lintas.web import create_service
from lintas.web.memory import set_aside


async def test_a_running_service_sets_start_up_aside_and_gives_it_back():
    app = create_service(name="s", title="S", routers=[], loop_exit_s=0)
    before = gc.get_freeze_count(), gc.get_threshold()
    async with app.router.lifespan_context(app):
        assert gc.get_freeze_count() > before[0]
        assert gc.get_threshold()[0] > before[1][0]
    assert (gc.get_freeze_count(), gc.get_threshold()) == before


async def test_what_comes_late_and_stays_is_set_aside_as_well_and_given_back():
    app = create_service(name="s", title="S", routers=[], loop_exit_s=0)
    before = gc.get_freeze_count()
    async with app.router.lifespan_context(app):
        late: list[list[int]] = [[] for _ in range(1_000)]
        at_start = gc.get_freeze_count()
        set_aside()
        assert gc.get_freeze_count() >= at_start + len(late)
    assert gc.get_freeze_count() == before


class _Served:
    """A request as the server holds it: it has the scope, and its methods are handed on."""

    def __init__(self, path: str) -> None:
        headers = [(b"host", b"here")]
        self.scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
        self.scope |= {"headers": headers, "client": ("192.0.2.7", 1), "server": ("here", 80)}
        self.scope |= {"scheme": "http", "http_version": "1.1", "root_path": ""}

    async def receive(self):
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message):
        del message


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/" + "x" * 9_000])
async def test_a_request_leaves_nothing_that_only_the_collector_could_free(path):
    app = create_service(name="s", title="S", routers=[], loop_exit_s=0)

    async def serve() -> None:
        served = _Served(path)
        await asyncio.create_task(app(served.scope, served.receive, served.send))

    await serve()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            await serve()
        await asyncio.sleep(0)
        assert gc.collect() < 20
    finally:
        gc.enable()
