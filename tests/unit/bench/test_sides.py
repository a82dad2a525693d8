from itertools import islice

import orjson
import pytest
from tests.bench.figures import Run
from tests.bench.lab import BenchFailed
from tests.bench.mentions import VARIETY, mentions
from tests.bench.profiling import hottest
from tests.bench.sides import in_turn, written
from tests.bench.yardsticks.claims import positional
from tests.bench.yardsticks.plain import complaint_of, template_of


def test_both_sides_must_write_the_same_number_of_rows():
    before = {"ingest.mention": (10, 20)}
    after = {"ingest.mention": (110, 220)}
    assert written(before, after, [100, 200]) == {"ingest.mention": 1.0}
    with pytest.raises(BenchFailed, match=r"ingest\.mention: 1\.000 rows.*yardstick wrote 0\.900"):
        written(before, {"ingest.mention": (110, 200)}, [100, 200])


async def test_sides_are_measured_one_after_the_other():
    ran = []

    class Side:
        running = ()

        def __init__(self, name: str) -> None:
            self.name = name

        async def run(self, events: int) -> Run:
            ran.append((self.name, events))
            return Run(events, 1.0)

    await in_turn((Side("ours"), Side("theirs")), (1, 2), 2)
    assert ran == [("ours", 1), ("theirs", 2)] * 2


def test_no_two_mentions_share_an_id_or_a_reporter_and_what_is_said_comes_round():
    first, second = (
        [orjson.loads(one) for one in islice(mentions(label), 2 * VARIETY)] for label in ("a", "b")
    )
    both = first + second
    assert len({one["external_id"] for one in both}) == len(both)
    assert len({one["author"]["handle"] for one in both}) == len(both)
    for now, later in zip(first, first[VARIETY:], strict=False):
        assert now["channel"] == later["channel"]
        assert now["text"].split(" Hubungi ")[0] == later["text"].split(" Hubungi ")[0]
    assert sum("phone" in one["author"] for one in first) >= len(first) / 5


@pytest.mark.parametrize("template", [0, 1, VARIETY - 1])
def test_a_copy_says_which_recorded_complaint_it_is_of(template):
    noise = bytes(range(200, 232))
    key = str(complaint_of(template, noise)).encode()
    assert template_of(key, VARIETY) == template


def test_the_services_own_statement_is_taken_with_its_parameters_by_number():
    statement = "SELECT :claim, x::text FROM t WHERE agency = :agency AND id = :claim"
    assert positional(statement) == (
        "SELECT $1::uuid, x::text FROM t WHERE agency = $2::text AND id = $1::uuid",
        ["claim", "agency"],
    )


def test_a_profile_tells_in_which_functions_the_samples_were_taken(tmp_path):
    stacks = tmp_path / "stacks.txt"
    stacks.write_text(
        "main (a/b/app.py:1);encode (a/b/codec.py:10) 30\n"
        "main (a/b/app.py:1);encode (a/b/codec.py:12) 45\n"
        "main (a/b/app.py:1) 25\n"
    )
    assert hottest(stacks) == [
        {"function": "encode (b/codec.py)", "share": 0.75},
        {"function": "main (b/app.py)", "share": 0.25},
    ]
