"""What a rule can ask for beside words: nearness, expressions, circumstances, order."""

from datetime import UTC, datetime

import pytest

from router.domain import RuleSetUnusable, Why, compile_document, decide

NEAR = {"near": [["lampu", "pju"], ["mati", "padam"]], "within": 2}
CLASSES = [{"id": "usul", "class": "aspiration", "any": ["usul"]}]
#: a Monday, 23:30 in the city
LATE = datetime(2026, 3, 16, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("lampu jalan mati", True, id="a word between"),
        pytest.param("padam semua pju", True, id="the other way round, other terms"),
        pytest.param("lampu di jalan itu mati", False, id="too far"),
        pytest.param("lampu", False, id="one side only"),
        pytest.param("lampu itu di sana, lampu ini mati", True, id="the second is near"),
    ],
)
def test_two_terms_are_found_near_each_other(text, found, rule, decided):
    assert (decided(text, rule("r", NEAR)).lead is not None) == found


def test_what_is_near_is_shown_from_the_one_to_the_other(rule, decided):
    (evidence,) = decided("di sini lampu jalan mati", rule("r", NEAR)).explanation.decided_by
    assert [(span.words, span.term) for span in evidence.spans] == [
        ("lampu jalan mati", "lampu/pju … mati/padam")
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        pytest.param(r"rt\s*0?5\b", "🙏🏽 di RT 05 kami", ["RT 05"], id="whatever the case"),
        pytest.param(r"tiang\s+\d+", "tiang 12, tiang 9", ["tiang 12", "tiang 9"], id="twice"),
        pytest.param(r"tiang\s+\d+", "tiang dua", [], id="not there"),
        pytest.param(r"[!]{2}", "tolong!!", [], id="no word at all"),
    ],
)
def test_an_expression_is_found_in_the_text_as_it_came(pattern, text, words, rule, decided):
    found = decided(text, rule("r", {"regex": pattern})).explanation.decided_by
    assert [span.words for one in found for span in one.spans] == words


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "a*", "(", "(a{500}b?){9}"])
def test_an_expression_that_re2_cannot_bound_is_refused(pattern, rule, document):
    with pytest.raises(RuleSetUnusable):
        compile_document(document(rule("r", {"regex": pattern})))


@pytest.mark.parametrize(
    ("condition", "mention", "holds"),
    [
        pytest.param({"channel": ["x"]}, {"channel": "x"}, True, id="channel"),
        pytest.param({"channel": ["x"]}, {"channel": "web"}, False, id="another channel"),
        pytest.param({"category": ["tree"]}, {"stated_category": "tree"}, True, id="category"),
        pytest.param({"category": ["tree"]}, {}, False, id="no category stated"),
        pytest.param({"class": ["aspiration"]}, {"text": "usul sampah"}, True, id="class"),
        pytest.param({"class": ["aspiration"]}, {}, False, id="another class"),
        pytest.param({"stakeholder": ["media"]}, {"stakeholder": "media"}, True, id="stakeholder"),
        pytest.param({"suspected": ["wave"]}, {"suspected": "wave"}, True, id="suspected"),
        pytest.param({"urgency": ["high"]}, {"text": "sampah bahaya"}, True, id="urgency"),
        pytest.param({"area": ["1.1"]}, {"text": "sampah di empang"}, True, id="kecamatan"),
        pytest.param({"area": ["1.1.1"]}, {"text": "sampah di empang"}, True, id="kelurahan"),
        pytest.param({"area": ["1.2"]}, {"text": "sampah di empang"}, False, id="another area"),
        pytest.param({"days": ["mon"]}, {"received_at": LATE}, True, id="day of the city"),
        pytest.param({"days": ["tue"]}, {"received_at": LATE}, False, id="another day"),
        pytest.param({"hours": ["22:00", "05:00"]}, {"received_at": LATE}, True, id="at night"),
        pytest.param({"hours": ["07:00", "23:30"]}, {"received_at": LATE}, False, id="until"),
        pytest.param({"hours": ["23:30", "24:00"]}, {"received_at": LATE}, True, id="from"),
    ],
)
@pytest.mark.parametrize("part", ["all", "none", "any"])
def test_a_circumstance_can_be_asked_for(part, condition, mention, holds, rule, compiled, said):
    terms = ["belum"] if part == "any" else ["sampah"]
    asked = {part: [*terms, condition] if part == "any" else [condition]}
    rules = compiled(
        rule("r", *terms, **asked),
        classes=CLASSES,
        urgency={"high": ["bahaya"]},
        places=[
            {"code": "1.1", "kind": "kecamatan", "name": "Selatan", "parent": "1"},
            {"code": "1.1.1", "kind": "kelurahan", "name": "Empang", "parent": "1.1"},
        ],
    )
    decision = decide(said(**{"text": "sampah"} | mention), rules)
    assert (decision.lead is not None) == (holds if part != "none" else not holds)


def test_a_rule_may_hang_on_what_the_source_states_alone(rule, compiled, said):
    rules = compiled(rule("stated", any=[], all=[{"category": ["tree"]}, {"channel": ["open311"]}]))
    assert decide(said("halo", stated_category="tree", channel="open311"), rules).lead == "dlh"
    lost = decide(said("halo", stated_category="tree", channel="x"), rules)
    assert [one.why for one in lost.explanation.runners_up] == [Why.CIRCUMSTANCE]


def test_by_order_the_first_rule_that_holds_decides(rule, decided):
    decision = decided(
        "sampah di got",
        rule("excluded", "sampah", none=["got"]),
        rule("first", "got"),
        rule("heavier", "sampah", weight=9),
        conflict="order",
    )
    assert [(one.rule, one.why) for one in decision.explanation.decided_by] == [
        ("first", Why.EARLIER)
    ]
    assert [(one.rule, one.why) for one in decision.explanation.runners_up] == [
        ("heavier", Why.AFTER),
        ("excluded", Why.EXCLUDED),
    ]


@pytest.mark.parametrize(
    ("text", "urgency"), [("sampah", "high"), ("sampah, korban", "emergency"), ("pohon", "normal")]
)
def test_a_rule_makes_a_mention_more_urgent_never_less(text, urgency, rule, decided):
    words = {"emergency": ["korban"]}
    rules = [rule("r", "sampah", urgency="high"), rule("t", "pohon")]
    assert decided(text, *rules, urgency=words).urgency == urgency
