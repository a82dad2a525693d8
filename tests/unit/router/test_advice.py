import pytest

from router.domain import RuleSet, advise, lint


@pytest.mark.parametrize(
    ("first", "second", "conflict", "shadowed"),
    [
        pytest.param({"weight": 2}, {}, "weight", ["second"], id="the same, lighter"),
        pytest.param({}, {}, "weight", ["second"], id="the same, written later"),
        pytest.param({}, {"weight": 2}, "weight", ["first"], id="the same, written earlier"),
        pytest.param({}, {"weight": 2}, "order", ["second"], id="by order weights say nothing"),
        pytest.param({}, {"all": ["got"]}, "order", ["second"], id="narrower behind wider"),
        pytest.param({"all": ["got"]}, {}, "order", [], id="wider behind narrower"),
        pytest.param({}, {"all": ["got"], "weight": 3}, "weight", [], id="narrower and heavier"),
        pytest.param({"none": ["got"]}, {}, "order", [], id="the first excludes more"),
        pytest.param({"effective_until": "2024-01-01"}, {}, "order", [], id="the first has ended"),
        pytest.param({"all": [{"channel": ["x"]}]}, {}, "order", [], id="on one channel only"),
    ],
)
def test_a_rule_that_never_decides_is_told(first, second, conflict, shadowed, rule, document):
    rules = [rule("first", "sampah", **first), rule("second", "sampah", **second)]
    found = advise(RuleSet.from_document(document(*rules, conflict=conflict)))
    assert [(one.rule, one.code) for one in found] == [(name, "shadowed") for name in shadowed]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        pytest.param({"any": ["jalanan", "sampah"]}, "too_broad", id="a common word by stem"),
        pytest.param({"any": ["5", "sampah"]}, "too_broad", id="one sign"),
        pytest.param({"any": ["sampah", "pohon tumbang"], "none": ["tumbang"]}, "contradiction",
                     id="a term that another always excludes"),
        pytest.param({"any": ["sampah"], "all": [{"class": ["other"]}]}, "unreachable",
                     id="a class that needs no action"),
    ],
)  # fmt: skip
def test_what_does_not_do_what_was_meant_is_told(parts, code, rule, document):
    (finding,) = advise(RuleSet.from_document(document(rule("r", "x", **parts))))
    assert finding.code == code


def test_by_order_rules_before_it_together_leave_a_rule_nothing(rule, document):
    rules = [rule("one", "sampah"), rule("two", "pohon"), rule("both", "sampahnya", "pohon")]
    (finding,) = advise(RuleSet.from_document(document(*rules, conflict="order")))
    assert (finding.rule, finding.code) == ("both", "unreachable")


def test_a_very_common_word_alone_is_told(rule, document):
    rules = RuleSet.from_document(document(rule("r", "jalan"), rule("s", "orang", all=["sakit"])))
    (finding,) = advise(rules)
    assert (finding.path, finding.code) == (("rules", 0, "any", 0), "too_broad")
    assert lint(rules) == ()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        pytest.param({"all": [{"category": ["moon"]}]}, "unknown_category", id="category"),
        pytest.param({"none": [{"area": ["9.9"]}]}, "unknown_area", id="area"),
        pytest.param({"any": [{"channel": ["x"]}]}, "too_broad", id="a channel alone"),
        pytest.param({"any": [], "all": [{"days": ["sun"]}]}, "too_broad", id="a day alone"),
    ],
)
def test_circumstances_are_held_against_what_is_known(parts, code, rule, document):
    (finding,) = lint(RuleSet.from_document(document(rule("r", "sampah", **parts))))
    assert finding.code == code


def test_a_class_rule_cannot_ask_for_the_class(rule, document):
    classes = [{"id": "c", "class": "other", "any": ["halo"], "none": [{"class": ["other"]}]}]
    (finding,) = lint(RuleSet.from_document(document(rule("r", "sampah"), classes=classes)))
    assert (finding.path[0], finding.code) == ("classes", "class_of_itself")
