"""One process of the stack: how it is started, how it is known to be ready, how it is ended."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lintas_local.stack.problems import StackProblem
from lintas_local.stack.system_user import SystemUser

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_LONGEST_LOG_BYTES = 20_000_000


def _nothing() -> None:
    """Need no preparation."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the supervisor needs to know to keep one process running."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    #: asked again and again until it says yes
    ready: Callable[[], Awaitable[bool]]
    folder: Path
    #: run as this user where the launcher is root
    user: SystemUser | None = None
    #: done before every start, the first one and every restart
    prepare: Callable[[], None] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    #: what the kernel sends it when the launcher dies, so that no orphan stays
    orphan_signal: signal.Signals = signal.SIGKILL
    ready_timeout_s: float = 60.0
    #: lines of its log worth showing when it does not start
    log_lines: int = field(default=12)


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start `program` in a session of its own, writing to `log`.

    It dies with the thread that called this: call it from the launcher's main thread.
    """
    program.prepare()
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    user = program.user
    with log.open("ab") as output:
        try:
            return subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=program.folder,
                env=dict(program.environ),
                start_new_session=True,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                # two system calls; no lock that a thread of ours could hold
                preexec_fn=_tied_to(os.getpid(), program.orphan_signal),  # noqa: PLW1509
            )
        except OSError as error:
            raise StackProblem(
                f"{program.name} cannot be started: {program.command[0]}: {error.strerror}"
            ) from error


def _tied_to(launcher: int, orphan_signal: signal.Signals) -> Callable[[], None]:
    def tie() -> None:
        # after the change of user, which would clear it
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != launcher:  # it died before the line above
            os._exit(1)

    return tie


def describe_exit(code: int) -> str:
    """A return code in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def last_lines(log: Path, count: int) -> list[str]:
    """The end of a log, for a person who must see why."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 65_536))
        return file.read().decode("utf-8", "replace").splitlines()[-count:]
