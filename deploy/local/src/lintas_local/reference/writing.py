import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lintas.config import SettingRow
from lintas.contracts import asyncapi, topics
from lintas_local.client import OperatorSettings
from lintas_local.layout import CHECKOUT, TOPICS, Home
from lintas_local.reference import pages
from lintas_local.settings import LauncherSettings
from lintas_local.stack import SERVICES, Stack
from lintas_local.stack.keys import KeyFolder
from lintas_local.stack.secrets import SecretFolder
from lintas_local.stack.services import PACKAGES

FOLDER = CHECKOUT / "docs" / "reference"
_VERSION = "0.1.0"


class Drift(Exception):
    """The pages are not what the code says; the message names them."""


def write() -> list[Path]:
    """Write every page that is not in step, and return those."""
    changed = []
    for name, content in _pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            changed.append(path)
    return changed


def drift() -> None:
    """Return if every page is in step.

    Raises:
        Drift: one is not, or is missing.
    """
    wrong = [
        name
        for name, content in _pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != content
    ]
    if wrong:
        raise Drift(f"not in step with the code: {', '.join(sorted(wrong))}; run `lintas docs`")


def _pages() -> Mapping[str, str]:
    registry = topics.load(TOPICS)
    rows: dict[str, list[SettingRow]] = {
        "lintas up": LauncherSettings.describe(),
        "other lintas commands": OperatorSettings.describe(),
    }
    for service in SERVICES:
        rows[service] = import_module(f"{PACKAGES[service]}.app").SETTINGS.describe()
    document = asyncapi.document(registry, _VERSION)
    return {
        "settings.md": pages.settings_page(rows),
        "accounts.md": pages.accounts_page(import_module(f"{PACKAGES['ingest']}.app").ACCOUNTS),
        "metrics.md": pages.metrics_page(),
        "events.md": pages.events_page(registry),
        "routes.md": pages.routes_page(_openapis()),
        "asyncapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }


def _openapis() -> Mapping[str, Mapping[str, Any]]:
    """What each service says of its routes; made with secrets that live only for this moment."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        KeyFolder(home.keys, SecretFolder(home.secrets), environment="docs").make_ready()
        stack = Stack(home.folder, environ={})
        return {
            service: import_module(f"{PACKAGES[service]}.app")
            .create_app(stack.environ(service))
            .openapi()
            for service in SERVICES
        }
