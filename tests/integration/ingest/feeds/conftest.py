"""Sources that are read instead of posting to us, on loopback: a mailbox, a mail server, Mastodon."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.beside import payload

from ingest.workers.listener import ListenerLoop
from ingest.workers.mailbox import MailboxLoop

SECRETS = {
    "imap-password": "imap-Password_0123456789",
    "postmark-password": "pm-Password_0123456789",
    "postmark-password-before": "pm-Earlier_9876543210",
    "mastodon-token": "mastodon-Token_0123456789",
}
FILE = """
accounts:
- channel: email
  name: lapor
  addresses: [lapor@kota.example]
  message_domains: [lapor.kota.example]
  postmark_user: postmark
  postmark_password_files: [postmark-password, postmark-password-before]
- channel: email
  name: satpol
  addresses: [satpol@kota.example]
"""


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Settings with two addresses that letters may be sent to."""
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret + "\n", encoding="utf-8")
    (tmp_path / "accounts.yaml").write_text(FILE, encoding="utf-8")
    return environ | {"LINTAS_ACCOUNTS_FILE": str(tmp_path / "accounts.yaml")}


@pytest.fixture(name="secrets")
def secrets_fixture() -> dict[str, str]:
    """The accounts' secrets, by file."""
    return SECRETS


def letter(identity: str, text: str = "Lampu jalan mati.", **headers: str) -> bytes:
    """A letter with a Message-ID; header names have _ for -."""
    fields = {
        "From": "Siti Rahma <siti@surat.example>",
        "To": "lapor@kota.example",
        "Message-ID": f"<{identity}@surat.example>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\n{text}\r\n".encode()


@pytest.fixture(name="letter")
def letter_fixture() -> Callable[..., bytes]:
    """See `letter`."""
    return letter


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """Bodies that other projects keep as samples, by name."""
    return payload


Listen = Callable[..., Any]


@pytest.fixture
def listen(ingest: Any) -> Listen:
    """Listens for letters for the length of a block; gives the port."""

    @asynccontextmanager
    async def run(**changes: Any) -> AsyncIterator[int]:
        deps = ingest.app.state.deps
        settings = {
            "address": ("127.0.0.1", 0),
            "protocol": "smtp",
            "most_bytes": 1_000_000,
            "most_connections": 5,
        }
        loop = ListenerLoop(deps, deps.accounts.of("email"), **(settings | changes))
        task = asyncio.create_task(loop.run())
        while not loop.listening:
            await asyncio.sleep(0)
            assert not task.done(), task.exception()
        try:
            yield loop.listening[0][1]
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return run


@dataclass
class ImapServer:
    """As much of IMAP4rev1 as a reader of one folder needs, with a log of what it was told."""

    password: str
    validity: int = 7
    #: UID → letter, and what it is marked with
    letters: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    moved: dict[int, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    #: answers after which it hangs up; None: never
    breaks_after: int | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        try:
            while line := (await reader.readline()).decode().strip():
                tag, _, command = line.partition(" ")
                self.commands.append(command)
                if self.breaks_after is not None:
                    self.breaks_after -= 1
                    if self.breaks_after < 0:
                        break
                for untagged, literal in self.answer(command):
                    writer.write(b"* " + untagged.encode())
                    if literal is not None:
                        writer.write(b" {%d}\r\n%s)" % (len(literal), literal))
                    writer.write(b"\r\n")
                refused = command.startswith("LOGIN") and self.password not in command
                writer.write(f"{tag} {'NO refused' if refused else 'OK done'}\r\n".encode())
                await writer.drain()
                if command == "LOGOUT":
                    break
        finally:
            writer.close()

    def answer(self, command: str) -> list[tuple[str, bytes | None]]:
        name = command.split(maxsplit=1)[0].upper()
        if name == "CAPABILITY":
            return [("CAPABILITY IMAP4rev1 MOVE UIDPLUS", None)]
        if name in {"SELECT", "EXAMINE"}:
            return [(f"{len(self.letters)} EXISTS", None)]
        if name == "STATUS":
            return [(f'STATUS "INBOX" (UIDVALIDITY {self.validity})', None)]
        if name == "LOGOUT":
            return [("BYE", None)]
        return self.by_uid(command)

    def by_uid(self, command: str) -> list[tuple[str, bytes | None]]:
        if search := re.match(r"UID SEARCH \(?UID (\d+):\*", command):
            # `n:*` names the last one even where n is beyond it
            last = max(self.letters, default=0)
            found = [uid for uid in self.letters if uid >= min(int(search[1]), last)]
            return [("SEARCH " + " ".join(map(str, found)), None)]
        if fetch := re.match(r"UID FETCH (\d+) \((.+)\)", command, re.IGNORECASE):
            uid = int(fetch[1])
            if uid not in self.letters:
                return []
            if fetch[2] == "RFC822.SIZE":
                return [(f"1 FETCH (UID {uid} RFC822.SIZE {len(self.letters[uid])})", None)]
            if "PEEK" not in fetch[2]:
                self.flags.setdefault(uid, set()).add("\\Seen")
            return [(f"1 FETCH (UID {uid} BODY[]", self.letters[uid])]
        if store := re.match(r"UID STORE ([\d,]+) \+FLAGS \((.+)\)", command):
            for uid in map(int, store[1].split(",")):
                self.flags.setdefault(uid, set()).update(store[2].split())
        if move := re.match(r"UID MOVE ([\d,]+) ", command):
            for uid in map(int, move[1].split(",")):
                self.moved[uid] = self.letters.pop(uid)
        return []


@pytest.fixture
async def imap() -> AsyncIterator[ImapServer]:
    """A mailbox on loopback."""
    box = ImapServer(SECRETS["imap-password"])
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@pytest.fixture
def mailbox_loop(ingest: Any, imap: ImapServer, tmp_path: Path) -> Callable[..., MailboxLoop]:
    """Reads the mailbox for the account `lapor`."""

    def make(most_bytes: int = 100_000, **changes: Any) -> MailboxLoop:
        deps = ingest.app.state.deps
        account = deps.accounts.get("email", "lapor")
        assert account is not None
        found = account.model_validate(
            {
                "channel": "email",
                "name": "lapor",
                "addresses": account.addresses,
                "imap_host": "127.0.0.1",
                "imap_port": imap.port,
                "imap_tls": False,
                "imap_user": "lapor",
                "imap_password_file": "imap-password",
                **changes,
            },
            context={"folder": tmp_path},
        )
        return MailboxLoop(deps, found, most_bytes=most_bytes)

    return make
