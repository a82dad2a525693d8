import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lintas_local.stack.backoff import Backoff
from lintas_local.stack.notices import Notice, Report, silent
from lintas_local.stack.problems import StackProblem
from lintas_local.stack.program import Program, describe_exit, last_lines, spawn

#: how often a child is looked at; no thread per child, no signal handler of ours
_LOOK_S = 0.05
_ONE_ANSWER_S = 3.0


@dataclass(slots=True)
class _Kept:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    keeper: asyncio.Task[None] | None = None
    restarts: int = 0
    failures: int = 0


class Supervisor:
    """Starts programs in groups, restarts what falls, ends all of it.

    A program that was ready once is restarted for ever, with growing pauses. Every child dies with
    the launcher, however the launcher dies. `stop` is bounded: what does not end in time is killed.
    """

    def __init__(
        self,
        logs: Path,
        *,
        report: Report = silent,
        backoff: Backoff | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        self._logs = logs
        self._report = report
        self._backoff = backoff or Backoff()
        self._changed = changed or (lambda: None)
        self._groups: list[list[_Kept]] = []
        self._ending = asyncio.Event()

    @property
    def processes(self) -> dict[str, int]:
        """Process ids by name, of the programs that run at this moment."""
        return {
            kept.program.name: kept.process.pid
            for group in self._groups
            for kept in group
            if kept.process.poll() is None
        }

    @property
    def restarts(self) -> dict[str, int]:
        """How often each program was restarted."""
        return {kept.program.name: kept.restarts for group in self._groups for kept in group}

    def log_of(self, name: str) -> Path:
        """The log of a program."""
        return self._logs / f"{name}.log"

    async def start(self, *programs: Program) -> None:
        """Start a group and return once all of it is ready.

        Raises:
            StackProblem: one ended or was not ready in time; what runs is left to `stop`.
        """
        group: list[_Kept] = []
        self._groups.append(group)
        for program in programs:
            self._say(Notice(program.name, "starting"))
            group.append(self._spawn(program))
        self._changed()
        waits = [asyncio.create_task(self._first_ready(kept)) for kept in group]
        try:
            await asyncio.gather(*waits)
        finally:
            for wait in waits:
                wait.cancel()

    async def stop(self) -> None:
        """End every program, the last group first. May be called again, and at any time."""
        self._ending.set()
        for group in reversed(self._groups):
            keepers = [kept.keeper for kept in group if kept.keeper]
            await asyncio.gather(*keepers)
            await asyncio.gather(*(self._end(kept) for kept in group))
        self._groups.clear()
        self._changed()

    def kill(self) -> None:
        """End every program at once, without its consent."""
        self._ending.set()
        for group in self._groups:
            for kept in group:
                _kill_group(kept.process)

    def _say(self, notice: Notice) -> None:
        # a terminal that went away must not end the supervision
        with suppress(OSError):
            self._report(notice)

    def _spawn(self, program: Program) -> _Kept:
        process = spawn(program, self.log_of(program.name))
        return _Kept(program, process, started_at=_now())

    async def _first_ready(self, kept: _Kept) -> None:
        program = kept.program
        if await self._until_ready(kept, timeout_s=program.ready_timeout_s):
            self._say(Notice(program.name, "ready", seconds=_now() - kept.started_at))
            kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {program.name}")
            return
        code = kept.process.poll()
        why = (
            f"was not ready within {program.ready_timeout_s:.0f} s"
            if code is None
            else f"ended with {describe_exit(code)}"
        )
        log = self.log_of(program.name)
        tail = "\n    ".join(last_lines(log, program.log_lines))
        raise StackProblem(f"{program.name} {why}; the end of {log}:\n    {tail}")

    async def _until_ready(self, kept: _Kept, *, timeout_s: float | None) -> bool:
        """Whether it became ready; False once it ended, time is up or the stack is ending."""
        end = None if timeout_s is None else _now() + timeout_s
        while kept.process.poll() is None and not self._ending.is_set():
            try:
                async with asyncio.timeout(_ONE_ANSWER_S):
                    if await kept.program.ready():
                        return True
            except (OSError, TimeoutError):
                pass
            if end is not None and _now() > end:
                return False
            await asyncio.sleep(_LOOK_S)
        return False

    async def _keep(self, kept: _Kept) -> None:
        name = kept.program.name
        while (code := await self._exit_of(kept)) is not None:
            steady = _now() - kept.started_at >= self._backoff.steady_s
            kept.failures = 1 if steady else kept.failures + 1
            delay = self._backoff.delay_s(kept.failures)
            self._say(Notice(name, "ended", f"{describe_exit(code)}; again in {delay:.1f} s"))
            self._changed()
            if await self._told_to_end(within_s=delay):
                return
            kept.restarts += 1
            self._say(Notice(name, "restarting"))
            try:
                kept.process = spawn(kept.program, self.log_of(name))
            except (StackProblem, OSError) as problem:
                self._say(Notice(name, "note", str(problem)))
                continue
            kept.started_at = _now()
            self._changed()
            if await self._until_ready(kept, timeout_s=None):
                self._say(Notice(name, "ready", seconds=_now() - kept.started_at))

    async def _exit_of(self, kept: _Kept) -> int | None:
        """Its return code once it ended, or None if the stack is ending."""
        while (code := kept.process.poll()) is None:
            if await self._told_to_end(within_s=_LOOK_S):
                return None
        return None if self._ending.is_set() else code

    async def _told_to_end(self, *, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                await self._ending.wait()
        except TimeoutError:
            return False
        return True

    async def _end(self, kept: _Kept) -> None:
        program, process = kept.program, kept.process
        if process.poll() is None:
            self._say(Notice(program.name, "stopping"))
            began = _now()
            process.send_signal(program.stop_signal)
            ended = await _exits(process, within_s=program.stop_timeout_s)
            detail = "" if ended else f"killed after {program.stop_timeout_s:.0f} s"
            _kill_group(process)
            self._say(Notice(program.name, "stopped", detail, seconds=_now() - began))


async def _exits(process: subprocess.Popen[bytes], *, within_s: float) -> bool:
    end = _now() + within_s
    while process.poll() is None:
        if _now() > end:
            return False
        await asyncio.sleep(_LOOK_S)
    return True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # only while it is not reaped: afterwards its number may belong to somebody else
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
