import orjson
import pytest

from lintas.vocabulary.errors import Invalid
from lintas.web import parse_json
from router.domain import ModelReference, compile_document
from router.schemas import ExplainIn, RulesetDocument

GOOD = {"id": "good", "category": "other", "lead": "dlh", "any": ["good"]}


def parse(document: dict[str, object]) -> RulesetDocument:
    return parse_json(orjson.dumps(document), RulesetDocument)


def test_a_document_stays_what_it_is(rule, document):
    given = document(
        rule("r", "x", weight=2.5, effective_from="2026-01-01", note="why"),
        classes=[{"id": "c", "class": "other", "kind": "thanks", "any": ["y"]}],
        places=[{"code": "32.71", "kind": "city", "name": "Kota", "lat": -6.5, "lng": 106.7}],
        own_accounts=[{"channel": "x", "handles": ["kota"]}],
    )
    kept = parse(given).model_dump(mode="json", by_alias=True)
    assert given["rules"][0].items() <= kept["rules"][0].items()
    assert given["classes"][0].items() <= kept["classes"][0].items()
    assert parse(kept).model_dump(mode="json", by_alias=True) == kept
    assert compile_document(kept).version == "v1"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        pytest.param({"version": "a b"}, "/version", "string_pattern_mismatch", id="version"),
        pytest.param({"zone": "Mars/Olympus"}, "/zone", "unknown_zone", id="zone"),
        pytest.param({"rules": []}, "/rules", "too_short", id="no rules"),
        pytest.param({"odd": 1}, "/odd", "extra_forbidden", id="an unknown field"),
        pytest.param(
            {"rules": [GOOD, {"category": "other", "lead": "dlh"}]}, "/rules/1/id", "missing", id="no id"
        ),
        pytest.param(
            {"rules": [GOOD, {"id": "x", "category": "other", "lead": "dlh", "any": ["?!"]}]},
            "/rules/1/any/0", "no_word", id="a term without a word",
        ),
        pytest.param(
            {"rules": [GOOD, {"id": "x", "category": "other", "lead": "dlh", "any": ["a"], "weight": 0}]},
            "/rules/1/weight", "greater_than", id="no weight",
        ),
        pytest.param(
            {"rules": [GOOD, {"id": "x", "category": "other", "lead": "dlh", "any": ["a"],
                        "weight": "2"}]},
            "/rules/1/weight", "float_type", id="text for a number",
        ),
        pytest.param(
            {"classes": [{"id": "x", "class": "spam", "any": ["a"]}]},
            "/classes/0/class", "literal_error", id="a class that nobody knows",
        ),
    ],
)  # fmt: skip
def test_another_shape_is_refused_with_its_field(change, pointer, code, rule, document):
    with pytest.raises(Invalid) as refused:
        parse(document(rule("r", "x")) | change)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


def test_a_text_to_explain_becomes_a_mention():
    body = {
        "text": "jalan rusak",
        "location": {"address": "Kel. Empang"},
        "class": "aspiration",
        "received_at": "2026-01-01T07:00:00+07:00",
    }
    asked = parse_json(orjson.dumps(body), ExplainIn)
    said = asked.mention(asked.received_at)
    assert (said.text, said.address, said.stated_class) == (
        "jalan rusak",
        "Kel. Empang",
        "aspiration",
    )
    assert said.received_at.isoformat() == "2026-01-01T00:00:00+00:00"


def test_rules_without_a_model_are_stored_as_before_there_were_models(rule, document):
    assert "model" not in parse(document(rule("r", "x"))).plain()


def test_rules_name_a_model_by_version_and_hash(rule, document):
    reference = {"version": "0" * 16, "sha256": "0" * 64, "threshold": 0.5}
    plain = parse(document(rule("r", "x"), model=reference)).plain()
    assert compile_document(plain).ruleset.model == ModelReference(**reference)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"version": "V 1"}, "/model/version", id="version"),
        pytest.param({"sha256": "0"}, "/model/sha256", id="hash"),
        pytest.param({"threshold": 1.5}, "/model/threshold", id="surer than sure"),
        pytest.param({"threshold": None}, "/model/threshold", id="no threshold"),
    ],
)
def test_a_model_that_is_named_otherwise_is_refused(change, pointer, rule, document):
    reference = {"version": "0" * 16, "sha256": "0" * 64, "threshold": 0.5}
    with pytest.raises(Invalid) as refused:
        parse(document(rule("r", "x"), model=reference | change))
    assert [error.pointer for error in refused.value.errors] == [pointer]
