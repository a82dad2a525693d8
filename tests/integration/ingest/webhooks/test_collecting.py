"""Files that messages only name are asked of a platform of our own, on loopback."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from PIL import Image

pytestmark = pytest.mark.stack

MOST_BYTES = 200_000


def photo(colour: str = "red") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(written, "JPEG")
    return written.getvalue()


PHOTO = photo()


@dataclass
class Platform:
    """Answers by path, and remembers who asked for what; it can be away, and can be made to wait."""

    files: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    origin: str = ""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False

    def put(self, path: str, content: bytes | dict[str, object], status: int = 200, **more: str):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.files[path] = status, more, body

    def whatsapp(self, identity: str, content: bytes = PHOTO, **more: object) -> None:
        """A file as WhatsApp holds it: an id, and an address that lives for minutes."""
        digest = hashlib.sha256(content).hexdigest()
        url = f"{self.origin}/files/{identity}"
        self.put(f"/v25.0/{identity}", {"url": url, "sha256": digest, "id": identity} | more)
        self.put(f"/files/{identity}", content)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        path = head[0].split(" ")[1]
        self.asked.append((path, headers))
        await self.gate.wait()
        if not self.away:
            status, more, body = self.files.get(path, (404, {}, b""))
            lines = [f"{name}: {value}" for name, value in more.items()]
            lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *lines, "", ""]
            writer.write("\r\n".join(lines).encode() + body)
        writer.close()

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    platform.gate.set()
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    platform.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield platform
    platform.gate.set()
    server.close()


@pytest.fixture
def environ(environ: dict[str, str], platform: Platform, tmp_path) -> dict[str, str]:
    file = tmp_path / "accounts.yaml"
    described = file.read_text(encoding="utf-8")
    described = described.replace(
        "  access_token_file", f"  graph_url: {platform.origin}/v25.0\n  access_token_file"
    ).replace("  bot_token_file", f"  api_url: {platform.origin}\n  bot_token_file")
    file.write_text(described, encoding="utf-8")
    return environ | {
        "LINTAS_ENVIRONMENT": "test",
        "LINTAS_ASK_ALSO": platform.origin,
        "LINTAS_MEDIA_MOST_BYTES": str(MOST_BYTES),
    }


_numbers = count(1)


def message(*, identity: str = "m-1", sender: str = "ID.siti", **content) -> dict[str, object]:
    """One WhatsApp message."""
    value = {
        "metadata": {"phone_number_id": "1"},
        "contacts": [{"profile": {"name": "Siti"}, "user_id": sender}],
        "messages": [
            {
                "id": f"wamid.{identity}",
                "from_user_id": sender,
                "timestamp": "1790000000",
            }
            | content
        ],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def with_photo(file: str = "f-1", caption: str = "Jalan berlubang", **more) -> dict[str, object]:
    image = {"id": file, "mime_type": "image/jpeg", "caption": caption}
    return message(type="image", image=image, **more)


def direct(url: str, identity: str = "d-1") -> dict[str, object]:
    """One Messenger message with a file at an address."""
    item = {
        "sender": {"id": "700"},
        "recipient": {"id": "800"},
        "timestamp": 1790000000000,
        "message": {
            "mid": identity,
            "text": "Jalan berlubang",
            "attachments": [{"type": "image", "payload": {"url": url}}],
        },
    }
    return {"object": "page", "entry": [{"id": "800", "time": 1, "messaging": [item]}]}


def telegram(file: str = "t-1") -> dict[str, object]:
    return {
        "update_id": 1,
        "message": {
            "message_id": 5,
            "date": 1790000000,
            "chat": {"id": 900, "type": "private"},
            "from": {"id": 900, "first_name": "Siti"},
            "caption": "Jalan berlubang",
            "photo": [{"file_id": file, "width": 64, "height": 48}],
        },
    }


@dataclass
class City:
    """What came of it."""

    webhooks: object
    until: Callable
    media_folder: object

    async def post(self, channel: str, body: object) -> None:
        assert (await self.webhooks.post(channel, body)).status_code == 200

    async def waiting(self, where: str = "due_at IS NOT NULL") -> int:
        return await self.webhooks.ingest.count(f"awaited_media WHERE {where}")

    async def settled(self) -> None:
        await self.until(self._settled)

    async def _settled(self) -> bool:
        return await self.waiting() == 0

    async def put_off(self) -> None:
        """A first attempt failed, and the next one waits for its time."""
        await self.until(self._put_off)

    async def _put_off(self) -> bool:
        return await self.waiting("due_at < now() + interval '1 minute' AND tries >= 1") == 1

    async def later(self, tries: int = 1) -> None:
        """Time goes on."""
        await self.webhooks.ingest.database.execute(
            "UPDATE awaited_media SET due_at = now(), tries = $1", tries
        )

    async def events(self) -> list[dict]:
        return await self.webhooks.ingest.events()

    async def media(self) -> list[list[str]]:
        """The files in every event, by what they are."""
        return [[one["sha256"] for one in e["mention"]["media"]] for e in await self.events()]

    def blobs(self) -> int:
        return sum(path.is_file() for path in self.media_folder.rglob("*"))


@pytest.fixture
def city(webhooks, until, tmp_path) -> City:
    return City(webhooks, until, tmp_path / "media")


async def test_a_message_is_acknowledged_first_and_its_photo_follows_as_an_edit(
    city, platform, secrets
):
    platform.whatsapp("f-1")
    platform.gate.clear()
    await city.post("whatsapp", with_photo())
    assert await city.media() == [[]]
    platform.gate.set()
    await city.settled()
    first, then = await city.events()
    [media] = then["mention"]["media"]
    assert (media["media_type"], city.blobs()) == ("image/jpeg", 1)
    changed = {"media", "sealed"}
    assert {k: v for k, v in then["mention"].items() if k not in changed} == {
        k: v for k, v in first["mention"].items() if k not in changed
    }
    assert platform.paths() == ["/v25.0/f-1", "/files/f-1"]
    for path, headers in platform.asked:
        assert headers["authorization"] == f"bearer {secrets['meta-token']}".lower()
        assert secrets["meta-token"] not in path


async def test_telegram_tells_where_a_file_is_and_gets_its_token_in_the_address(
    city, platform, secrets
):
    token = secrets["telegram-bot"]
    answer = {"ok": True, "result": {"file_id": "t-1", "file_path": "photos/file 1.jpg"}}
    platform.put(f"/bot{token}/getFile?file_id=t-1", answer)
    platform.put(f"/file/bot{token}/photos/file%201.jpg", PHOTO)
    await city.post("telegram", telegram())
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1]


async def test_messenger_gives_addresses_and_our_token_goes_to_none_of_them(city, platform):
    platform.put("/cdn/1.jpg?oh=secret", PHOTO)
    await city.post("facebook", direct(f"{platform.origin}/cdn/1.jpg?oh=secret"))
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1]
    assert all("authorization" not in headers for _, headers in platform.asked)


async def test_a_delivery_again_and_again_and_the_same_photo_twice_are_one_file(city, platform):
    platform.whatsapp("f-1")
    platform.whatsapp("f-2")
    await asyncio.gather(*(city.post("whatsapp", with_photo()) for _ in range(5)))
    await city.settled()
    await city.post("whatsapp", with_photo())
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1]
    await city.post("whatsapp", with_photo("f-2", identity="m-2"))
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1, 0, 1]
    assert city.blobs() == 1


async def test_an_address_that_expired_is_asked_for_anew(city, platform):
    platform.whatsapp("f-1")
    platform.put("/files/f-1", b"", 404)
    await city.post("whatsapp", with_photo())
    await city.put_off()
    platform.whatsapp("f-1", url=f"{platform.origin}/files/fresh")
    platform.put("/files/fresh", PHOTO)
    await city.later()
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1]


async def test_a_platform_that_is_away_is_asked_again_and_delays_nobody(city, platform):
    platform.away = True
    platform.whatsapp("f-1")
    await city.post("whatsapp", with_photo())
    await city.put_off()
    await city.post("whatsapp", message(identity="m-2", type="text", text={"body": "Masih"}))
    assert await city.media() == [[], []]
    platform.away = False
    await city.later()
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 0, 1]


async def test_a_file_that_never_comes_is_given_up_and_stands_as_missing(city, platform):
    await city.post("whatsapp", with_photo())
    await city.put_off()
    await city.later(tries=1_000)
    await city.settled()
    assert await city.waiting("ended_as = 'given_up'") == 1
    assert await city.media() == [[]]


REFUSED = {
    "too large": b"\0" * (MOST_BYTES + 1),
    "a page": b"<!doctype html><script>1</script>",
    "a program": b"MZ\x90\0" + b"\0" * 100,
    "no bytes": b"",
    "cut short": PHOTO[:200],
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
async def test_what_is_no_file_to_keep_is_refused_once_and_stands_as_missing(
    city, platform, content
):
    platform.whatsapp("f-1", content)
    await city.post("whatsapp", with_photo())
    await city.settled()
    assert await city.waiting("ended_as = 'refused'") == 1
    assert (await city.media(), city.blobs()) == ([[]], 0)
    assert len(platform.asked) == 2


async def test_bytes_other_than_the_platform_promised_are_not_kept(city, platform):
    platform.whatsapp("f-1", sha256="0" * 64)
    await city.post("whatsapp", with_photo())
    await city.put_off()
    assert city.blobs() == 0


@pytest.mark.parametrize(
    "inside",
    ["http://127.0.0.1:1/x", "https://169.254.169.254/latest", "https://[::1]/", "ftp://a"],
)
async def test_a_redirection_inside_is_refused(city, platform, inside):
    platform.put("/cdn/1.jpg", b"", 302, location=inside)
    await city.post("facebook", direct(f"{platform.origin}/cdn/1.jpg"))
    await city.settled()
    assert await city.waiting("ended_as = 'refused'") == 1


async def test_a_redirection_is_followed_and_one_in_a_circle_ends(city, platform):
    platform.put("/cdn/1.jpg", b"", 302, location="/cdn/2.jpg")
    platform.put("/cdn/2.jpg", PHOTO)
    await city.post("facebook", direct(f"{platform.origin}/cdn/1.jpg"))
    await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1]
    platform.put("/cdn/3.jpg", b"", 302, location="/cdn/3.jpg")
    await city.post("facebook", direct(f"{platform.origin}/cdn/3.jpg", "d-2"))
    await city.put_off()
    assert platform.paths().count("/cdn/3.jpg") == 4


async def test_an_end_between_keeping_and_telling_is_made_good(city, platform, start, until):
    """The first process keeps the file and ends before it could tell of it."""
    platform.whatsapp("f-1")
    collecting = city.webhooks.ingest.app.state.deps.collecting

    async def ends(*_):
        raise asyncio.CancelledError

    settle, collecting._settle = collecting._settle, ends
    await city.post("whatsapp", with_photo())
    await until(lambda: _kept(city))
    assert await city.media() == [[]]
    collecting._settle = settle
    async with start() as second:
        await second.database.execute("UPDATE awaited_media SET due_at = now()")
        await city.settled()
    assert [len(files) for files in await city.media()] == [0, 1]
    assert city.blobs() == 1


async def test_without_a_token_a_file_is_recorded_as_missing(
    database, platform, start, until, as_platform, tmp_path
):
    file = tmp_path / "accounts.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(one for one in lines if "access_token" not in one), encoding="utf-8")
    async with start() as ingest:
        city = City(as_platform(ingest), until, tmp_path / "media")
        await city.post("whatsapp", with_photo())
        await city.put_off()
        metrics = (await ingest.http.get("/metrics")).text
    assert 'lintas_media_fetches_total{channel="whatsapp",outcome="no_token"}' in metrics
    assert platform.asked == []


async def test_an_edit_keeps_the_files_that_came_before_and_those_still_to_come(city, platform):
    platform.whatsapp("f-1")
    await city.post("whatsapp", with_photo())
    await city.settled()
    await city.post("whatsapp", edit("Jalan berlubang besar"))
    platform.away = True
    await city.post("whatsapp", with_photo("f-2", identity="m-2"))
    await city.put_off()
    await city.post("whatsapp", edit("Dan got tersumbat", identity="m-2"))
    platform.away = False
    platform.whatsapp("f-2", photo("blue"))
    await city.later()
    await city.settled()
    told = [(e["mention"]["text"], len(e["mention"]["media"])) for e in await city.events()]
    assert told == [
        ("Jalan berlubang", 0),
        ("Jalan berlubang", 1),
        ("Jalan berlubang besar", 1),
        ("Jalan berlubang", 0),
        ("Dan got tersumbat", 0),
        ("Dan got tersumbat", 1),
    ]


async def test_what_is_taken_back_meanwhile_takes_no_file(city, platform):
    platform.whatsapp("f-1")
    platform.gate.clear()
    await city.post("whatsapp", with_photo())
    await city.until(lambda: _asked(platform))
    revoke = message(identity="r-1", type="revoke", revoke={"original_message_id": "wamid.m-1"})
    await city.post("whatsapp", revoke)
    platform.gate.set()
    await city.settled()
    assert len(await city.events()) == 2


async def test_an_erased_reporter_leaves_no_file_and_others_keep_theirs(city, platform):
    for file, sender in (("f-1", "ID.siti"), ("f-2", "ID.budi")):
        platform.whatsapp(file)
        await city.post("whatsapp", with_photo(file, identity=file, sender=sender))
    await city.settled()
    assert city.blobs() == 2
    ingest = city.webhooks.ingest
    whose = {"channel": "whatsapp", "account": "kota", "platform_id": "ID.siti"}
    answer = await ingest.http.post(
        "/v1/vault/erase",
        json={"purpose": "data_subject_request", "reporter": whose},
        headers=ingest.bearer("operator"),
    )
    assert answer.status_code == 200, answer.text
    assert city.blobs() == 1
    erased = await ingest.database.fetchval("SELECT key_id FROM reporter_key WHERE wrapped IS NULL")
    [left] = [path for path in city.media_folder.rglob("*") if path.is_file()]
    assert erased.hex not in left.parts


def edit(caption: str, identity: str = "m-1") -> dict[str, object]:
    changed = {"type": "text", "text": {"body": caption}}
    return message(
        identity=f"e-{next(_numbers)}",
        type="edit",
        edit={"original_message_id": f"wamid.{identity}", "message": changed},
        timestamp="1790000100",
    )


async def _kept(city: City) -> bool:
    return city.blobs() == 1


async def _asked(platform: Platform) -> bool:
    return bool(platform.asked)
