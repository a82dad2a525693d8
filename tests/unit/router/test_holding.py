"""The process that holds complaints against a candidate."""

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

import pytest
from tests.routers import document

from router.domain import Case, RuleSetUnusable
from router.usecases.holding import Holder


@pytest.fixture
def holder() -> Iterator[Holder]:
    holder = Holder()
    yield holder
    holder.close()


@pytest.mark.parametrize("sides", ["candidate", "against", "both"])
async def test_each_side_decides_with_the_model_that_its_rules_name(holder, suggester, said, sides):
    data = suggester().to_bytes()
    named = {"version": "any", "sha256": sha256(data).hexdigest(), "threshold": 0.5}
    plain, advised = document(), document(model=named)
    candidate = plain if sides == "against" else advised
    against = plain if sides == "candidate" else advised
    await holder.prepare(candidate, against, {named["sha256"]: data})
    # no rule knows these words, the model knows one
    tally = await holder.hold([Case(UUID(int=1), said("sampah bau"), final="dlh")])
    found = tally.result()
    before, after = float(sides != "candidate"), float(sides != "against")
    assert (found.before.accuracy, found.after.accuracy) == (before, after)


async def test_a_candidate_whose_model_is_not_there_is_unusable(holder):
    named = {"version": "any", "sha256": "0" * 64, "threshold": 0.5}
    with pytest.raises(RuleSetUnusable):
        await holder.prepare(document(model=named), None, {})
