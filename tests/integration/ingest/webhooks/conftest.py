"""Platforms that sign as theirs do, and one account of ours on each."""

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

SECRETS = {
    "meta-app": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "meta-app-before": "00112233445566778899aabbccddeeff",
    "meta-verify": "verify-Jq7tPz31mXw",
    "meta-token": "EAAG-page-token-Zx81qLw0",
    "telegram": "tg-Secret_0123456789-abcdef",
    "telegram-before": "tg-Earlier_9876543210-fedcba",
    "telegram-bot": "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "x-consumer": "xConsumerSecret0123456789abcdefghijklmnopqrs",
    "x-consumer-before": "xEarlierSecret9876543210zyxwvutsrqponmlkjihg",
}
_META = """
  app_secret_files: [meta-app, meta-app-before]
  verify_token_file: meta-verify
  access_token_file: meta-token"""
FILE = f"""
accounts:
- channel: facebook
  name: kota{_META}
- channel: instagram
  name: kota{_META}
- channel: whatsapp
  name: kota{_META}
- channel: telegram
  name: kota
  secret_token_files: [telegram, telegram-before]
  bot_token_file: telegram-bot
- channel: x
  name: kota
  consumer_secret_files: [x-consumer, x-consumer-before]
  ids: 100
"""


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Settings with one account on every channel."""
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret + "\n", encoding="utf-8")
    (tmp_path / "accounts.yaml").write_text(FILE, encoding="utf-8")
    return environ | {"LINTAS_ACCOUNTS_FILE": str(tmp_path / "accounts.yaml")}


def signature(channel: str, body: bytes, secret: str | None = None) -> dict[str, str]:
    """The headers with which a platform posts `body`."""
    if channel == "telegram":
        return {"X-Telegram-Bot-Api-Secret-Token": secret or SECRETS["telegram"]}
    if channel == "x":
        key = (secret or SECRETS["x-consumer"]).encode()
        digest = b64encode(hmac.digest(key, body, hashlib.sha256)).decode()
        return {"x-twitter-webhooks-signature": f"sha256={digest}"}
    key = (secret or SECRETS["meta-app"]).encode()
    return {"X-Hub-Signature-256": f"sha256={hmac.digest(key, body, hashlib.sha256).hex()}"}


@dataclass
class Webhooks:
    """A running ingest as platforms see it."""

    ingest: Any

    async def post(
        self, channel: str, body: Any, headers: dict[str, str] | None = None, account: str = "kota"
    ) -> httpx2.Response:
        """Deliver a body (bytes as they are, else as ASCII JSON), signed unless headers are given."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = signature(channel, content) if headers is None else headers
        return await self.ingest.http.post(
            f"/v1/webhooks/{channel}/{account}",
            content=content,
            headers={"Content-Type": "application/json"} | headers,
        )

    async def get(self, channel: str, **query: str) -> httpx2.Response:
        return await self.ingest.http.get(
            f"/v1/webhooks/{channel}/kota",
            params={name.replace("__", "."): value for name, value in query.items()},
        )

    async def texts(self) -> list[str]:
        """The redacted texts of every event in the outbox."""
        return [event["mention"]["text"] for event in await self.ingest.events()]

    async def nothing_left(self) -> bool:
        counts = [
            await self.ingest.count(table)
            for table in ("complaint", "mention", "outbox", "set_aside", "pointer")
        ]
        return not any(counts)


@pytest.fixture
def as_platform() -> type[Webhooks]:
    """See `Webhooks`."""
    return Webhooks


@pytest.fixture
async def webhooks(ingest: Any) -> Webhooks:
    """See `Webhooks`."""
    return Webhooks(ingest)


@pytest.fixture(name="signature")
def signature_fixture():
    """See `signature`."""
    return signature


@pytest.fixture(name="secrets")
def secrets_fixture() -> dict[str, str]:
    """The accounts' secrets, by file."""
    return SECRETS
