"""Debian's and Ubuntu's packages, where root or sudo without a password allows."""

import os
import shutil
import subprocess
from functools import cache

_WAIT_FOR_LOCK = "DPkg::Lock::Timeout=300"


def command(*packages: str) -> str:
    """What a person would type."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install {' '.join(packages)}"


def install(*choices: str) -> str | None:
    """Install the first of these packages there is; its name, or None if that is not possible."""
    runner = _runner()
    if runner is None:
        return None
    _update()
    for package in choices:
        if _has_candidate(package):
            print(f"installing {package} ...", flush=True)
            run = subprocess.run(
                [
                    *runner,
                    *("apt-get", "install", "-y", "-q", "--no-install-recommends"),
                    *("-o", _WAIT_FOR_LOCK, package),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                check=False,
            )
            if run.returncode == 0:
                return package
    return None


@cache
def _runner() -> tuple[str, ...] | None:
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    allowed = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return (sudo, "-n") if allowed.returncode == 0 else None


@cache
def _update() -> None:
    print("reading the package lists ...", flush=True)
    subprocess.run(
        [*(_runner() or ()), "apt-get", "update", "-q"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )


def _has_candidate(package: str) -> bool:
    cache = shutil.which("apt-cache") or "/usr/bin/apt-cache"
    run = subprocess.run([cache, "policy", package], capture_output=True, text=True, check=False)
    return "Candidate:" in run.stdout and "Candidate: (none)" not in run.stdout
