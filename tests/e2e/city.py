"""A whole city: the `lintas` command itself, as a person starts it, with the bundled day played."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from lintas.contracts.records import Record
from lintas.messaging.reader import read_to_end
from lintas_local.stack.databases import SHORT
from lintas_local.stack.postgres import SUPERUSER
from lintas_local.stack.secrets import SecretFolder

LINTAS = Path(sys.executable).with_name("lintas")
CHECKOUT = Path(__file__).parents[2]
_PATIENCE_S = 300


@dataclass
class City:
    """A running launcher (`lintas demo` or `lintas up`)."""

    home: Path
    process: subprocess.Popen[bytes]

    @property
    def running(self) -> dict[str, Any]:
        """What runs and where, as the launcher says."""
        return json.loads((self.home / "running.json").read_text(encoding="utf-8"))

    @property
    def outcome(self) -> dict[str, Any]:
        """`demo.json`."""
        return json.loads((self.home / "demo.json").read_text(encoding="utf-8"))

    @property
    def staff(self) -> dict[str, str]:
        """Passwords of the simulated staff by user name."""
        return json.loads((self.home / "keys" / "staff.json").read_text(encoding="utf-8"))

    def key(self, client: str = "operator") -> str:
        """A key of one of this machine's own clients."""
        return (self.home / "keys" / f"{client}.key").read_text(encoding="utf-8").strip()

    def client(self, service: str, credential: str | None = None) -> httpx2.Client:
        """HTTP to a service, with a key or a session if one is given."""
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        address = self.running["addresses"][service]
        return httpx2.Client(base_url=address, headers=headers, trust_env=False, timeout=15)

    def session(self, username: str) -> str:
        """Log in as one of the staff."""
        with self.client("agency-gateway") as gateway:
            answer = gateway.post(
                "/login", json={"username": username, "password": self.staff[username]}
            )
        assert answer.status_code == 200, answer.text
        return answer.json()["token"]

    def records(self, *topics: str) -> list[Record]:
        """Every record of these topics, as bytes."""
        return asyncio.run(read_to_end(self.running["kafka"], "tests", topics))

    def rows(self, service: str) -> dict[str, list[str]]:
        """Every row of every table of a service, as text, seen by whom nothing is hidden from."""
        return asyncio.run(self._rows(f"lintas_{SHORT[service]}"))

    async def _rows(self, database: str) -> dict[str, list[str]]:
        password = SecretFolder(self.home / "secrets").password(SUPERUSER)
        port = (self.home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[3]
        connection = await asyncpg.connect(
            f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"
        )
        try:
            tables = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            return {
                name: [
                    " ".join(map(_readable, row.values()))
                    for row in await connection.fetch(f'SELECT * FROM "{name}"')
                ]
                for [name] in tables
            }
        finally:
            await connection.close()

    def lintas(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the operator's in this city."""
        return subprocess.run(
            [LINTAS, *arguments],
            cwd=CHECKOUT,
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
        )

    def log(self, name: str) -> str:
        """What a process has logged."""
        return (self.home / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def environ(self) -> dict[str, str]:
        """For commands that talk to this city."""
        return {**_quiet(), "LINTAS_HOME": str(self.home)}


def start_demo(home: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> City:
    """Start `lintas demo` with its data in `home`, on free ports."""
    return start(home, "demo", *arguments, environ=environ)


def start_up(home: Path, pack: Path) -> City:
    """Start `lintas up` with its data in `home`, and return once `pack` is in force."""
    city = start(home, "up", "--pack", str(pack), "--json")
    log = home / "launcher.log"
    wait_until(city, lambda: '"event": "up"' in log.read_text("utf-8", "replace"), "the city")
    return city


def start(
    home: Path, command: str, *arguments: str, environ: Mapping[str, str] | None = None
) -> City:
    """Start a launcher with its data in `home`, on free ports."""
    home.mkdir(parents=True)
    with (home / "launcher.log").open("wb") as log:
        process = subprocess.Popen(
            [LINTAS, command, "--ports", "0", *arguments],
            cwd=CHECKOUT,
            env={**_quiet(), "LINTAS_HOME": str(home), **(environ or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    return City(home, process)


def wait_until(city: City, condition: Callable[[], bool], what: str) -> None:
    """Return when `condition` holds; fail when the launcher ends first or patience does."""
    give_up_at = time.monotonic() + _PATIENCE_S
    while not condition():
        said = (city.home / "launcher.log").read_text(encoding="utf-8", errors="replace")[-3_000:]
        assert city.process.poll() is None, f"the launcher ended before {what}:\n{said}"
        assert time.monotonic() < give_up_at, f"no {what} in {_PATIENCE_S} s:\n{said}"
        time.sleep(0.1)


def end(city: City) -> None:
    """End it as Ctrl-C does, and see that it leaves nothing behind."""
    if city.process.poll() is None:
        pids = list(city.running["processes"].values())
        city.process.send_signal(signal.SIGTERM)
        city.process.wait(timeout=60)
        orphans = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        assert orphans == []


def _readable(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _quiet() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LINTAS_")}
