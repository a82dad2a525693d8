import fcntl
import os
from pathlib import Path
from typing import IO

from lintas_local.stack.problems import StackProblem


class HomeLock:
    """At most one launcher per folder.

    The kernel releases it with the process, so a launcher killed with -9 leaves no stale lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether we hold it."""
        return self._file is not None

    def holder(self) -> int | None:
        """The process that holds it, or None if nobody does."""
        if not self._path.exists():
            return None
        with self._path.open("r+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read().strip() or 0)
        return None

    def take(self) -> None:
        """Hold the lock, or raise a StackProblem that names the process holding it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise StackProblem(
                f"a stack already runs on {self._path.parent} (pid {holder})",
                f"Use it, end it with `kill {holder}`, or set LINTAS_HOME to another folder",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let another launcher take it; does nothing if it is not held."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
