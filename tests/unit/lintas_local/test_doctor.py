import json

import pytest
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.commands import doctor as command
from lintas_local.doctor import CHECKS, Finding, State, checks
from lintas_local.stack import StackProblem

run = CliRunner()


def finding(state: State) -> Finding:
    return Finding("Java", state, "Kafka needs Java 17", "apt-get install openjdk-17-jre-headless")


@pytest.mark.parametrize(
    ("state", "status"), [(State.OK, 0), (State.WANTED, 0), (State.MISSING, 1)]
)
def test_the_exit_status_says_whether_the_stack_could_start(monkeypatch, state, status):
    monkeypatch.setattr(command, "CHECKS", (lambda: finding(state),))
    assert run.invoke(main, ["doctor"]).exit_code == status


def test_what_lacks_is_shown_with_the_command_that_helps(monkeypatch):
    monkeypatch.setattr(command, "CHECKS", (lambda: finding(State.MISSING),))
    shown = run.invoke(main, ["doctor"]).output
    assert "Kafka needs Java 17" in shown
    assert "apt-get install openjdk-17-jre-headless" in shown


def test_programs_get_json(monkeypatch):
    monkeypatch.setattr(command, "CHECKS", (lambda: finding(State.OK),))
    (answer,) = json.loads(run.invoke(main, ["doctor", "--json"]).stdout)
    assert answer["state"] == "ok"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_check_always_answers_and_names_a_fix_where_something_lacks(check):
    found = check()
    assert found.found
    assert found.fix or found.state is State.OK


def test_a_machine_without_java_is_told_how_to_get_it(monkeypatch):
    def none(_):
        raise StackProblem("Kafka needs Java 17 or newer", "Install it")

    monkeypatch.setattr(checks, "find_java", none)
    found = checks.java()
    assert found.state is State.MISSING
    assert "openjdk-17-jre-headless" in found.fix


def test_a_machine_without_browser_only_wants_one(monkeypatch):
    monkeypatch.setattr(checks.shutil, "which", lambda *_, **__: None)
    found = checks.chromium()
    assert found.state is State.WANTED
    assert "apt-get install chromium" in found.fix


def test_jars_are_in_place_or_maven_is_missing(monkeypatch):
    monkeypatch.setattr(checks.shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(checks, "kafka", lambda: finding(State.MISSING))
    assert checks.maven().state is State.MISSING
    monkeypatch.setattr(checks, "kafka", lambda: finding(State.OK))
    assert checks.maven().state is State.WANTED
