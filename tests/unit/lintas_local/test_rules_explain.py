import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lintas_local.app import main

RULES = {
    "version": "v",
    "zone": "Asia/Jakarta",
    "agencies": ["dishub", "dpupr"],
    "categories": ["road", "light"],
    "rules": [
        {"id": "road", "category": "road", "lead": "dpupr", "any": ["jalan berlubang", "aspal"]},
        {"id": "light", "category": "light", "lead": "dishub", "any": ["lampu"]},
    ],
}
TEXT = "Aspal [bold] rusak, jalan berlubang, lampu aman"


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(RULES))
    return str(path)


def explain(*arguments: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, ["rules", "explain", *arguments], input=said)


def test_people_see_the_words_that_decided_and_why_other_rules_lost(rules):
    ran = explain(TEXT, "--rules", rules)
    assert ran.exit_code == 0, ran.output
    assert "⟦Aspal⟧ [bold] rusak, ⟦jalan berlubang⟧, lampu aman" in ran.stdout
    assert "highest score" in ran.stdout
    assert "lower score" in ran.stdout


def test_programs_get_what_the_service_answers(rules):
    ran = explain(TEXT, "--rules", rules, "--json")
    answer = json.loads(ran.stdout)
    assert (answer["lead"], answer["category"], answer["rules_version"]) == ("dpupr", "road", "v")
    assert [one["rule"] for one in answer["explanation"]["runners_up"]] == ["light"]


def test_the_text_may_come_from_a_file_or_a_pipe(rules, tmp_path):
    file = tmp_path / "said.txt"
    file.write_text("lampu padam")
    for ran in (
        explain("--rules", rules, "--file", str(file), "--json"),
        explain("--rules", rules, "--json", said="lampu padam"),
    ):
        assert json.loads(ran.stdout)["lead"] == "dishub"


def test_a_pack_explains_without_a_service():
    ran = explain("halo", "--pack", "example", "--json")
    assert json.loads(ran.stdout)["outcome"] == "triage"


@pytest.mark.parametrize(
    ("rules_text", "more", "expected"),
    [
        pytest.param("{]", (), "neither YAML nor JSON", id="no YAML"),
        pytest.param("7", (), "no rule set document", id="a number"),
        pytest.param('{"version": "v"}', (), "cannot be compiled", id="half a rule set"),
        pytest.param(None, ("--address", "a" * 5_000), "/location/address", id="too long"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(
    rules_text, more, expected, rules, tmp_path, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "1000")
    if rules_text is not None:
        Path(rules).write_text(rules_text)
    ran = explain("lampu", "--rules", rules, *more)
    assert ran.exit_code == 1
    assert expected in ran.stderr


def replay(rules: str, tmp_path: Path, *lines: str) -> Result:
    events = tmp_path / "events.ndjson"
    events.write_text("\n".join(lines) + "\n")
    return explain("--rules", rules, "--replay", str(events))


def test_a_replay_that_differs_says_where_and_ends_with_1(rules, tmp_path):
    event = (
        Path(__file__).parents[3]
        / "shared/src/lintas/contracts/examples/lintas.complaint.routed.v1.json"
    )
    body = json.loads(event.read_text(encoding="utf-8"))
    ran = replay(rules, tmp_path, json.dumps(body), json.dumps(body["value"]))
    assert ran.exit_code == 1
    assert "/rules_version" in ran.stdout
    assert "2 decisions replayed, 0 the same" in ran.stdout


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("7", id="no object"),
        pytest.param("{", id="no JSON"),
        pytest.param('{"decision": null}', id="no decision"),
        pytest.param('{"decision": [1]}', id="a list"),
    ],
)
def test_a_line_that_is_no_routed_event_is_named(line, rules, tmp_path):
    ran = replay(rules, tmp_path, line)
    assert ran.exit_code == 1
    assert "events.ndjson" in ran.stderr
