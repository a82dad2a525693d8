"""Training: the same bytes every time, and nothing but plain arithmetic afterwards."""

import os
import subprocess
import sys
import zlib
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.svm import LinearSVC

from lintas_local.rules.folds import folds, groups
from lintas_local.rules.related import Related
from lintas_local.rules.training import Model, Untrainable, _counts, _Features, _separate, train
from router.app import suggesting

TEXTS = [
    "lampu jalan mati sejak kemarin",
    "lampu taman padam",
    "jalan berlubang di depan pasar",
    "aspal jalan rusak parah",
    "sampah menumpuk dan bau",
    "sampah belum diangkut petugas",
] * 3
LABELS = ["dishub", "dishub", "pupr", "pupr", "dlh", "dlh"] * 3


@pytest.fixture(scope="module")
def model() -> Model:
    return train(TEXTS, LABELS)


def test_a_model_knows_what_it_was_taught(model: Model) -> None:
    answers = model.predict(["Lampu mati!", "jalan rusak", "SAMPAH bau"])
    assert [label for label, _ in answers] == ["dishub", "pupr", "dlh"]
    assert all(1 / 3 < sure <= 1 for _, sure in answers)


@pytest.mark.parametrize("text", ["", "...", "qqq zzzz xxxx", "\u0000"])
def test_a_text_without_a_known_word_gets_no_answer(model: Model, text: str) -> None:
    assert model.predict([text]) == [(None, 0.0)]


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(len(TEXTS))))
def test_the_order_of_rows_changes_no_byte(order: list[int]) -> None:
    again = train([TEXTS[n] for n in order], [LABELS[n] for n in order])
    assert again.to_bytes() == train(TEXTS, LABELS).to_bytes()


@pytest.mark.parametrize("setting", [("1", "1"), ("2", "77")], ids=["one_thread", "two_threads"])
def test_another_process_with_other_hashes_and_threads_writes_the_same_bytes(
    model: Model, setting: tuple[str, str]
) -> None:
    threads, seed = setting
    script = (
        "import sys; from lintas_local.rules.training import train;"
        f"sys.stdout.write(train({TEXTS!r}, {LABELS!r}).to_bytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads},
        capture_output=True,
        text=True,
        check=True,
    )
    assert bytes.fromhex(done.stdout) == model.to_bytes()


def test_a_model_comes_back_from_its_bytes(model: Model) -> None:
    again = Model.from_bytes(model.to_bytes())
    assert again.to_bytes() == model.to_bytes()
    assert again.version == model.version
    assert again.predict(TEXTS) == model.predict(TEXTS)


def test_what_a_text_gets_does_not_hang_on_what_was_asked_before(model: Model) -> None:
    fresh = Model.from_bytes(model.to_bytes())
    assert fresh.predict([TEXTS[3]]) == [model.predict(TEXTS)[3]]


def test_a_word_of_no_text_speaks_as_those_related_to_it_do() -> None:
    known = Related("ours", {"light": frozenset({"lampu", "obor", "lampu minyak tanah"})})
    model = train(TEXTS, LABELS, related=known)
    assert model.predict(["obor"])[0][0] == "dishub"
    assert model.card["related"] == {"by": "ours", "words": 2}
    assert train(TEXTS, LABELS, related=known).to_bytes() == model.to_bytes()


def test_a_text_told_four_times_counts_as_two() -> None:
    told = ["Lampu jalan mati, tolong!", "lampu jalan mati tolong http://x.example/a"] * 2
    assert _counts([*told, "sampah menumpuk"]).tolist() == [0.5, 0.5, 0.5, 0.5, 1.0]


def test_a_word_of_one_label_alone_is_stronger_than_one_that_others_have_too() -> None:
    # of eight rows: in all of the label's and no other, and in all of the label's and half the others
    alone, common = [1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 0, 0]
    truth, counts = np.array([1, 1, 1, 1, 0, 0, 0, 0]), np.ones(8)
    matrix = sparse.csr_matrix(np.array([alone, common], dtype=float).T)
    weights, _ = _separate(matrix, truth, counts, 2, 0)
    plain = LinearSVC(C=0.3, random_state=0).fit(matrix, truth).coef_[0]
    assert weights[1][0] / weights[1][1] > 2 * plain[0] / plain[1] > 0


def test_other_rows_make_another_version(model: Model) -> None:
    assert train(TEXTS[:-1], LABELS[:-1]).version != model.version


def test_the_card_counts_and_quotes_no_row(model: Model) -> None:
    assert model.card["rows"] == len(TEXTS)
    assert model.card["labels"] == {"dishub": 6, "dlh": 6, "pupr": 6}
    assert not any(text in str(model.card) for text in TEXTS)


