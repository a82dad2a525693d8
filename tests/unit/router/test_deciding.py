from datetime import UTC, datetime

import pytest

from lintas.vocabulary.terms import MentionClass, Stance, Urgency
from router.domain import Contributor, Outcome, RuleSet, Why, compile_ruleset, decide
from router.domain.deciding import MOST_RUNNERS_UP
from router.domain.matching import MOST_CHARACTERS, MOST_SPANS

CLASSES = [
    {"id": "spam", "class": "other", "any": ["pinjol"], "weight": 6},
    {"id": "thanks", "class": "other", "any": ["terima kasih"], "none": ["belum"], "weight": 3},
    {"id": "usul", "class": "aspiration", "any": ["usul", "saran"], "weight": 3},
    {"id": "tanya", "class": "information_request", "any": ["bagaimana cara"], "weight": 3},
]


@pytest.mark.parametrize(
    ("text", "winner"),
    [
        pytest.param("lampu mati", "light", id="a term of any"),
        pytest.param("LAMPU MATI!", "light", id="whatever the case"),
        pytest.param("lampu, mati", "light", id="side by side across punctuation"),
        pytest.param("lampu jalan mati", None, id="a phrase with a word in between is not there"),
        pytest.param("lampumati", None, id="words run together are other words"),
        pytest.param("pohonnya rebah", "tree", id="by stem"),
        pytest.param("pohon dan kabel", None, id="a term of none excludes"),
        pytest.param("pohon dan perkabelan", None, id="a term of none excludes by stem"),
        pytest.param("sampah di got", "drain", id="all and any together"),
        pytest.param("sampah", None, id="any is missing"),
        pytest.param("got", None, id="one of all is missing"),
        pytest.param("", None, id="no text"),
        pytest.param("🙏🏽🙏🏽", None, id="no words"),
    ],
)
def test_a_rule_holds_by_any_all_and_none(text, winner, rule, decided):
    rules = [
        rule("light", "lampu mati"),
        rule("tree", "pohon", none=["kabel"]),
        rule("drain", "got", "selokan", all=["sampah"]),
    ]
    decision = decided(text, *rules)
    won = [one.rule for one in decision.explanation.decided_by]
    assert won == ([winner] if winner else [])
    assert decision.outcome is (Outcome.ASSIGNED if winner else Outcome.TRIAGE)


@pytest.mark.parametrize(
    ("rules", "winner", "why", "loser"),
    [
        pytest.param(
            [("a", 1.0, ["jalan"]), ("b", 2.0, ["lubang"])],
            "b", Why.HIGHEST, Why.LOWER, id="the higher weight",
        ),
        pytest.param(
            [("a", 1.5, ["jalan"]), ("b", 1.0, ["lubang", "jalan"])],
            "b", Why.HIGHEST, Why.LOWER, id="each term found counts",
        ),
        pytest.param(
            [("a", 1.0, ["jalan"]), ("b", 1.0, ["lubang"])],
            "a", Why.FIRST, Why.LATER, id="of equals the one written first",
        ),
    ],
)  # fmt: skip
def test_the_highest_score_wins(rules, winner, why, loser, rule, decided):
    decision = decided(
        "jalan berlubang, jalan rusak",
        *(rule(name, *terms, weight=weight) for name, weight, terms in rules),
    )
    assert [(one.rule, one.why) for one in decision.explanation.decided_by] == [(winner, why)]
    assert [one.why for one in decision.explanation.runners_up] == [loser]


@pytest.mark.parametrize(
    ("received_at", "lead"),
    [
        pytest.param(datetime(2024, 4, 30, 16, 59, tzinfo=UTC), "disperumkim", id="last day"),
        pytest.param(datetime(2024, 4, 30, 17, 0, tzinfo=UTC), "dishub", id="first day, in WIB"),
        pytest.param(datetime(2026, 1, 1, tzinfo=UTC), "dishub", id="long after"),
    ],
)
def test_a_rule_holds_on_its_days_in_the_citys_zone(received_at, lead, rule, compiled, said):
    rules = compiled(
        rule("before", "pju", lead="disperumkim", effective_until="2024-04-30"),
        rule("since", "pju", lead="dishub", effective_from="2024-05-01"),
    )
    decision = decide(said("PJU mati", received_at=received_at), rules)
    assert decision.lead == lead
    assert [one.why for one in decision.explanation.runners_up] == [Why.NOT_IN_EFFECT]


