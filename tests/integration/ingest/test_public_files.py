"""Files at addresses that whoever posts a mention names, asked of a server of our own, on loopback."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from PIL import Image

pytestmark = pytest.mark.stack

MOST_BYTES = 100_000
POST = {"channel": "panel", "external_id": "1", "text": "Jalan berlubang"}


def photo(colour: str = "red") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(written, "JPEG")
    return written.getvalue()


@dataclass
class Host:
    """A server that answers by path: a status, headers and bytes; `slow` paths never end."""

    files: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    origin: str = ""

    def put(self, path: str, content: bytes, status: int = 200, **headers: str) -> str:
        self.files[path] = status, headers, content
        return self.origin + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split(" ")[1]
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        self.asked.append((path, headers))
        status, more, body = self.files.get(path, (404, {}, b""))
        lines = [f"{name}: {value}" for name, value in more.items()]
        # no length is told: the bound is ours, not what a server promises
        writer.write("\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + body)
        await writer.drain()
        if path in self.slow:
            await reader.read()
        writer.close()

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield host
    server.close()


@pytest.fixture
def environ(environ: dict[str, str], host: Host) -> dict[str, str]:
    return environ | {
        "LINTAS_ENVIRONMENT": "test",
        "LINTAS_ASK_ALSO": host.origin,
        "LINTAS_MEDIA_MOST_BYTES": str(MOST_BYTES),
    }


@dataclass
class Desk:
    """Posts mentions with files, and sees what came of them."""

    ingest: object
    until: object
    media_folder: object

    async def post(self, *urls: str, **changes: object) -> dict:
        answer = await self.ingest.post(POST | {"media": [{"url": url} for url in urls]} | changes)
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def waiting(self, where: str = "due_at IS NOT NULL") -> int:
        return await self.ingest.count(f"awaited_media WHERE {where}")

    async def settled(self) -> None:
        await self.until(self._settled)

    async def _settled(self) -> bool:
        return await self.waiting() == 0

    async def put_off(self) -> None:
        await self.until(self._put_off)

    async def _put_off(self) -> bool:
        # an attempt under way holds its mention for ten minutes
        return await self.waiting("due_at < now() + interval '1 minute' AND tries >= 1") == 1

    async def later(self, tries: int = 1) -> None:
        await self.ingest.database.execute(
            "UPDATE awaited_media SET due_at = now(), tries = $1", tries
        )

    async def files(self) -> list[int]:
        """How many files each event tells of."""
        return [len(event["mention"]["media"]) for event in await self.ingest.events()]

    def blobs(self) -> int:
        return sum(path.is_file() for path in self.media_folder.rglob("*"))


@pytest.fixture
def desk(ingest, until, tmp_path) -> Desk:
    return Desk(ingest, until, tmp_path / "media")


async def test_a_named_file_follows_the_mention_as_one_more_edit(desk, host):
    await desk.post(host.put("/1.jpg", photo()), host.put("/2.jpg", photo("blue")))
    await desk.settled()
    first, then = await desk.ingest.events()
    assert [len(event["mention"]["media"]) for event in (first, then)] == [0, 2]
    assert (then["mention"]["text"], desk.blobs()) == (first["mention"]["text"], 2)
    assert all(not {"authorization", "cookie"} & headers.keys() for _, headers in host.asked)
    assert host.origin not in str(await desk.ingest.events())


async def test_each_line_of_a_batch_gets_its_own_files(desk, host):
    lines = [
        POST | {"external_id": str(n), "media": [{"url": host.put(f"/{n}.jpg", photo())}]}
        for n in range(3)
    ]
    assert (await desk.ingest.batch([*lines, POST | {"external_id": "plain"}])).status_code == 202
    assert await desk.waiting("TRUE") <= 3
    await desk.settled()
    assert sorted(await desk.files()) == [0, 0, 0, 0, 1, 1, 1]


async def test_the_same_mention_again_is_still_one_file(desk, host):
    url = host.put("/1.jpg", photo())
    first = await asyncio.gather(*(desk.post(url) for _ in range(5)))
    await desk.settled()
    await desk.post(url)
    await desk.settled()
    assert len({one["mention_id"] for one in first}) == 1
    assert await desk.files() == [0, 1]
    assert host.paths() == ["/1.jpg"]


async def test_a_channel_with_an_account_of_ours_lends_its_token_to_no_address(desk, host):
    """Whoever posts may call the channel what they like."""
    await desk.post(host.put("/1.jpg", photo()), channel="whatsapp", account="kota")
    await desk.settled()
    assert await desk.files() == [0, 1]
    assert all("authorization" not in headers for _, headers in host.asked)


REFUSED = {
    "too large": (b"\0" * (MOST_BYTES + 1), {}),
    "a page": (b"<!doctype html><script>1</script>", {"content-type": "image/jpeg"}),
    "a drawing with scripts": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', {}),
    "no bytes": (b"", {}),
}


@pytest.mark.parametrize(("content", "headers"), REFUSED.values(), ids=REFUSED)
async def test_what_is_no_file_to_keep_is_refused_once_and_stands_as_missing(
    desk, host, content, headers
):
    await desk.post(host.put("/1.jpg", content, **headers))
    await desk.settled()
    assert await desk.waiting("ended_as = 'refused'") == 1
    assert (await desk.files(), desk.blobs(), host.paths()) == ([0], 0, ["/1.jpg"])


INSIDE = (
    "http://127.0.0.1:1/x",
    "https://127.0.0.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://10.0.0.1:8443/x",
    "https://2130706433/x",
    "https://user@example.org/x",
    "https://example.org:22/x",
    "http://example.org/x",
)


@pytest.mark.parametrize("inside", INSIDE)
async def test_an_address_inside_is_asked_neither_at_once_nor_after_a_redirection(
    desk, host, inside
):
    host.put("/moved.jpg", b"", 302, location=inside)
    await desk.post(inside)
    await desk.post(f"{host.origin}/moved.jpg", external_id="2")
    await desk.settled()
    assert await desk.waiting("ended_as = 'refused'") == 2
    assert (await desk.files(), host.paths()) == ([0, 0], ["/moved.jpg"])


async def test_redirections_are_followed_three_times(desk, host):
    for n in range(5):
        host.put(f"/{n}", b"", 302, location=f"/{n + 1}")
    host.put("/5", photo())
    await desk.post(f"{host.origin}/2")
    await desk.settled()
    assert (await desk.files(), host.paths()) == ([0, 1], ["/2", "/3", "/4", "/5"])
    await desk.post(f"{host.origin}/1", external_id="2")
    await desk.put_off()
    assert host.paths()[4:] == ["/1", "/2", "/3", "/4"]


async def test_one_that_is_gone_is_asked_for_again_until_it_is_given_up(desk, host):
    await desk.post(f"{host.origin}/1.jpg")
    await desk.put_off()
    await desk.later()
    await desk.put_off()
    await desk.later(tries=1_000)
    await desk.settled()
    assert await desk.waiting("ended_as = 'given_up'") == 1
    metrics = (await desk.ingest.http.get("/metrics")).text
    assert 'lintas_media_fetches_total{channel="other",outcome="given_up"}' in metrics
    # asked for anew by whoever posts it again
    host.put("/1.jpg", photo())
    await desk.post(f"{host.origin}/1.jpg")
    await desk.settled()
    assert await desk.files() == [0, 1]


async def test_a_slow_one_costs_neither_the_answer_nor_the_files_of_platforms(desk, host):
    collecting = desk.ingest.app.state.deps.collecting
    collecting._asking._total_s = 0.2
    host.put("/1.jpg", photo())
    host.slow.add("/1.jpg")
    await desk.post(f"{host.origin}/1.jpg")
    assert await desk.files() == [0]
    assert collecting.due is not collecting.due_public
    await desk.put_off()
    host.slow.clear()
    await desk.later()
    await desk.settled()
    assert await desk.files() == [0, 1]


async def test_a_mention_that_was_answered_is_never_without_its_files_however_it_ends(
    database, host, start, until, tmp_path
):
    """What is to be asked for is in the commit that the 202 speaks of."""
    async with start() as ingest:
        desk = Desk(ingest, until, tmp_path / "media")
        ingest.app.state.deps.collecting.due_public._take = _nothing
        await desk.post(host.put("/1.jpg", photo()))
        assert await desk.waiting() == 1
    async with start() as ingest:
        desk = Desk(ingest, until, tmp_path / "media")
        await desk.settled()
        assert await desk.files() == [0, 1]


async def _nothing(*_: object) -> list[object]:
    return []


async def test_an_erased_reporter_leaves_no_file(desk, host):
    accepted = await desk.post(host.put("/1.jpg", photo()), author={"handle": "warga_1"})
    await desk.settled()
    assert desk.blobs() == 1
    answer = await desk.ingest.http.post(
        "/v1/vault/erase",
        json={"purpose": "data_subject_request", "ticket": accepted["ticket"]},
        headers=desk.ingest.bearer("operator"),
    )
    assert answer.status_code == 200, answer.text
    assert desk.blobs() == 0


async def test_whoever_is_erased_meanwhile_gets_no_file_any_more(desk, host):
    accepted = await desk.post(f"{host.origin}/1.jpg")
    await desk.put_off()
    host.put("/1.jpg", photo())
    answer = await desk.ingest.http.post(
        "/v1/vault/erase",
        json={"purpose": "data_subject_request", "ticket": accepted["ticket"]},
        headers=desk.ingest.bearer("operator"),
    )
    assert answer.status_code == 200, answer.text
    asked = len(host.asked)
    await desk.later()
    await desk.settled()
    assert (await desk.waiting("TRUE"), desk.blobs(), len(host.asked)) == (0, 0, asked)
