import pytest

from router.domain import RuleSet, RuleSetUnusable, compile_document, lint


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        pytest.param({"lead": "nobody"}, ("rules", 1, "lead"), "unknown_agency", id="lead"),
        pytest.param(
            {"category": "nothing"}, ("rules", 1, "category"), "unknown_category", id="category"
        ),
        pytest.param(
            {"contributors": [{"agency": "nobody", "reason": "x"}]},
            ("rules", 1, "contributors", 0, "agency"), "unknown_agency", id="contributor",
        ),
        pytest.param(
            {"contributors": [{"agency": "dlh", "reason": "x"}]},
            ("rules", 1, "contributors", 0, "agency"), "repeated", id="lead contributes too",
        ),
        pytest.param({"id": "fine"}, ("rules", 1, "id"), "repeated", id="an id twice"),
        pytest.param({"any": []}, ("rules", 1, "any"), "empty_condition", id="no condition"),
        pytest.param({"none": ["sampah"]}, ("rules", 1, "none"), "contradiction", id="none"),
        pytest.param({"all": ["sampah basah"], "none": ["sampah"]}, ("rules", 1, "none"),
                     "contradiction", id="none is a part of all"),
        pytest.param({"none": ["sampahnya"]}, ("rules", 1, "none"), "contradiction", id="by stem"),
        pytest.param({"all": [{"channel": ["x"]}, {"channel": ["web"]}]}, ("rules", 1, "all"),
                     "contradiction", id="two channels at once"),
        pytest.param({"all": [{"hours": ["08:00", "08:00"]}]}, ("rules", 1, "all", 0),
                     "never_matches", id="no hour"),
        pytest.param(
            {"effective_from": "2026-02-01", "effective_until": "2026-01-31"},
            ("rules", 1, "effective_until"), "never_in_effect", id="days",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_rule_and_field(change, path, code, rule, document):
    faulty = rule("odd", "sampah") | change
    (finding,) = lint(RuleSet.from_document(document(rule("fine", "pohon"), faulty)))
    assert (finding.path, finding.code, finding.rule) == (path, code, faulty["id"])


def test_faults_of_classes_subjects_and_places_are_found(rule, document):
    classes = [{"id": "c", "class": "other", "any": []}] * 2
    subjects = [{"code": "s", "any": ["x"]}] * 2
    places = [{"code": "1.1", "kind": "kelurahan", "name": "A", "parent": "1"}] * 2
    found = lint(
        RuleSet.from_document(
            document(rule("r", "x"), classes=classes, subjects=subjects, places=places)
        )
    )
    assert [(finding.path[0], finding.code) for finding in found] == [
        ("classes", "repeated"),
        ("subjects", "repeated"),
        ("places", "repeated"),
        ("classes", "empty_condition"),
        ("classes", "empty_condition"),
        ("places", "unknown_place"),
        ("places", "unknown_place"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"zone": "Mars/Olympus"}, id="unknown zone"),
        pytest.param({"zone": "../etc/passwd"}, id="a zone that is a path"),
        pytest.param({"rules": None}, id="no rules"),
        pytest.param({"rules": [{"id": "x"}]}, id="half a rule"),
        pytest.param(
            {"rules": [{"id": "x", "category": "other", "lead": "dlh", "any": "ab"}]},
            id="text for a list",
        ),
        pytest.param(
            {"rules": [{"id": "x", "category": "other", "lead": "dlh", "any": ["!!"]}]},
            id="a term without words",
        ),
        pytest.param(
            {"rules": [{"id": "x", "category": "other", "lead": "dlh", "any": ["a"],
                        "class": "unheard_of"}]},
            id="an unknown class",
        ),
        pytest.param({"classes": [{"id": "c", "class": "x", "any": ["a"]}]}, id="class rule"),
    ],
)  # fmt: skip
def test_a_document_that_makes_no_sense_is_refused_as_a_whole(change, document):
    with pytest.raises(RuleSetUnusable):
        compile_document(document() | change)