@pytest.mark.parametrize(
    ("text", "more", "expected", "outcome"),
    [
        pytest.param("sampah", {}, MentionClass.COMPLAINT, Outcome.ASSIGNED, id="complaint"),
        pytest.param("halo", {}, MentionClass.COMPLAINT, Outcome.TRIAGE, id="nothing matches"),
        pytest.param(
            "usulan: sampah dipilah", {}, MentionClass.ASPIRATION, Outcome.ASSIGNED, id="words"
        ),
        pytest.param(
            "bagaimana cara pilah sampah", {},
            MentionClass.INFORMATION_REQUEST, Outcome.ASSIGNED, id="a question",
        ),
        pytest.param(
            "terima kasih sampah diangkut", {},
            MentionClass.OTHER, Outcome.NO_ACTION, id="thanks, though a rule matches",
        ),
        pytest.param(
            "terima kasih tapi sampah belum diangkut", {},
            MentionClass.COMPLAINT, Outcome.ASSIGNED, id="no thanks",
        ),
        pytest.param(
            "usul: pinjol", {}, MentionClass.OTHER, Outcome.NO_ACTION, id="the heavier class"
        ),
        pytest.param(
            "sampah diangkut", {"own_post": True},
            MentionClass.OWN_POST, Outcome.NO_ACTION, id="own post",
        ),
        pytest.param(
            "sampah", {"stated_class": MentionClass.ASPIRATION},
            MentionClass.ASPIRATION, Outcome.ASSIGNED, id="stated, and no class word",
        ),
        pytest.param(
            "usul sampah", {"stated_class": MentionClass.COMPLAINT},
            MentionClass.ASPIRATION, Outcome.ASSIGNED, id="class words before what is stated",
        ),
        pytest.param(
            "sampah", {"stated_class": MentionClass.OTHER},
            MentionClass.COMPLAINT, Outcome.ASSIGNED, id="a source cannot state away a complaint",
        ),
    ],
)  # fmt: skip
def test_the_class_decides_whether_anything_is_to_be_done(
    text, more, expected, outcome, rule, compiled, said
):
    rules = compiled(rule("garbage", "sampah", category="garbage"), classes=CLASSES)
    decision = decide(said(text, **more), rules)
    assert (decision.mention_class, decision.outcome) == (expected, outcome)
    assert (decision.lead is not None) == (outcome is Outcome.ASSIGNED)
    # also what needs no action is listened to
    assert decision.category == ("garbage" if "sampah" in text else None)


@pytest.mark.parametrize(
    ("text", "mention_class", "policy_class"),
    [
        pytest.param(
            "banjir", MentionClass.COMPLAINT, "complaint_with_inspection", id="by the rule"
        ),
        pytest.param(
            "saran soal banjir", MentionClass.COMPLAINT, "complaint_with_inspection",
            id="over the class words",
        ),
        pytest.param("banjir promo pinjol", MentionClass.OTHER, None, id="spam stays spam"),
    ],
)  # fmt: skip
def test_a_routing_rule_may_set_the_class(text, mention_class, policy_class, rule, compiled, said):
    flood = rule("flood", "banjir", **{"class": "complaint_with_inspection"})
    decision = decide(said(text), compiled(flood, classes=CLASSES))
    assert (decision.mention_class, decision.policy_class) == (mention_class, policy_class)


HELP = [
    {"agency": "pln", "reason": "the tree lies on its lines"},
    {"agency": "dishub", "reason": "the road is closed"},
]


