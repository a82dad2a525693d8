import hashlib
from pathlib import Path

import pytest

from lintas_local.layout import KAFKA_POM
from lintas_local.machine import fetch_jars, jars, jars_in_place, lock_jars
from lintas_local.stack import StackProblem

CONTENT = {"kafka_2.13-4.3.1.jar": b"broker", "lz4-java-1.10.2.jar": b"lz4"}


@pytest.fixture
def maven(tmp_path) -> str:
    """A stand-in for Maven that copies prepared files to the folder it is told."""
    source = tmp_path / "central"
    source.mkdir()
    for name, content in CONTENT.items():
        (source / name).write_bytes(content)
    script = tmp_path / "mvn"
    script.write_text(
        "#!/bin/sh\n"
        'for a in "$@"; do case "$a" in -DoutputDirectory=*) to="${a#*=}";; esac; done\n'
        f'mkdir -p "$to" && cp {source}/*.jar "$to"\n'
    )
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def lock(tmp_path, monkeypatch) -> Path:
    path = tmp_path / "jars.sha256"
    path.write_text(
        "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in CONTENT.items())
    )
    monkeypatch.setattr(jars, "_LOCK", path)
    return path


def test_jars_that_fit_the_lock_are_put_in_place(tmp_path, maven, lock):
    folder = fetch_jars(tmp_path / "home", maven)
    assert {jar.name for jar in folder.iterdir()} == set(CONTENT)
    assert jars_in_place(tmp_path / "home")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(f"{'0' * 64}  lz4-java-1.10.2.jar\n", id="another content"),
        pytest.param("", id="a jar nobody locked"),
        pytest.param(f"{'0' * 64}  missing-1.jar\n", id="a jar that is missing"),
    ],
)
def test_jars_that_differ_from_the_lock_are_refused_whole(tmp_path, maven, lock, wrong):
    kept = [line for line in lock.read_text().splitlines(keepends=True) if "lz4" not in line]
    lock.write_text("".join(kept) + wrong)
    with pytest.raises(StackProblem, match=r"lz4-java-1\.10\.2\.jar|missing-1\.jar"):
        fetch_jars(tmp_path / "home", maven)
    assert not jars_in_place(tmp_path / "home")


def test_a_maven_that_fails_says_why_in_one_line(tmp_path, lock):
    script = tmp_path / "mvn"
    script.write_text("#!/bin/sh\necho '[ERROR] '\necho '[ERROR] no route to host'\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(StackProblem, match="no route to host"):
        fetch_jars(tmp_path / "home", str(script))


def test_locking_writes_what_the_pom_resolves_to(tmp_path, maven, lock):
    before = lock.read_text()
    lock.write_text("")
    assert lock_jars(tmp_path / "home", maven) == 2
    assert sorted(lock.read_text().splitlines()) == sorted(before.splitlines())


def test_the_pom_names_no_repository():
    text = KAFKA_POM.read_text()
    assert "<repositor" not in text
    assert "<pluginRepositor" not in text
