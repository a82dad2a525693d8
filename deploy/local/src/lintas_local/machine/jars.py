"""Kafka's jars: fetched once with Maven, each checked against the hash in the repository."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from lintas_local.layout import KAFKA_POM
from lintas_local.stack import StackProblem
from lintas_local.stack.tools import kafka_version

_LOCK = KAFKA_POM.with_name("jars.sha256")
#: minutes, on a slow line
_FETCH_S = 900


def jars_in_place(home: Path) -> bool:
    """Whether exactly the locked jars are there; looks at names only, so it costs nothing."""
    folder = _folder(home)
    return folder.is_dir() and {jar.name for jar in folder.iterdir()} == set(_locked())


def fetch_jars(home: Path, maven: str) -> Path:
    """Fetch the broker and its dependencies; the folder holds all of them or none.

    Raises:
        StackProblem: Maven failed, or a jar is not the one that was locked.
    """
    target = _folder(home)
    fresh = _download(target.with_name("lib.new"), maven)
    locked = _locked()
    found = _hashes(fresh)
    wrong = sorted(
        name for name in found.keys() | locked.keys() if found.get(name) != locked.get(name)
    )
    if wrong:
        shutil.rmtree(fresh)
        raise StackProblem(
            f"these jars are not what {_LOCK.name} says: {', '.join(wrong)}",
            "If the POM was changed on purpose, `make lock` writes the new hashes",
        )
    shutil.rmtree(target, ignore_errors=True)
    return fresh.rename(target)


def lock_jars(home: Path, maven: str) -> int:
    """Write the hashes of what the POM resolves to; returns how many jars there are."""
    fresh = _download(_folder(home).with_name("lib.new"), maven)
    found = _hashes(fresh)
    shutil.rmtree(fresh)
    lines = [f"{digest}  {name}\n" for name, digest in sorted(found.items())]
    _LOCK.write_text("".join(lines), encoding="ascii")
    return len(lines)


def _folder(home: Path) -> Path:
    return home / "kafka" / kafka_version() / "lib"


def _download(folder: Path, maven: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(
        [
            *(maven, "-q", "-B", "-C", "-Dstyle.color=never", "-f", str(KAFKA_POM)),
            *(
                "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies",
                "-DincludeScope=runtime",
            ),
            f"-DoutputDirectory={folder}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_FETCH_S,
        check=False,
    )
    if run.returncode:
        reasons = re.findall(r"\[ERROR\] (\S.*)", run.stdout) or [run.stderr.strip() or "no reason"]
        raise StackProblem(f"Maven cannot fetch Kafka: {reasons[0]}", "Run `make setup` again")
    return folder


def _locked() -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in _LOCK.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in pairs}


def _hashes(folder: Path) -> dict[str, str]:
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
