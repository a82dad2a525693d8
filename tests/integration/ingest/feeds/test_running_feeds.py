"""The feeds as a whole service runs them."""

import asyncio
import smtplib
import socket
from pathlib import Path

import pytest

pytestmark = pytest.mark.stack


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hand_over(port: int, raw: bytes) -> dict[str, tuple[int, bytes]]:
    with smtplib.LMTP("127.0.0.1", port) as client:
        return client.sendmail("siti@surat.example", ["lapor@kota.example"], raw)


def write_accounts(path: Path, imap_port: int) -> None:
    path.write_text(
        f"""
accounts:
- channel: email
  name: lapor
  addresses: [lapor@kota.example]
  imap_host: 127.0.0.1
  imap_port: {imap_port}
  imap_tls: false
  imap_user: lapor
  imap_password_file: imap-password
  imap_every_s: 1
- channel: mastodon
  name: kota
  server: http://127.0.0.1:9
  token_file: mastodon-token
  id: 100
""",
        encoding="utf-8",
    )


async def test_a_mailbox_and_a_mail_server_feed_one_service(
    database, start, imap, letter, environ, until
):
    write_accounts(Path(environ["LINTAS_ACCOUNTS_FILE"]), imap.port)
    imap.letters = {1: letter("kotak"), 2: letter("sama")}
    port = free_port()
    async with start(LINTAS_MAIL_LISTEN=f"127.0.0.1:{port}") as ingest:
        await until(lambda: _complaints(ingest, 2))
        assert await asyncio.to_thread(hand_over, port, letter("server")) == {}
        # the same letter by both feeds is one
        await asyncio.to_thread(hand_over, port, letter("sama"))
        imap.letters[3] = letter("kemudian")
        await until(lambda: _complaints(ingest, 4))
        # a Mastodon server that is away harms nobody
        assert (await ingest.http.get("/healthz")).status_code == 200


async def _complaints(ingest, number: int) -> bool:
    return await ingest.count("complaint") == number
