"""What comes as ids only is asked of a Graph server of our own, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.stack

MENTION = {
    "object": "instagram",
    "entry": [
        {
            "id": "17841400000000001",
            "time": 1790000000,
            "changes": [{"field": "mentions", "value": {"media_id": "9001", "comment_id": "9002"}}],
        }
    ],
}
COMMENT = {
    "mentioned_comment": {
        "id": "9002",
        "text": "Lampu jalan mati",
        "timestamp": "2026-09-20T08:15:00+0000",
        "username": "warga",
    },
    "id": "17841400000000001",
}


@dataclass
class Graph:
    """Answers what it is told to, and remembers who asked for what."""

    answers: list[tuple[int, object]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    origin: str = ""
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        self.asked.append((head[0].split(" ")[1], headers))
        await self.gate.wait()
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        content = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode())
        writer.write(content)
        await writer.drain()
        writer.close()


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    graph = Graph()
    graph.gate.set()
    server = await asyncio.start_server(graph.serve, "127.0.0.1", 0)
    graph.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield graph
    server.close()


@pytest.fixture
def environ(environ: dict[str, str], graph: Graph, tmp_path) -> dict[str, str]:
    file = tmp_path / "accounts.yaml"
    described = file.read_text(encoding="utf-8").replace(
        "  access_token_file", f"  graph_url: {graph.origin}/v25.0\n  access_token_file"
    )
    file.write_text(described, encoding="utf-8")
    return environ | {"LINTAS_ENVIRONMENT": "test", "LINTAS_ASK_ALSO": graph.origin}


async def test_a_mention_is_acknowledged_first_and_heard_once_its_text_is_there(
    webhooks, graph, secrets, until
):
    graph.answers = [(200, COMMENT)]
    graph.gate.clear()
    assert (await webhooks.post("instagram", MENTION)).status_code == 200
    assert await webhooks.texts() == []
    graph.gate.set()
    await until(lambda: _heard(webhooks, 1))
    await until(lambda: _none_waits(webhooks))
    [event] = await webhooks.ingest.events()
    assert event["mention"]["text"] == "Lampu jalan mati"
    assert event["mention"]["posted_at"].startswith("2026-09-20T08:15:00")
    [(path, headers)] = graph.asked
    parts = urlsplit(path)
    assert parts.path == "/v25.0/17841400000000001"
    [fields] = parse_qs(parts.query)["fields"]
    assert fields == "mentioned_comment.comment_id(9002){text,timestamp,id,username}"
    assert secrets["meta-token"].lower() in headers["authorization"]
    assert secrets["meta-token"] not in path


async def test_a_platform_that_fails_is_asked_again_later(webhooks, graph, until):
    graph.answers = [(500, {}), (200, COMMENT)]
    await webhooks.post("instagram", MENTION)
    await until(lambda: _heard(webhooks, 1))
    assert len(graph.asked) == 2


async def test_a_mention_delivered_again_and_again_is_one(webhooks, graph, until):
    graph.answers = [(200, COMMENT)]
    await asyncio.gather(*[webhooks.post("instagram", MENTION) for _ in range(5)])
    await until(lambda: _none_waits(webhooks))
    await webhooks.post("instagram", MENTION)
    await until(lambda: _none_waits(webhooks))
    assert await webhooks.texts() == ["Lampu jalan mati"]


async def test_ids_stand_in_the_database_only_sealed(webhooks, graph, until):
    graph.answers = [(500, {})]
    await webhooks.post("instagram", MENTION)
    await until(lambda: _asked(graph))
    [row] = await webhooks.ingest.database.fetch("SELECT pointer::text FROM pointer")
    assert "9002" not in row["pointer"]


async def test_an_answer_nobody_can_read_is_set_aside_and_not_asked_for_again(
    webhooks, graph, until
):
    graph.answers = [(200, {"id": "17841400000000001"})]
    await webhooks.post("instagram", MENTION)
    await until(lambda: _set_aside(webhooks, "unknown"))
    await until(lambda: _none_waits(webhooks))
    assert await webhooks.texts() == []


async def test_what_is_never_answered_is_given_up_and_kept_aside(webhooks, graph, until):
    graph.answers = [(500, {})]
    await webhooks.post("instagram", MENTION)
    await until(lambda: _asked(graph))
    await until(lambda: _put_off(webhooks))
    await webhooks.ingest.database.execute("UPDATE pointer SET tries = 1000, due_at = now()")
    await until(lambda: _set_aside(webhooks, "unfetched"))
    await until(lambda: _none_waits(webhooks))


async def test_without_its_leave_a_server_inside_is_never_asked(
    database, graph, start, until, as_platform
):
    """The account's own address is guarded too: a mistake there must not open our network."""
    graph.answers = [(200, COMMENT)]
    async with start(LINTAS_ASK_ALSO="") as ingest:
        guarded = as_platform(ingest)
        await guarded.post("instagram", MENTION)
        await until(lambda: _put_off(guarded))
    assert graph.asked == []


async def test_a_pointer_that_no_key_opens_is_set_aside_and_keeps_nobody_waiting(
    webhooks, graph, until
):
    graph.answers = [(200, COMMENT)]
    await webhooks.ingest.database.execute(
        "INSERT INTO pointer (pointer, channel, account, sealed, received_at, traceparent, due_at)"
        " VALUES ($1, 'instagram', 'kota', $2, now(), '', now())",
        b"p" * 32,
        b"\x01 sealed under a key that is gone",
    )
    await webhooks.post("instagram", MENTION)
    await until(lambda: _heard(webhooks, 1))
    await until(lambda: _none_waits(webhooks))
    row = await webhooks.ingest.database.fetchrow("SELECT channel, reason FROM set_aside")
    assert (row["channel"], row["reason"]) == ("instagram", "unreadable")


async def _heard(webhooks, number: int) -> bool:
    return len(await webhooks.texts()) == number


async def _none_waits(webhooks) -> bool:
    return await webhooks.ingest.count("pointer") == 0


async def _asked(graph) -> bool:
    return bool(graph.asked)


async def _put_off(webhooks) -> bool:
    return await webhooks.ingest.count("pointer WHERE due_at > now()") == 1


async def _set_aside(webhooks, reason: str) -> bool:
    return await webhooks.ingest.count(f"set_aside WHERE reason = '{reason}'") == 1
