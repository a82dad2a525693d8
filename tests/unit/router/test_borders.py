import pytest

from router.domain import Area, Why, decide

#: two squares side by side of a hundredth of a degree, and one of another kecamatan to the north
PLACES = [
    {"code": "1.1", "kind": "kecamatan", "name": "Selatan", "parent": "1"},
    {"code": "1.2", "kind": "kecamatan", "name": "Utara", "parent": "1"},
    {"code": "1.1.1", "kind": "kelurahan", "name": "Empang", "parent": "1.1",
     "outline": "1068000,-66000 100,0 0,100 -100,0"},
    {"code": "1.1.2", "kind": "kelurahan", "name": "Tajur", "parent": "1.1",
     "outline": "1068100,-66000 100,0 0,100 -100,0"},
    {"code": "1.2.1", "kind": "kelurahan", "name": "Babakan", "parent": "1.2",
     "outline": "1068000,-65900 100,0 0,100 -100,0"},
]  # fmt: skip
EMPANG, TAJUR = (-6.595, 106.805), (-6.595, 106.815)


@pytest.mark.parametrize(
    ("point", "text", "address", "area", "told"),
    [
        pytest.param(EMPANG, "halo", None, Area("1.1", "1.1.1"), [], id="coordinates alone"),
        pytest.param(TAJUR, "halo", None, Area("1.1", "1.1.2"), [], id="the square beside"),
        pytest.param(EMPANG, "di Empang", None, Area("1.1", "1.1.1"), [], id="words agree"),
        pytest.param(EMPANG, "di kecamatan selatan", None, Area("1.1", "1.1.1"), [],
                     id="words say less"),
        pytest.param(EMPANG, "di Babakan", None, Area("1.1", "1.1.1"),
                     [Why.PLACE_CONTRADICTED], id="the text names another place"),
        pytest.param(EMPANG, "halo", "Babakan", Area(),
                     [Why.PLACE_CONTRADICTED, Why.PLACE_CONTRADICTED], id="the address too"),
        pytest.param(EMPANG, "halo", "Tajur", Area("1.1"),
                     [Why.PLACE_CONTRADICTED, Why.PLACE_CONTRADICTED], id="they agree in part"),
        pytest.param((-6.7, 106.8), "di Tajur", None, Area("1.1", "1.1.2"),
                     [Why.PLACE_OUTSIDE], id="outside, then the words"),
        pytest.param((-6.7, 106.8), "halo", None, Area(), [Why.PLACE_OUTSIDE], id="outside"),
    ],
)  # fmt: skip
def test_coordinates_are_held_against_what_words_name(
    point, text, address, area, told, rule, compiled, said
):
    rules = compiled(rule("r", "sampah"), places=PLACES)
    latitude, longitude = point
    decision = decide(said(text, address=address, latitude=latitude, longitude=longitude), rules)
    assert decision.area == area
    assert [one.why for one in decision.explanation.runners_up] == told
