"""Same mention and versions: the same bytes of the event, in every process and after every restart."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

AGENCIES = ["dishub", "dlh", "dpupr", "pln"]
CATEGORIES = ["light", "other", "tree"]
WORDS = ["lampu", "jln", "jalan", "rusak", "kerusakan", "sampah", "pohon", "empang", "trotoar"]
SAID = [*WORDS, "tidak", "bukan", "soal", "gak", "trotuar", "smpah", "RT 5", "🙏🏽", "!", "korban"]

terms = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
exact = terms.map(lambda term: f"={term}")
near = st.builds(
    lambda one, other, within: {"near": [one, other], "within": within},
    st.lists(terms, min_size=1, max_size=3),
    st.lists(terms, min_size=1, max_size=3),
    st.integers(0, 4),
)
expressions = st.sampled_from([{"regex": r"rt\s*\d+"}, {"regex": r"[!]+"}, {"regex": r"ja?l\w+"}])
circumstances = st.sampled_from(
    [
        {"category": ["tree", "other"]},
        {"class": ["complaint"]},
        {"channel": ["x", "web"]},
        {"area": ["1.1", "1.2.1"]},
        {"urgency": ["emergency"]},
        {"stakeholder": ["media", "ngo"]},
        {"days": ["tue"]},
        {"hours": ["22:00", "05:00"]},
    ]
)
conditions = st.one_of(terms, exact, near, expressions, circumstances)
rules = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from(CATEGORIES),
            "lead": st.sampled_from(AGENCIES),
            "any": st.lists(st.one_of(terms, exact, near, expressions), min_size=1, max_size=4),
            "all": st.lists(conditions, max_size=2),
            "none": st.lists(conditions, max_size=2),
            "weight": st.sampled_from([0.5, 1.0, 2.0]),
            "contributors": st.lists(
                st.sampled_from(AGENCIES).map(lambda code: {"agency": code, "reason": "helps"}),
                max_size=2,
            ),
            "urgency": st.sampled_from([None, "high"]),
        }
    ),
    min_size=1,
    max_size=6,
)
LANGUAGE = {
    "spellings": {"jln": "jalan", "gak": "tidak"},
    "stems": {"empang": "empang"},
    "negations": ["tidak", "bukan"],
    "bridges": ["soal"],
    "absences": ["ada"],
    "only": ["saja"],
    "typos": True,
}
PLACES = [
    {"code": "1.1", "kind": "kecamatan", "name": "Utara", "parent": "1"},
    {"code": "1.2", "kind": "kecamatan", "name": "Selatan", "parent": "1"},
    {"code": "1.1.1", "kind": "kelurahan", "name": "Empang", "parent": "1.1",
     "outline": "1068000,-66000 100,0 0,100 -100,0"},
    {"code": "1.2.1", "kind": "kelurahan", "name": "Empang", "parent": "1.2"},
]  # fmt: skip
documents = st.builds(
    lambda found, conflict, language, places: {
        "version": "v",
        "zone": "Asia/Jakarta",
        "agencies": AGENCIES,
        "categories": CATEGORIES,
        "conflict": conflict,
        "rules": [{"id": f"r{number}", **rule} for number, rule in enumerate(found)],
        "classes": [{"id": "thanks", "class": "other", "any": ["sampah rusak"]}],
        "urgency": {"emergency": ["korban"], "high": ["rusak"]},
        "subjects": [{"code": "s", "any": ["jalan"], "pro": ["pohon"], "contra": ["rusak"]}],
        **({"language": LANGUAGE} if language else {}),
        **({"places": PLACES} if places else {}),
    },
    rules,
    st.sampled_from(["weight", "order"]),
    st.booleans(),
    st.booleans(),
)
mentions = st.fixed_dictionaries(
    {
        "text": st.lists(st.sampled_from(SAID), min_size=1, max_size=10).map(" ".join),
        "channel": st.sampled_from(["x", "web", "whatsapp"]),
        "stated_category": st.sampled_from([None, "tree"]),
        "stakeholder": st.sampled_from(["citizen", "media"]),
        "location": st.sampled_from(
            [None, {"address": "Gg 3, Empang"}, {"lat": -6.595, "lon": 106.805}]
        ),
    }
)

#: for each line: decides, decides again by what is compiled anew, and tells the bytes of all events
_PROGRAM = """
import json, sys
from array import array
from types import SimpleNamespace
from lintas.contracts.codec import encode
from lintas.contracts.records import Record
from lintas.contracts.topics import MENTIONS, ROUTING
from lintas.messaging.handling import Received
from lintas.testing.builders import mention_received
from router.domain import compile_document
from router.domain.suggesting import Suggester, Table, finished
from router.usecases.deciding import answer

def model():
    words = ["lampu", "~pohon", "sampah jalan", "^rusak"]
    weights = array("f", [0.5 * (n % 5) for n in range(16)])
    units = Table(words, array("f", [1.0] * 4), weights)
    parts = Table(["lam", "<tro", "uar>"], array("f", [1.0] * 3), array("f", [0.25] * 12))
    labels = ("dishub", "dlh", "dpupr", "pln")
    return finished(Suggester(labels, units, parts, (0.0,) * 4, card={}))

for line in sys.stdin:
    document, said, advised = json.loads(line)
    told = []
    for _ in range(2):
        compiled = compile_document(document)
        rules = SimpleNamespace(at=lambda ms: compiled)
        if advised:
            compiled = compiled.advised(model(), 0.4)
        for number, one in enumerate((*said, *said)):
            event = mention_received(number % len(said), **one)
            record = Record(MENTIONS, 0, number, 1_773_723_600_000, None, None)
            out = encode(answer(rules, Received(event, record)), ROUTING, "router")
            told.append([out.value.decode(), [value.hex() for _, value in out.headers]])
    assert told[: len(told) // 4] * 4 == told
    print(json.dumps(told[: len(said)]), flush=True)
"""


@pytest.fixture(scope="module")
def processes() -> Iterator[list["subprocess.Popen[str]"]]:
    """Routers that were started apart, each with hashes of its own."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4242")
    ]
    yield started
    for process in started:
        process.communicate()
        assert process.returncode == 0


@settings(max_examples=60, deadline=None)
@given(documents, st.lists(mentions, min_size=1, max_size=4), st.booleans())
def test_every_process_answers_in_the_same_bytes(processes, document, said, advised):
    asked = [document, _turned(document), document]
    answers = {
        _ask(process, [one, said, advised]) for process, one in zip(processes, asked, strict=True)
    }
    assert len(answers) == 1
    (answer,) = answers
    assert len(json.loads(answer)) == len(said)


def _ask(process: "subprocess.Popen[str]", question: object) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def _turned(value: Any) -> Any:
    """The same document with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(one) for one in value] if isinstance(value, list) else value
