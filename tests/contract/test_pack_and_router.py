"""The bundled pack and the router, held against what the authors of the day expect."""

from pathlib import Path

import pytest

from lintas.testing.builders import NOON
from lintas.vocabulary.terms import MentionClass
from lintas_local.pack import load_mentions, load_pack, ruleset
from router.domain import Mention, compile_document, decide

BOGOR = Path(__file__).parents[2] / "deploy" / "packs" / "bogor"


@pytest.fixture(scope="module")
def compiled():
    return compile_document(ruleset(load_pack(BOGOR)))


@pytest.mark.parametrize("said", load_mentions(BOGOR), ids=lambda said: said.external_id)
def test_every_mention_of_the_day_is_decided_as_expected(compiled, said):
    expected = said.demo.expect
    stated = MentionClass(said.stated_class) if said.stated_class else None
    decided = decide(
        Mention(
            text=said.text,
            received_at=NOON,
            channel=said.channel,
            address=said.location.address if said.location else None,
            stated_class=stated,
            own_post=expected.mention_class == "own_post",
        ),
        compiled,
    )
    agencies = tuple(
        code for code in (decided.lead, *(c.agency for c in decided.contributors)) if code
    )
    assert (decided.mention_class, decided.outcome.replace("assigned", "routed"), agencies) == (
        expected.mention_class,
        expected.outcome,
        expected.agencies,
    )