@pytest.mark.parametrize(
    ("texts", "labels"),
    [([], []), (["lampu mati"] * 3, ["a"] * 3), (["lampu", "sampah"], ["a", "b"])],
    ids=["nothing", "one_label", "no_shared_word"],
)
def test_too_little_to_learn_from_is_refused(texts: list[str], labels: list[str]) -> None:
    with pytest.raises(Untrainable):
        train(texts, labels)


said = st.lists(
    st.one_of(
        st.sampled_from(sorted({word for text in TEXTS for word in text.split()})),
        st.text("lampujlnrsk", max_size=12),
        st.sampled_from(
            ["LAMPU", "!!!", "@dishub", "12345", "https://x.example/a", "🙏🏽", "é\u0301"]
        ),
    ),
    max_size=40,
).map(" ".join)


@given(said)
def test_plain_arithmetic_scores_as_the_library_would(model: Model, text: str) -> None:
    plain = model.suggester
    reading = suggesting.Reader().read(text)
    ours = plain.scores(reading)
    if ours is None:
        return
    features = _Features([suggesting.Reader().read(text) for text in sorted(TEXTS)], {})
    rarity = np.array(features.rarity, dtype=np.float64)
    weights = np.array([*plain.units.weights, *plain.parts.weights]).reshape(len(rarity), -1)
    library = LinearSVC()
    library.classes_ = np.arange(len(plain.labels))
    library.coef_, library.intercept_ = (weights / rarity[:, None]).T, np.array(plain.bias)
    scores = library.decision_function(features.matrix([reading]))
    assert ours == pytest.approx(scores[0], abs=1e-9, rel=0)


def test_two_labels_are_enough() -> None:
    two = train(TEXTS[:4] * 3, LABELS[:4] * 3)
    assert [label for label, _ in two.predict(TEXTS[:4])] == LABELS[:4]


def test_a_label_of_a_single_row_does_no_harm() -> None:
    rare = train([*TEXTS, "pohon tumbang menutup jalan"], [*LABELS, "bpbd"])
    assert [label for label, _ in rare.predict(TEXTS)] == LABELS


def test_broken_bytes_are_no_model(model: Model) -> None:
    good = model.to_bytes()
    head, packed = good[:19], good[19:]
    payload = zlib.decompress(packed)
    broken = [
        b"",
        packed,
        good[:-9],
        head + b"no zlib",
        head + zlib.compress(b"\xff\xff\xff\xff"),
        head + zlib.compress(payload[:-4]),
        head + zlib.compress(payload[:-4] + b"\x00\x00\xc0\x7f"),
        head + zlib.compress(b"\x02\x00\x00\x00[]"),
    ]
    for data in broken:
        with pytest.raises(suggesting.ModelUnusable):
            Model.from_bytes(data)


def test_the_strongest_words_stand_where_they_are_told_to(model: Model) -> None:
    text = "Mohon LAMPU diperbaiki, lampu mati"
    strongest = model.suggester.strongest(text, "dishub")
    assert strongest[0].word == "lampu"
    assert [text[span.start : span.end] for span in strongest[0].spans] == ["LAMPU", "lampu"]
    assert [one.weight for one in strongest] == sorted(
        (one.weight for one in strongest), reverse=True
    )


def test_near_equal_texts_are_never_asked_where_they_were_learnt() -> None:
    random = Random(7)
    words = [f"kata{n}" for n in range(200)]
    texts = [" ".join(random.sample(words, 12)) for _ in range(60)]
    copies = [f"RT @akun{n} {text} tolong https://t.co/{n}" for n, text in enumerate(texts)]
    everything = texts + copies
    group = groups(everything)
    assert group[: len(texts)] == group[len(texts) :]
    assert len(set(group)) == len(texts)
    asked_once: list[int] = []
    for learnt, asked in folds(everything, 5):
        assert not {group[n] for n in learnt} & {group[n] for n in asked}
        asked_once += asked
    assert sorted(asked_once) == list(range(len(everything)))


@given(st.permutations(range(12)))
def test_the_order_of_texts_changes_no_fold(order: list[int]) -> None:
    texts = [f"laporan nomor {'abcdefghijkl'[n]} tentang {n % 5}" for n in range(12)]

    def by_text(rows: list[str]) -> list[list[str]]:
        return [sorted(rows[n] for n in asked) for _, asked in folds(rows, 3)]

    assert by_text([texts[n] for n in order]) == by_text(texts)
