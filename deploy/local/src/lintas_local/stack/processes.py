"""Questions about other processes, asked of /proc; what this user may not see is None."""

from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"


def pids() -> Iterator[int]:
    """Every process there is."""
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())


def is_alive(pid: int) -> bool:
    """Whether there is such a process, ended but unreaped ones not counted."""
    try:
        state = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def command_of(pid: int) -> list[str]:
    """Its command line; empty if unknown."""
    try:
        line = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return [part.decode("utf-8", "replace") for part in line.rstrip(b"\0").split(b"\0") if part]


def program_of(pid: int) -> Path | None:
    """The file it runs."""
    return _link(_PROC / str(pid) / "exe")


def folder_of(pid: int) -> Path | None:
    """The folder it works in."""
    return _link(_PROC / str(pid) / "cwd")


def listener(port: int) -> int | None:
    """The process that listens on a TCP port."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for pid in pids() if wanted else ():
        if any(str(target) in wanted for target in _open_files(pid)):
            return pid
    return None


def _open_files(pid: int) -> list[Path | None]:
    try:
        entries = list((_PROC / str(pid) / "fd").iterdir())
    except OSError:
        return []
    # one that was closed meanwhile is None
    return [_link(entry) for entry in entries]


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _link(path: Path) -> Path | None:
    try:
        return path.readlink()
    except OSError:
        return None
