"""The four services: how each is started, what it is told, how its tables are made."""

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lintas_local.layout import Home
from lintas_local.settings import LauncherSettings
from lintas_local.stack import probe
from lintas_local.stack.databases import ServiceDatabase
from lintas_local.stack.keys import KeyFolder
from lintas_local.stack.ports import Ports
from lintas_local.stack.program import Program
from lintas_local.stack.secrets import SecretFolder

#: the package of each service, in the order they are shown
PACKAGES: Mapping[str, str] = {
    "ingest": "ingest",
    "router": "router",
    "agency-gateway": "agency_gateway",
    "metrics": "metrics",
}
#: random keys by the service that reads them, as LINTAS_<NAME>_FILE
KEYS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("vault_key", "complaint_id_key", "quarantine_key"),
    "router": ("quarantine_key",),
    "agency-gateway": ("quarantine_key",),
    "metrics": ("quarantine_key",),
}
#: what the launcher itself reads; a service must not take it for its own
_LAUNCHER = frozenset(
    {f"LINTAS_{field.upper()}" for field in LauncherSettings.model_fields if field != "environment"}
    | {"LINTAS_OPERATOR_KEY", "LINTAS_PUBLISHER_KEY"}
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every service of one stack shares."""

    home: Home
    ports: Ports
    kafka: str
    admin_url: str
    databases: Mapping[str, ServiceDatabase]
    secrets: SecretFolder
    keys: KeyFolder
    #: the launcher's own variables; LINTAS_* among them reach the services
    environ: Mapping[str, str]

    def address(self, service: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self.ports.of(service)}"

    def told(self, service: str) -> dict[str, str]:
        """The LINTAS_* variables of a service: what the operator set, completed by the stack."""
        chosen = {
            name: value
            for name, value in self.environ.items()
            if name.startswith("LINTAS_") and name.removesuffix("_FILE") not in _LAUNCHER
        }
        made = {
            f"LINTAS_{name.upper()}_FILE": str(self.secrets.key(name))
            for name in ("key_pepper", *KEYS[service])
        }
        made["LINTAS_KEYS_FILE"] = str(self.keys.ring)
        made["LINTAS_PUBLIC_URL"] = self.address(service)
        if service == "ingest":
            # of all its instances
            made["LINTAS_MEDIA_FOLDER"] = str(_made(self.home.folder / "media"))
        if service == "router":
            made["LINTAS_GATEWAY_KEY_FILE"] = str(self.keys.path("router"))
        if service == "agency-gateway":
            made["LINTAS_INGEST_KEY_FILE"] = str(self.keys.path("agency-gateway"))
        for other in PACKAGES:
            made[f"LINTAS_{other.upper().replace('-', '_')}_URL"] = self.address(other)
        # a value the operator gave stands, whether directly or as a file
        given = {name.removesuffix("_FILE") for name in chosen}
        completed = {
            name: value for name, value in made.items() if name.removesuffix("_FILE") not in given
        }
        return {
            **chosen,
            **completed,
            "LINTAS_KAFKA": self.kafka,
            "LINTAS_DATABASE_URL": self.databases[service].url(self.admin_url),
        }

    def program(self, service: str, *, name: str | None = None, port: int | None = None) -> Program:
        """How the supervisor runs a service; another instance of it has its own name and port."""
        name, port = name or service, port or self.ports.of(service)
        return Program(
            name=name,
            command=(
                *(sys.executable, "-m", "uvicorn", "--factory"),
                f"{PACKAGES[service]}.app:from_environment",
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--http", "lintas.web.protocol:PatientProtocol"),
                *("--no-access-log", "--timeout-graceful-shutdown", "5"),
            ),
            environ={**_inherited(self.environ), **self.told(service)},
            # alive; ready it may be only once a city pack is applied
            ready=partial(probe.http_answers, port, "/healthz"),
            folder=_made(self.home.folder / "work" / name),
            stop_timeout_s=12.0,
        )

    async def migrate(self, service: str) -> None:
        """Bring a service's tables to the newest schema, as their owner."""
        app = importlib.import_module(f"{PACKAGES[service]}.app")
        url = self.databases[service].url(self.admin_url, owner=True)
        await app.migrate({**self.told(service), "LINTAS_DATABASE_OWNER_URL": url})


def _inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """The launcher's surroundings without what changes how Python or our settings behave."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("LINTAS_", "PYTHON", "VIRTUAL_ENV"))
    }
    # asserts guard the Kafka client, so PYTHONOPTIMIZE must not come along
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **kept, "PYTHONUNBUFFERED": "1"}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
