"""Processes of a city by pid: started, stopped, killed and brought back at the harness's word."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from lintas_local.stack.processes import is_alive
from lintas_local.stack.program import Program, describe_exit, last_lines, spawn

_LOOK_S = 0.05
_AGAIN_S = 0.5
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Exit:
    """A process that ended by itself or was killed by somebody."""

    name: str
    code: int
    at: float
    #: whether the harness or an armed fault point ended it
    expected: bool

    def __str__(self) -> str:
        return f"{self.name}: {describe_exit(self.code)}"


class Kept:
    """One process that is restarted half a second after it falls, unless it is held.

    `exits` lists every end. Those the harness caused, or announced in `expected_code`, are expected.
    """

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.exits: list[Exit] = []
        #: a fault point is armed that ends the process with this status
        self.expected_code: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._held = False
        self._ours = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.program.name

    @property
    def pid(self) -> int:
        """Its process id now."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it runs at this moment."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and keep it running; returns at once."""
        self._held = self._ours = False
        self._process = spawn(self.program, self.log)
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    async def ready(self, within_s: float = 60) -> None:
        """Return once it answers."""
        end = monotonic() + within_s
        while not (self.running and await self._answers()):
            if monotonic() > end:
                tail = "\n    ".join(last_lines(self.log, 12))
                raise RuntimeError(f"{self.name} is not ready in {within_s:.0f} s:\n    {tail}")
            await asyncio.sleep(_LOOK_S)

    async def kill(self, how: signal.Signals = signal.SIGKILL, *, hold: bool = False) -> float:
        """End it with a signal, and return after how many seconds it was gone.

        Held, it stays away until `start`; otherwise it is kept as ever.
        """
        self._ours, self._held = True, hold
        process = self._process
        assert process is not None
        began = monotonic()
        process.send_signal(how)
        while process.poll() is None:
            await asyncio.sleep(0.01)
        return monotonic() - began

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> float:
        """End it and start it again; after how many seconds the old one was gone."""
        gone_after_s = await self.kill(how, hold=True)
        self._note_exit()
        self.start()
        return gone_after_s

    def freeze(self) -> None:
        """Stop it and all its children where they are, without their knowing."""
        os.kill(self.pid, signal.SIGSTOP)
        for child in children(self.pid):
            _signal(child, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it and its children go on."""
        for child in children(self.pid):
            _signal(child, signal.SIGCONT)
        os.kill(self.pid, signal.SIGCONT)

    def told(self, **variables: str | None) -> None:
        """Give it these variables from its next start on; None takes one away."""
        environ = {**self.program.environ, **variables}
        kept = {name: value for name, value in environ.items() if value is not None}
        self.program = replace(self.program, environ=kept)

    async def stop(self) -> None:
        """End it for good, within a bound."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if not self.running:
            return
        self.thaw()
        assert self._process is not None
        self._process.send_signal(self.program.stop_signal)
        end = monotonic() + self.program.stop_timeout_s
        while self._process.poll() is None and monotonic() < end:
            await asyncio.sleep(_LOOK_S)
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._process is None or self._process.poll() is None:
                continue
            self._note_exit()
            if not self._held:
                await asyncio.sleep(_AGAIN_S)
                # the harness may have started or held it meanwhile
                if not self._held and not self.running:
                    self._ours = False
                    self._process = spawn(self.program, self.log)

    def _note_exit(self) -> None:
        process = self._process
        if process is None or process.poll() is None:
            return
        code = process.returncode
        expected = self._ours or code == self.expected_code
        self.exits.append(Exit(self.name, code, monotonic(), expected))
        self._process = None

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(3):
                return await self.program.ready()
        except (OSError, TimeoutError):
            return False


def children(pid: int) -> list[int]:
    """The living children of a process."""
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and is_alive(int(entry.name)):
            found.append(int(entry.name))
    return found


def _signal(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
