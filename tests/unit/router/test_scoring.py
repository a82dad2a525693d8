"""What answers are worth, from counts alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from router.domain import measure

NAMES = st.sampled_from(["dlh", "dpupr", "pln"])
ROWS = st.lists(st.tuples(NAMES, st.none() | NAMES | st.just("unknown")), min_size=1, max_size=60)


@given(ROWS)
def test_counts_say_what_scikit_learn_says_of_the_rows(rows):
    measured = measure(Counter(rows))
    labels, answers = [one for one, _ in rows], [answer or "" for _, answer in rows]
    names = [one.label for one in measured.labels]
    precision, recall, f1, number = precision_recall_fscore_support(
        labels, answers, labels=names, zero_division=0.0
    )
    assert sorted(names) == sorted(set(labels))
    assert measured.accuracy == pytest.approx(accuracy_score(labels, answers))
    assert measured.macro_f1 == pytest.approx(f1.mean())
    assert [one.rows for one in measured.labels] == list(number)
    assert [one.precision for one in measured.labels] == pytest.approx(list(precision))
    assert [one.recall for one in measured.labels] == pytest.approx(list(recall))


@given(ROWS)
def test_every_wrong_answer_is_among_the_confusions_the_most_frequent_first(rows):
    confusions = measure(Counter(rows)).confusions
    assert Counter({(one.label, one.predicted): one.rows for one in confusions}) == Counter(
        row for row in rows if row[0] != row[1]
    )
    numbers = [one.rows for one in confusions]
    assert numbers == sorted(numbers, reverse=True)


def test_nothing_measured_is_nothing_right():
    measured = measure({})
    assert (measured.rows, measured.accuracy, measured.macro_f1, measured.labels) == (0, 0, 0, ())
