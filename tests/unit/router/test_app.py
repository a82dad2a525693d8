import pytest

from lintas.config import SettingsError
from lintas.vocabulary.errors import Invalid
from router.app import create_app, deciding, offline


def test_rules_can_be_asked_without_a_service(rule, document):
    explain = offline(document(rule("road", "jalan rusak", lead="dpupr")))
    answer = explain({"text": "Jalan rusak!", "received_at": "2026-03-17T12:00:00+07:00"})
    assert (answer["outcome"], answer["lead"]) == ("assigned", "dpupr")
    assert answer["explanation"]["decided_by"][0]["spans"] == [
        {"start": 0, "end": 11, "words": "Jalan rusak", "term": "jalan rusak", "read_as": None}
    ]


def test_rules_asked_without_a_service_refuse_as_the_service_does(rule, document):
    explain = offline(document(rule("road", "jalan rusak")))
    with pytest.raises(Invalid):
        explain({"text": "", "odd": 1})


def test_a_benchmark_decides_every_text_at_each_call(rule, document):
    run = deciding(document(rule("road", "jalan rusak")), ["jalan rusak", "halo"])
    assert (run(), run()) == (2, 2)


def test_missing_settings_are_named_all_at_once():
    with pytest.raises(SettingsError) as refused:
        create_app({"LINTAS_QUARANTINE_KEY": "short"})
    named = {problem.partition(":")[0] for problem in refused.value.problems}
    assert named == {
        "LINTAS_KAFKA",
        "LINTAS_DATABASE_URL",
        "LINTAS_KEYS_FILE",
        "LINTAS_GATEWAY_KEY",
        "LINTAS_KEY_PEPPER",
        "LINTAS_QUARANTINE_KEY",
    }
