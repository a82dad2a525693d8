import math

import pytest

from router.domain import Outcome, Why, decide
from router.domain.suggesting import MOST_LETTERS, ModelUnusable, Suggester


@pytest.fixture
def rules(compiled, rule):
    return compiled(
        rule("light", "lampu mati", lead="dishub"),
        rule("garbage", "sampah", lead="dlh", weight=2),
        rule("road", "trotoar", lead="dpupr", weight=2),
        rule("tree", "pohon", lead="disperumkim", weight=9),
    )


def test_silent_rules_leave_the_word_to_a_sure_model(rules, said, suggester):
    decision = decide(said("jembatan roboh"), rules.advised(suggester(), 0.9))
    assert (decision.outcome, decision.lead) == (Outcome.ASSIGNED, "dpupr")
    first, strongest = decision.explanation.decided_by
    assert first.why is Why.SUGGESTED
    assert first.weight == pytest.approx(math.exp(6) / (math.exp(6) + 2))
    assert [span.words for span in strongest.spans] == ["jembatan"]


def test_a_model_that_is_not_sure_suggests_to_triage(rules, said, suggester):
    decision = decide(said("jembatan roboh"), rules.advised(suggester(1.0), 0.9))
    assert (decision.outcome, decision.lead) == (Outcome.TRIAGE, None)
    first = decision.explanation.runners_up[0]
    assert (first.why, first.agency) == (Why.UNSURE, "dpupr")


def test_rules_that_agree_are_not_overruled(rules, said, suggester):
    text = "lampu mati di jembatan, jembatan gelap"
    decision = decide(said(text), rules.advised(suggester(), 0.1))
    assert decision.lead == "dishub"
    assert all(not one.rule.startswith("model:") for one in decision.explanation.decided_by)


def test_between_rules_that_disagree_the_model_chooses(rules, said, suggester):
    text = "sampah di trotoar jembatan"
    assert decide(said(text), rules).lead == "dlh"
    decision = decide(said(text), rules.advised(suggester(), 0.5))
    assert (decision.lead, decision.outcome) == ("dpupr", Outcome.ASSIGNED)


def test_the_model_names_no_agency_that_no_disagreeing_rule_names(rules, said, suggester):
    text = "lampu lampu lampu, sampah di trotoar"
    lit = suggester()
    lit.units.weights[0] = 99.0
    decision = decide(said(text), rules.advised(lit, 0.5))
    assert decision.lead == "dlh"
    assert decision.explanation.runners_up[0].why is Why.NO_RULE_AGREES


def test_agencies_that_returned_the_complaint_are_not_suggested(rules, said, suggester):
    decision = decide(said("jembatan"), rules.advised(suggester(), 0.5), 1, {"dpupr"})
    assert decision.outcome is Outcome.TRIAGE


def test_labels_that_are_no_agency_of_the_rules_are_not_suggested(rules, said, suggester):
    odd = suggester(labels=("dishub", "dlh", "unknown"))
    odd.units.weights[8] = 6.0
    assert decide(said("jembatan"), rules.advised(odd, 0.5)).outcome is Outcome.TRIAGE


def test_what_needs_no_action_gets_no_lead(rules, said, suggester):
    decision = decide(said("jembatan", own_post=True), rules.advised(suggester(), 0.5))
    assert (decision.outcome, decision.lead) == (Outcome.NO_ACTION, None)


def test_a_decision_says_which_model_was_there(rules, said, suggester):
    model = suggester()
    assert decide(said("pohon"), rules.advised(model, 0.5)).model_version == model.version
    assert decide(said("pohon"), rules).model_version is None


def test_words_of_a_text_never_become_names_of_rules(rules, said, suggester):
    decision = decide(said("jembatan roboh"), rules.advised(suggester(), 0.9))
    assert {one.rule for one in decision.explanation.decided_by} == {
        f"model:{decision.model_version}"
    }
    assert [one.agency for one in decision.explanation.decided_by] == ["dpupr", None]


def test_words_behind_the_most_that_count_change_nothing(suggester):
    model = suggester()
    text = "jembatan " * MOST_LETTERS
    assert model.suggest(text + "lampu") == model.suggest(text)


def test_other_bytes_are_no_model():
    with pytest.raises(ModelUnusable):
        Suggester.from_bytes(b"lintas-suggester-2\n")
