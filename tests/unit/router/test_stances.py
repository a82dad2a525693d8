import pytest

from lintas.vocabulary.terms import Stance

SUBJECTS = [
    {"code": "odd_even", "any": ["ganjil genap", "gage"], "pro": ["setuju", "lanjutkan"],
     "contra": ["tidak setuju", "ribet", "sepi"]},
    {"code": "tram", "any": ["trem"], "pro": ["setuju"], "contra": ["mahal"]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "subject", "stance"),
    [
        pytest.param("setuju gage", "odd_even", Stance.PRO, id="for"),
        pytest.param("gage bikin ribet", "odd_even", Stance.CONTRA, id="against"),
        pytest.param("ada gage", "odd_even", Stance.NEUTRAL, id="no word for either side"),
        pytest.param("tidak setuju gage", "odd_even", Stance.CONTRA, id="the longer phrase"),
        pytest.param("setuju gage tapi ribet", "odd_even", Stance.NEUTRAL, id="as many for each"),
        pytest.param("setuju, lanjutkan gage meski sepi", "odd_even", Stance.PRO, id="more for"),
        pytest.param("trem mahal", "tram", Stance.CONTRA, id="another subject"),
        pytest.param("gage ganjil genap atau trem", "odd_even", Stance.NEUTRAL, id="named more"),
        pytest.param("trem atau gage", "odd_even", Stance.NEUTRAL, id="of equals the first"),
        pytest.param("setuju", None, Stance.NEUTRAL, id="no policy named"),
    ],
)
def test_stance_is_towards_a_named_policy(text, subject, stance, rule, decided):
    decision = decided(text, rule("garbage", "sampah"), subjects=SUBJECTS)
    assert (decision.subject, decision.stance) == (subject, stance)
