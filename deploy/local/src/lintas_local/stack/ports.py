"""Which ports the stack uses, and who is in the way."""

import asyncio
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from lintas_local.settings import LauncherSettings
from lintas_local.stack import processes
from lintas_local.stack.problems import StackProblem

_ADDRESS = "127.0.0.1"
#: below the range the kernel takes for outgoing connections, so that nothing slips onto a port
#: while its owner restarts
_FREE = range(15_000, 32_000)
_LEAVING_S = 3.0


@dataclass(frozen=True, slots=True)
class Ports:
    """One port per part; all on 127.0.0.1."""

    kafka: int = 9092
    kafka_controller: int = 9093
    postgres: int = 5433
    ingest: int = 8001
    router: int = 8002
    agency_gateway: int = 8003
    metrics: int = 8004

    @classmethod
    def at(cls, base: int) -> Self:
        """Consecutive ports from `base` on; ports that are free right now if `base` is 0."""
        count = len(fields(cls))
        return cls(*(free_ports(count) if base == 0 else range(base, base + count)))

    @classmethod
    def of_settings(cls, settings: LauncherSettings, base: int | None = None) -> Self:
        """As chosen: from `base` on, else from LINTAS_PORTS on, else each by its own setting."""
        first = settings.ports if base is None else base
        if first is not None:
            return cls.at(first)
        return cls(*(getattr(settings, f"{field.name}_port") for field in fields(cls)))

    def of(self, part: str) -> int:
        """The port of a part by its name (`agency-gateway`, `kafka`, ...)."""
        port: int = getattr(self, part.replace("-", "_"))
        return port


def free_ports(count: int) -> list[int]:
    """So many ports that are free right now, in no order."""
    found: list[int] = []
    for port in random.sample(_FREE, len(_FREE)):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise StackProblem("no free ports are left on this machine")


def is_free(port: int) -> bool:
    """Whether something could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_ADDRESS, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on `port`: pid and program, as far as this user may know."""
    pid = processes.listener(port)
    if pid is None:
        return "a program of another user"
    program, *arguments = processes.command_of(pid) or ["?"]
    return f"pid {pid} ({' '.join([Path(program).name, *arguments])[:60]})"


async def require_free(ports: Iterable[tuple[str, int]]) -> None:
    """Return if every port is free; what a killed stack left is given a moment to go.

    Raises:
        StackProblem: names each port in the way, who holds it and how to choose another.
    """
    wanted = list(ports)
    deadline = asyncio.get_running_loop().time() + _LEAVING_S
    while True:
        taken = [(part, port) for part, port in wanted if not is_free(port)]
        if not taken:
            return
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.1)
    variable = f"LINTAS_{taken[0][0].upper().replace('-', '_')}_PORT"
    raise StackProblem(
        "; ".join(f"port {port} for {part} is held by {holder(port)}" for part, port in taken),
        f"End that program, or choose other ports (`lintas up --ports 18000`, or {variable}=...)",
    )
