"""Texts and terms are read alike: spellings, stems, negation, slips."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.domain import Why, decide
from router.domain.words import Language, Speech

LANGUAGE = {
    "spellings": {
        "jln": "jalan", "gak": "tidak", "ga": "tidak", "teu": "tidak", "runtah": "sampah",
        "pju": "penerangan jalan umum", "ngocor": "mengalir", "lobang": "lubang",
    },
    "stems": {"memohon": "mohon", "menular": "tular"},
    "negations": ["tidak", "bukan"],
    "bridges": ["soal", "lagi", "masalah"],
    "absences": ["ada", "terjadi"],
    "only": ["saja"],
    "typos": True,
    "known": ["sampai", "parkit"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "terms", "found"),
    [
        pytest.param("jln rusak", ["jalan rusak"], True, id="a short form in the text"),
        pytest.param("jalan rusak", ["jln rusak"], True, id="a short form in the term"),
        pytest.param("runtah", ["sampah"], True, id="Sundanese"),
        pytest.param("PJU padam", ["penerangan jalan umum padam"], True, id="letters spelled out"),
        pytest.param("penerangan jalan umum", ["pju"], True, id="and the other way round"),
        pytest.param("PJU padam", ["jalan"], False, id="but no word of what they stand for"),
        pytest.param("sampahhhh", ["sampah"], True, id="drawn out"),
        pytest.param("SK pk hilang", ["pppk"], False, id="letters that stand for words are no drawl"),
        pytest.param("lobang2nya", ["lubang"], True, id="said twice by a figure"),
        pytest.param("jalan berlubang", ["lubang"], True, id="by stem"),
        pytest.param("memohon bantuan", ["pohon"], False, id="a stem set right"),
        pytest.param("penyakit menular", ["=ular"], False, id="exact, so not by stem"),
        pytest.param("jalan berlubang", ["=lubang"], False, id="exact, though the stem is right"),
        pytest.param("ada lobang", ["=lubang"], True, id="exact in another spelling"),
        pytest.param("trotuar pecah", ["=trotoar"], False, id="exact, so no slip"),
        pytest.param("tidak mati lampu", ["mati lampu"], False, id="denied"),
        pytest.param("bukan soal sampah", ["sampah"], False, id="denied across a bridge"),
        pytest.param("bukan lagi masalah sampah", ["sampah"], False, id="across two"),
        pytest.param("bukan soal lagi masalah sampah", ["sampah"], True, id="not across three"),
        pytest.param("lampu sudah gak mati", ["mati"], False, id="denied in another spelling"),
        pytest.param("gak ngocor", ["tidak mengalir"], True, id="a term that denies by itself"),
        pytest.param("tidak ada sampah", ["sampah"], True, id="what is missing is the subject"),
        pytest.param("bukan sampah saja", ["sampah"], True, id="not only"),
        pytest.param("begitu bukan? sampah", ["sampah"], True, id="a sentence ends"),
        pytest.param("tidak rusak, lalu rusak", ["rusak"], True, id="denied once, said once"),
        pytest.param("tidak", ["tidak"], True, id="the negation itself"),
        pytest.param("trotuar pecah", ["trotoar"], True, id="one other letter"),
        pytest.param("trotoarr pecah", ["trotoar"], True, id="one letter more"),
        pytest.param("trotar pecah", ["trotoar"], True, id="one letter less"),
        pytest.param("trotaor pecah", ["trotoar"], True, id="two changed over"),
        pytest.param("tortuar pecah", ["trotoar"], False, id="two slips"),
        pytest.param("protoar pecah", ["trotoar"], False, id="another first letter"),
        pytest.param("sampai di sini", ["sampah"], False, id="an everyday word is no slip"),
        pytest.param("lampi mati", ["lampu"], False, id="too short a word"),
        pytest.param("jembatan", ["jembatin", "jembaten"], False, id="a slip of two words"),
        pytest.param("jlnnya hancur", ["jalan hancur"], True, id="a short form with its ending"),
    ],
)  # fmt: skip
def test_a_term_is_found_as_it_is_meant(text, terms, found, rule, decided):
    decision = decided(text, rule("r", *terms), language=LANGUAGE)
    assert (decision.lead is not None) == found


def test_without_a_language_words_are_only_stemmed(rule, decided):
    for text in ("jln rusak", "sampahhhh", "trotuar"):
        assert decided(text, rule("r", "jalan rusak", "sampah", "trotoar")).lead is None
    assert decided("tidak ada sampah, bukan sampah", rule("r", "sampah")).lead == "dlh"


def test_an_explanation_tells_what_other_words_were_taken_for(rule, decided):
    text = "🙏🏽 jln rusak, trotuar pecah, lubang"
    decision = decided(text, rule("r", "jalan rusak", "trotoar", "lubang"), language=LANGUAGE)
    spans = decision.explanation.decided_by[0].spans
    assert [(text[span.start : span.end], span.read_as) for span in spans] == [
        ("jln rusak", "jalan rusak"),
        ("trotuar", "trotoar"),
        ("lubang", None),
    ]


def test_a_rule_that_lost_by_a_denied_word_says_so(rule, decided):
    decision = decided("bukan soal sampah", rule("r", "sampah"), language=LANGUAGE)
    (loser,) = decision.explanation.runners_up
    assert (loser.rule, loser.why) == ("r", Why.DENIED)
    assert [span.words for span in loser.spans] == ["sampah"]


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        pytest.param("ada korban", "emergency", id="said"),
        pytest.param("tidak ada korban", "normal", id="said not to be there"),
        pytest.param("tidak ada korban, tapi ada korban lain", "emergency", id="both"),
    ],
)
def test_danger_that_is_said_not_to_be_there_is_no_danger(text, urgency, rule, decided):
    more = {"urgency": {"emergency": ["korban"]}, "language": LANGUAGE}
    assert decided(text, rule("r", "sampah"), **more).urgency == urgency


def test_both_spellings_of_a_word_in_one_list_count_once(rule, decided):
    decision = decided(
        "jln", rule("twice", "jln", "jalan"), rule("once", "jalan", weight=1.5), language=LANGUAGE
    )
    assert decision.explanation.decided_by[0].rule == "once"


def test_places_are_named_as_they_are_written(rule, compiled, said):
    places = [{"code": "1.1", "kind": "kecamatan", "name": "Runtah", "parent": "1"}]
    rules = compiled(rule("r", "x"), places=places, language=LANGUAGE)
    assert decide(said("di runtah"), rules).area.kecamatan == "1.1"
    assert decide(said("di sampah"), rules).area.kecamatan is None


@pytest.mark.parametrize(("before", "found"), [(119, True), (120, False)])
def test_slips_are_looked_for_in_the_first_words_only(before, found, rule, decided):
    text = "kata " * before + "trotuar"
    decision = decided(text, rule("r", "trotoar"), language=LANGUAGE)
    assert (decision.lead is not None) == found


def test_what_is_kept_of_words_is_bounded():
    language = Language(Speech())
    for start in range(0, 60_000, 1_000):
        language.units([f"kata{number}" for number in range(start, start + 1_000)])
    assert len(language._readings) <= 21_000


@given(
    word=st.text("abiu2n\u0301é漢", min_size=1, max_size=12)
    | st.sampled_from(["lampu2nya", "pppk"])
)
def test_a_word_is_spelled_out_as_if_every_expression_were_tried_on_it(word):
    spellings = {"x": "y"}
    plain = re.sub(r"([aiueo])\1{2,}|([^\W\d_])\2{2,}$", r"\1\2", word)
    twice = re.fullmatch(r"([^\W\d_]{3,})2(nya)?", plain)
    expected = twice[1] + (twice[2] or "") if twice else plain
    assert Language(Speech(spellings=spellings)).spell(word) == expected
