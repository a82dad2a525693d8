from hypothesis import given
from hypothesis import strategies as st

from router.domain import compile_document
from router.domain.matching import find
from router.domain.words import Language

#: what people type: letters of several scripts, marks, emoji with joiners and skin tones
CHARACTERS = "aAiIbBkK019 .,!?\n_-'’éÉ\u0301\u0307İıßﬁ你🙏🏽👨\u200d👩\u200d👧1\ufe0f\u20e3"


@given(st.text(CHARACTERS, max_size=60))
def test_every_word_has_its_place_in_the_text(text):
    language = Language()
    words, positions = language.words(text), language.positions(text)
    assert len(words) == len(positions)
    for word, (start, end) in zip(words, positions, strict=True):
        assert language.words(text[start:end]) == [word]


@given(
    before=st.text(CHARACTERS, max_size=30),
    term=st.sampled_from(["lampu mati", "PJU", "berlubang", "café", "32 biji"]),
    after=st.text(CHARACTERS, max_size=30),
)
def test_spans_are_code_points_of_the_text_whatever_stands_around(before, term, after):
    rules = compile_document(
        {
            "version": "v",
            "zone": "Asia/Jakarta",
            "agencies": ["dlh"],
            "categories": ["other"],
            "rules": [{"id": "r", "category": "other", "lead": "dlh", "any": [term]}],
        }
    )
    text = f"{before} {term} {after}"
    found = find(rules, text)
    spans = found.spans([(pattern, term) for pattern in found.ranges])
    assert spans
    for span in spans:
        assert text[span.start : span.end] == span.words
        assert rules.language.words(span.words) == rules.language.words(term)


def test_spans_are_right_behind_emoji(rule, decided):
    text = "🙏🏽👨‍👩‍👧 PJU\u2019nya   mati"
    decision = decided(text, rule("light", "pju"), rule("dead", "mati"))
    spans = [one.spans[0] for one in decision.explanation.decided_by]
    spans += [one.spans[0] for one in decision.explanation.runners_up]
    assert [(text[span.start : span.end], span.term) for span in spans] == [
        ("PJU", "pju"),
        ("mati", "mati"),
    ]


def test_a_decomposed_letter_is_the_same_word(rule, decided):
    assert decided("Cafe\u0301 tutup", rule("c", "café")).lead == "dlh"


def test_an_evidence_shows_the_first_uses_of_a_term_only(rule, decided):
    (evidence,) = decided("sampah " * 40, rule("g", "sampah")).explanation.decided_by
    assert [span.start for span in evidence.spans] == [0, 7]