@pytest.mark.parametrize(
    ("without", "lead", "contributors"),
    [
        pytest.param((), "dlh", ["pln", "dishub"], id="first round"),
        pytest.param({"dlh"}, "disperumkim", [], id="the lead returned it"),
        pytest.param({"pln"}, "dlh", ["dishub"], id="a contributor returned it"),
        pytest.param({"dlh", "disperumkim"}, None, [], id="nobody is left"),
    ],
)
def test_agencies_that_returned_it_take_no_part(without, lead, contributors, rule, compiled, said):
    rules = compiled(
        rule("fallen", "tumbang", weight=5, contributors=HELP),
        rule("tree", "pohon", lead="disperumkim"),
    )
    decision = decide(said("pohon tumbang"), rules, round=1, without=without)
    assert decision.round == 1
    assert decision.lead == lead
    assert [helper.agency for helper in decision.contributors] == contributors
    returned = [one for one in decision.explanation.runners_up if one.why is Why.RETURNED]
    assert {one.agency for one in returned} == set(without) & {"dlh", "disperumkim"}


def test_contributors_come_with_their_reasons_from_the_winner_alone(rule, decided):
    decision = decided(
        "pohon tumbang",
        rule("fallen", "tumbang", weight=5, contributors=HELP[:1]),
        rule("tree", "pohon", contributors=HELP[1:]),
    )
    assert decision.contributors == (Contributor("pln", "the tree lies on its lines"),)


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        pytest.param("sampah", Urgency.NORMAL, id="no urgent word"),
        pytest.param("kabel putus", Urgency.HIGH, id="high"),
        pytest.param("kabel putus, ada korban", Urgency.EMERGENCY, id="danger to life first"),
    ],
)
def test_urgency_is_the_most_urgent_word_found(text, urgency, rule, decided):
    words = {"emergency": ["korban"], "high": ["kabel putus"]}
    decision = decided(text, rule("garbage", "sampah"), urgency=words)
    assert decision.urgency is urgency


def test_losers_say_why_they_lost(rule, decided):
    decision = decided(
        "pohon tumbang di jalan",
        rule("won", "tumbang", weight=4),
        rule("lower", "pohon"),
        rule("excluded", "pohon", weight=9, none=["jalan"]),
        rule("incomplete", "pohon", weight=8, all=["kabel"]),
        rule("over", "pohon", weight=7, effective_until="2020-01-01"),
    )
    losers = {one.rule: one.why for one in decision.explanation.runners_up}
    assert losers == {
        "lower": Why.LOWER,
        "excluded": Why.EXCLUDED,
        "incomplete": Why.INCOMPLETE,
        "over": Why.NOT_IN_EFFECT,
    }
    spans = {one.rule: one.spans for one in decision.explanation.runners_up}
    assert [span.words for span in spans["excluded"]] == ["jalan"]


def test_the_explanation_is_bounded_whatever_rules_and_text(rule, decided):
    rules = [rule(f"r{n}", *(f"kata{m}" for m in range(100))) for n in range(200)]
    text = "kata0" + "." * 9_000 + " ".join(f"kata{m}" for m in range(1, 100)) * 20
    explanation = decided(text, *rules, rule("wide", "kata0 kata1", weight=999)).explanation
    evidence = [*explanation.decided_by, *explanation.runners_up]
    *losers, limit = explanation.runners_up
    assert len(losers) == MOST_RUNNERS_UP
    assert (limit.rule, limit.why) == ("text:words", Why.READ_UP_TO)
    assert all(len(one.spans) <= MOST_SPANS for one in evidence)
    spans = [span for one in evidence for span in one.spans]
    assert max(span.end - span.start for span in spans) > MOST_CHARACTERS
    assert max(len(span.words) for span in spans) == MOST_CHARACTERS


def test_without_rules_everything_goes_to_triage(said):
    nothing = compile_ruleset(RuleSet.empty())
    decision = decide(said("jalan rusak"), nothing)
    assert (decision.outcome, decision.rules_version) == (Outcome.TRIAGE, "none")
    assert decision.stance is Stance.NEUTRAL
    assert decide(said("hari ini", own_post=True), nothing).outcome is Outcome.NO_ACTION


def test_a_document_of_a_later_age_is_understood_as_far_as_it_can_be(rule, decided):
    decision = decided("sampah", rule("garbage", "sampah", near=["x"]), later="m1")
    assert decision.lead == "dlh"
