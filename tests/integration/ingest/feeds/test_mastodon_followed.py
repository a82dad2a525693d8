"""A Mastodon account followed over loopback, by a stream that breaks wherever it likes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from ingest.channels.mastodon import MastodonAccount
from ingest.channels.mastodon_server import MastodonServer, Refused
from ingest.domain.cursors import Cursor
from ingest.usecases import cursors
from ingest.workers.mastodon import MastodonLoop
from lintas.vocabulary.errors import Unavailable

pytestmark = pytest.mark.stack

TOKEN = "mastodon-Token_0123456789"
US, SITI = "100", "200"


def status(identity: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(identity),
        "created_at": "2026-11-24T06:00:00.000Z",
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "content": f"<p>{text}</p>",
        "account": {"id": SITI, "acct": "siti"},
        "media_attachments": [],
    } | more


@dataclass
class Server:
    """As much of a Mastodon server as a follower needs; its stream breaks on command."""

    port: int = 0
    notifications: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: what the next requests are answered instead
    failing: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    streams: list[asyncio.StreamWriter] = field(default_factory=list)
    per_page: int = 2
    #: questions the account has left
    left: int = 299
    #: what stands before the server answers for it
    proxy: bytes = b""
    streaming: asyncio.Event = field(default_factory=asyncio.Event)

    def notify(self, identity: int, found: dict[str, Any], kind: str = "mention") -> str:
        """Note it, without telling the stream; gives what the stream would be told."""
        told = {
            "id": str(identity),
            "type": kind,
            "created_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
            "status": found,
        }
        self.notifications.append(told)
        self.statuses[found["id"]] = found
        return json.dumps(told)

    async def tell(self, event: str, data: str, cut: int | None = None) -> None:
        """Tell every open stream; with `cut` only so many bytes, and then it breaks."""
        whole = f":thump\nevent: {event}\ndata: {data}\n\n".encode()
        for writer in self.streams:
            part = whole if cut is None else whole[:cut]
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
        if cut is not None:
            self.cut()

    def cut(self) -> None:
        """Break every open stream."""
        self.streaming.clear()
        for writer in self.streams:
            writer.transport.abort()
        self.streams.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readline():
                headers = []
                while (line := await reader.readline()).strip():
                    headers.append(line.decode().strip().casefold())
                target = request.decode().split()[1]
                if not await self.answer(target, headers, writer):
                    return
        except ConnectionError:
            pass
        finally:
            if writer not in self.streams:
                writer.close()

    async def answer(self, target: str, headers: list[str], writer: asyncio.StreamWriter) -> bool:
        self.asked.append(target)
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        more = ""
        if f"authorization: bearer {TOKEN.casefold()}" not in headers:
            writer.write(b"HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n")
            return True
        if self.failing:
            writer.write(self.failing.pop(0))
            await writer.drain()
            return False
        if path == "/api/v1/streaming/user/notification":
            writer.write(
                b"HTTP/1.1 200 x\r\nContent-Type: text/event-stream\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n3\r\n:)\n\r\n"
            )
            await writer.drain()
            self.streams.append(writer)
            self.streaming.set()
            return False
        if path == "/api/v2/instance":
            content: Any = {"configuration": {"urls": {"streaming": f"ws://127.0.0.1:{self.port}"}}}
        elif path == "/api/v1/notifications":
            content, more = self.listed(query)
        elif not path.endswith("/context"):
            writer.write(self.shown(path.split("/")[4]))
            return True
        else:
            content = {"ancestors": self.above(path.split("/")[4])}
        body = json.dumps(content).encode()
        writer.write(
            f"HTTP/1.1 200 x\r\nContent-Type: application/json\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        return True

    def shown(self, identity: str) -> bytes:
        found = self.statuses.get(identity)
        body = self.proxy or json.dumps(found or {"error": "Record not found"}).encode()
        return (
            f"HTTP/1.1 {200 if found else 404} x\r\nContent-Length: {len(body)}\r\n"
            f"X-RateLimit-Remaining: {self.left}\r\n\r\n".encode()
            + body
        )

    def listed(self, query: dict[str, list[str]]) -> tuple[list[Any], str]:
        after = int(query.get("min_id", ["-1"])[0])
        kinds = query.get("types[]", ["mention", "update", "favourite"])
        found = [
            one for one in self.notifications if int(one["id"]) > after and one["type"] in kinds
        ]
        if "min_id" not in query:
            return found[-1:], ""
        # the next ones after `min_id`, but the newest of them first
        page = found[: self.per_page][::-1]
        if not page:
            return [], ""
        link = f'<http://elsewhere.example/x?min_id={page[0]["id"]}>; rel="prev"'
        return page, f"Link: {link}\r\n"

    def above(self, identity: str) -> list[dict[str, Any]]:
        found = []
        while (identity := self.statuses[identity]["in_reply_to_id"]) is not None:
            found.append(self.statuses[identity])
        return found[::-1]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    found = Server()
    listening = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = listening.sockets[0].getsockname()[1]
    yield found
    found.cut()
    listening.close()
    await listening.wait_closed()


@pytest.fixture
def account(server: Server) -> MastodonAccount:
    return MastodonAccount.model_construct(
        channel="mastodon",
        name="kota",
        server=f"http://127.0.0.1:{server.port}",
        token_file=SecretStr(TOKEN),
        id=US,
    )


Follow = Callable[..., Any]


@pytest.fixture
def follow(ingest: Any, account: MastodonAccount, server: Server) -> Follow:
    """Follows for the length of a block, and begins again after every break."""

    async def again_and_again(changes: dict[str, Any]) -> None:
        loop = MastodonLoop(
            ingest.app.state.deps, account, sleep=lambda _: asyncio.sleep(0), **changes
        )
        while True:
            try:
                await loop.run()
            except Unavailable:
                await asyncio.sleep(0)

    @asynccontextmanager
    async def run(**changes: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(again_and_again(changes))
        try:
            await asyncio.wait_for(server.streaming.wait(), 20)
            yield
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return run


async def texts(ingest: Any) -> list[str]:
    return sorted(event["mention"]["text"] for event in await ingest.events())


async def test_the_stream_is_heard_at_once(ingest, server, follow, until):
    async with follow():
        await server.tell("notification", server.notify(1, status(11, "satu")))
        await until(lambda: _holds(ingest, ["satu"]))


async def test_what_was_there_before_the_account_was_connected_is_not_ours(
    ingest, server, follow, until
):
    server.notify(1, status(11, "lama"))
    async with follow():
        await server.tell("notification", server.notify(2, status(12, "baru")))
        await until(lambda: _holds(ingest, ["baru"]))


async def test_what_came_while_nobody_followed_is_caught_up_page_by_page(
    ingest, server, follow, until
):
    async with follow():
        pass
    server.cut()
    for number in range(1, 8):
        server.notify(number, status(10 + number, f"kabar {number}"))
    async with follow():
        await until(lambda: _holds(ingest, [f"kabar {number}" for number in range(1, 8)]))


@pytest.mark.parametrize("cut", [0, 5, 20, 40, 200, 10_000])
async def test_wherever_the_stream_breaks_nothing_is_lost_and_nothing_twice(
    ingest, server, follow, until, cut
):
    async with follow():
        for number in (1, 2, 3):
            told = server.notify(number, status(10 + number, f"kabar {number}"))
            await server.streaming.wait()
            await server.tell("notification", told, cut)
        await until(lambda: _holds(ingest, ["kabar 1", "kabar 2", "kabar 3"]))
    assert await ingest.count("complaint") == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 429 x\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 x\r\nContent-Length: 4\r\n\r\n<x/>",
        b"HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 x\r\nLocation: http://elsewhere.example\r\nContent-Length: 0\r\n\r\n",
        b"rubbish\r\n\r\n",
    ],
    ids=["hangs up", "busy", "too often", "no JSON", "no list", "elsewhere", "no HTTP"],
)
async def test_a_failing_server_is_asked_again(ingest, server, follow, until, answer):
    async with follow():
        server.notify(1, status(11, "satu"))
        server.failing = [answer] * 6
        server.cut()
        await until(lambda: _holds(ingest, ["satu"]))


async def test_the_position_stays_behind_what_may_not_be_settled(
    ingest, server, follow, until, account
):
    async with follow():
        pass
    server.cut()
    server.notify(1, status(11, "satu"))
    server.notify(2, status(12, "dua"))
    server.notifications[-1]["created_at"] = datetime.now(UTC).isoformat()
    server.notify(3, status(13, "tiga"))
    async with follow():
        await until(lambda: _holds(ingest, ["dua", "satu", "tiga"]))
    assert await cursors.read(ingest.app.state.deps, account) == Cursor("1")


async def test_what_a_stream_dropped_unseen_is_found_when_it_is_renewed(
    ingest, server, follow, until
):
    async with follow(longest_stream_s=0.1):
        server.notify(1, status(11, "satu"))
        await until(lambda: _holds(ingest, ["satu"]))


async def test_what_only_the_stream_tells_waits_while_nothing_durable_can_be_written(
    ingest, server, follow, until
):
    deps = ingest.app.state.deps
    async with follow():
        deps.backlog.added(10_000_000)
        told = server.notify(1, status(11, "satu"))
        server.notifications.clear()
        await server.tell("notification", told)
        await deps.backlog.measure(deps.work)
        await until(lambda: _holds(ingest, ["satu"]))


async def test_edits_and_deletions_become_events_of_the_same_complaint(
    ingest, server, follow, until
):
    async with follow():
        await server.tell("notification", server.notify(1, status(11, "satu")))
        await until(lambda: _holds(ingest, ["satu"]))
        edited = status(11, "satu lagi", edited_at="2026-11-24T07:00:00Z")
        for _ in range(2):
            await server.tell("status.update", json.dumps(edited))
        await server.tell("delete", "11")
        await server.tell("delete", "404")
        await until(lambda: _many_events(ingest, 3))
    complaints = {event["complaint_id"] for event in await ingest.events()}
    assert len(complaints) == 1
    rows = await ingest.database.fetch("SELECT headers FROM outbox ORDER BY id")
    assert [dict(json.loads(row["headers"]))["ce_type"] for row in rows] == [
        "lintas.mention.received.v1",
        "lintas.mention.edited.v1",
        "lintas.mention.withdrawn.v1",
    ]


async def test_an_edit_that_was_missed_is_caught_up(ingest, server, follow, until):
    async with follow():
        await server.tell("notification", server.notify(1, status(11, "satu")))
        await until(lambda: _holds(ingest, ["satu"]))
    server.cut()
    server.notify(2, status(11, "dua", edited_at="2026-11-24T07:00:00Z"), "update")
    async with follow():
        await until(lambda: _holds(ingest, ["dua", "satu"]))
    assert await ingest.count("complaint") == 1


async def heard_and_left(server, follow, until, ingest, numbers: Sequence[int]) -> None:
    """Statuses are heard, and then nobody follows."""
    async with follow():
        for done, number in enumerate(numbers, 1):
            told = server.notify(number, status(10 + number, f"kabar {number}"))
            await server.tell("notification", told)
            await until(partial(_many_events, ingest, done))
    server.cut()
    server.asked.clear()


async def test_what_was_deleted_while_nobody_followed_is_withdrawn(ingest, server, follow, until):
    await heard_and_left(server, follow, until, ingest, [1, 2])
    del server.statuses["11"]
    async with follow():
        await until(lambda: _many_events(ingest, 3))
    [first, _, gone] = await ingest.events()
    assert gone["mention_id"] == first["mention"]["mention_id"]
    # what is withdrawn is not asked for again
    server.cut()
    server.asked.clear()
    async with follow():
        await until(lambda: _asked_for(server, ["12"]))


async def test_what_was_edited_while_nobody_followed_is_an_edit(
    ingest, server, follow, until, account
):
    await heard_and_left(server, follow, until, ingest, [1, 2])
    server.statuses["11"] = status(11, "lain", edited_at="2026-11-24T07:00:00Z")
    async with follow():
        await until(lambda: _holds(ingest, ["kabar 1", "kabar 2", "lain"]))
    # seen again it says nothing new
    asked = MastodonServer(account)
    await MastodonLoop(ingest.app.state.deps, account)._look_again(asked)
    await asked.close()
    assert _statuses(server) == ["12", "11"] * 2
    assert len(await ingest.events()) == 3


async def test_what_a_proxy_does_not_find_is_not_gone(ingest, server, follow, until):
    await heard_and_left(server, follow, until, ingest, [1])
    server.statuses.clear()
    server.proxy = b"<h1>404</h1>"
    async with follow():
        await until(lambda: _asked_for(server, ["11"]))
        await server.tell("notification", server.notify(2, status(12, "baru")))
        await until(lambda: _many_events(ingest, 2))
    assert await _holds(ingest, ["baru", "kabar 1"])


async def test_it_is_looked_at_so_many_in_a_window_and_the_next_ones_next_time(
    ingest, server, follow, until, account
):
    await heard_and_left(server, follow, until, ingest, [1, 2, 3])
    await ingest.database.execute(
        "UPDATE mention SET received_at = received_at - interval '8 days'"
        " WHERE received_at = (SELECT min(received_at) FROM mention)"
    )
    loop = MastodonLoop(ingest.app.state.deps, account.model_copy(update={"look_again_most": 1}))
    asked = MastodonServer(account)
    for expected in (["13"], ["12"], [], ["13"]):
        server.asked.clear()
        loop._looked_at = None
        await loop._look_again(asked)
        assert _statuses(server) == expected
        # and not at once again
        await loop._look_again(asked)
        assert _statuses(server) == expected
    await asked.close()


async def test_looking_again_leaves_questions_for_what_is_new(
    ingest, server, follow, until, account
):
    await heard_and_left(server, follow, until, ingest, [1, 2])
    server.left = 59
    loop = MastodonLoop(ingest.app.state.deps, account)
    asked = MastodonServer(account)
    for expected in (["12"], ["12"]):
        server.asked.clear()
        loop._looked_at = None
        await loop._look_again(asked)
        assert _statuses(server) == expected
    await asked.close()


async def test_a_talk_with_us_is_one_conversation(server, account):
    theirs = status(1, "satu")
    ours = status(2, "jawab", account={"id": US}, in_reply_to_id="1", in_reply_to_account_id=SITI)
    again = status(3, "lagi", in_reply_to_id="2", in_reply_to_account_id=US)
    server.statuses = {one["id"]: one for one in (theirs, ours, again)}
    asked = MastodonServer(account)
    known = await asked.above("3")
    await asked.close()
    [part] = account.event(
        "status.update", json.dumps(again | {"edited_at": "2026-11-24T07:00:00Z"}), known
    )
    assert part.said.conversation == "1"


async def test_a_refused_token_is_told_apart(server, account):
    asked = MastodonServer(account.model_copy(update={"token_file": SecretStr("another")}))
    with pytest.raises(Refused):
        await asked.newest()
    await asked.close()


async def test_the_token_goes_to_the_server_alone(ingest, server, follow, until):
    async with follow():
        pass
    server.cut()
    for number in (1, 2, 3):
        server.notify(number, status(10 + number, "x"))
    async with follow():
        await until(lambda: _holds(ingest, ["x"] * 3))
    # the links name another host: only their numbers are taken over
    assert [one for one in server.asked if "min_id=2" in one]


def _statuses(server: Server) -> list[str]:
    """The statuses that were asked for, each by itself."""
    return [
        one.rpartition("/")[2]
        for one in server.asked
        if one.startswith("/api/v1/statuses/") and not one.endswith("/context")
    ]


async def _asked_for(server: Server, expected: list[str]) -> bool:
    return _statuses(server) == expected


async def _many_events(ingest: Any, number: int) -> bool:
    return len(await ingest.events()) == number


async def _holds(ingest: Any, expected: list[str]) -> bool:
    return await texts(ingest) == expected
