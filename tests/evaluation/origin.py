"""Where figures come from: the tree and the machine."""

import os
import platform
import subprocess

from lintas_local.layout import CHECKOUT


def commit() -> str:
    """The commit that is checked out, and whether anything was changed since."""
    said = [
        subprocess.run(["git", *asked], cwd=CHECKOUT, capture_output=True, text=True, check=False)
        for asked in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain"))
    ]
    head, changes = (one.stdout.strip() for one in said)
    return f"{head or 'unknown'}{', with changes' if changes else ''}"


def machine() -> str:
    """Its cores, memory and Python, and how busy it was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    # rates hang on what else the machine had to do
    load = os.getloadavg()[2]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, "
        f"load average of the run's last 15 minutes {load:.1f}"
    )
