"""Accounts of ours, made as an operator would."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.channels import CHANNELS
from ingest.channels.accounts import Account, Accounts, load_accounts

_META = {"app_secret_files": ["app"], "verify_token_file": "verify", "access_token_file": "token"}
_OWN: dict[str, dict[str, Any]] = {
    "facebook": _META,
    "instagram": _META,
    "whatsapp": _META,
    "telegram": {"secret_token_files": ["app"]},
    "email": {
        "addresses": ["aduan@kota.example"],
        "postmark_user": "postmark",
        "postmark_password_files": ["app"],
    },
    "x": {"consumer_secret_files": ["app"], "ids": 100},
}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Accounts]:
    """Loads a list of accounts beside three files with secrets."""
    for name in ("app", "verify", "token"):
        (tmp_path / name).write_text(f"{name}-0123456789-abcdefghij\n", encoding="utf-8")

    def load(*accounts: Any) -> Accounts:
        file = tmp_path / "accounts.yaml"
        file.write_text(yaml.safe_dump({"accounts": list(accounts)}), encoding="utf-8")
        return load_accounts(file, CHANNELS)

    return load


@pytest.fixture
def account(load: Callable[..., Accounts]) -> Callable[..., Account]:
    """One account on a channel; its settings may be changed."""

    def make(channel: str, **changes: Any) -> Account:
        [made] = load({"channel": channel, "name": "kota"} | _OWN[channel] | changes)
        return made

    return make


@pytest.fixture
def told(account: Callable[..., Any]) -> Callable[..., list[Any]]:
    """What a body tells on a channel."""

    def tell(channel: str, body: Any, **changes: Any) -> list[Any]:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return account(channel, **changes).translate(content)

    return tell
