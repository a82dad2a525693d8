import pytest

from router.domain import Area, Why, decide

PLACES = [
    {"code": "32.71", "kind": "city", "name": "Kota Bogor", "parent": None},
    {"code": "32.71.01", "kind": "kecamatan", "name": "Bogor Selatan", "parent": "32.71"},
    {"code": "32.71.01.1", "kind": "kelurahan", "name": "Pakuan", "parent": "32.71.01"},
    {"code": "32.71.01.2", "kind": "kelurahan", "name": "Empang", "parent": "32.71.01"},
    {"code": "32.71.01.3", "kind": "kelurahan", "name": "Tajur", "parent": "32.71.01"},
    {"code": "32.71.01.4", "kind": "kelurahan", "name": "Genteng", "parent": "32.71.01",
     "everyday": True},
    {"code": "32.71.03", "kind": "kecamatan", "name": "Bogor Tengah", "parent": "32.71"},
    {"code": "32.71.03.1", "kind": "kelurahan", "name": "Babakan", "parent": "32.71.03"},
    {"code": "32.71.03.2", "kind": "kelurahan", "name": "Babakan Pasar", "parent": "32.71.03"},
    {"code": "32.71.03.3", "kind": "kelurahan", "name": "Sukamaju", "parent": "32.71.03"},
    {"code": "32.71.06", "kind": "kecamatan", "name": "Tanah Sareal", "parent": "32.71",
     "aliases": ["tansar"]},
    {"code": "32.71.06.1", "kind": "kelurahan", "name": "Tanah Sareal", "parent": "32.71.06"},
    {"code": "32.71.06.2", "kind": "kelurahan", "name": "Sukamaju", "parent": "32.71.06"},
]  # fmt: skip
NOWHERE = Area()


@pytest.mark.parametrize(
    ("text", "address", "area"),
    [
        pytest.param("di Empang", None, Area("32.71.01", "32.71.01.2"), id="kelurahan"),
        pytest.param("di bogor tengah", None, Area("32.71.03"), id="kecamatan"),
        pytest.param("warga tansar", None, Area("32.71.06"), id="another spelling"),
        pytest.param("di kota bogor", None, NOWHERE, id="the city says nothing"),
        pytest.param("di tanah sareal", None, Area("32.71.06"), id="a name both share"),
        pytest.param("babakan pasar", None, Area("32.71.03", "32.71.03.2"), id="the longer name"),
        pytest.param("tirta pakuan lambat", None, NOWHERE, id="inside a term of a rule"),
        pytest.param("kel pakuan", None, Area("32.71.01", "32.71.01.1"), id="called a place"),
        pytest.param("jl raya tajur macet", None, NOWHERE, id="a street runs far"),
        pytest.param("empang dan tajur", None, Area("32.71.01"), id="two of one kecamatan"),
        pytest.param("empang dan babakan", None, NOWHERE, id="two far apart"),
        pytest.param("sukamaju", None, NOWHERE, id="a name of two places"),
        pytest.param(
            "sukamaju, bogor tengah", None, Area("32.71.03", "32.71.03.3"), id="told apart"
        ),
        pytest.param(
            "kel. Empang, dekat babakan", None, Area("32.71.01", "32.71.01.2"),
            id="what is called a place before what is not",
        ),
        pytest.param(
            "babakan", "Gg 3, Empang", Area("32.71.01", "32.71.01.2"), id="the address first"
        ),
        pytest.param("babakan", "Gg 3", Area("32.71.03", "32.71.03.1"), id="then the text"),
        pytest.param("kelurahan babakan pasar", None, Area("32.71.03", "32.71.03.2"),
                     id="the longer name, called a place"),
        pytest.param("genteng bocor di empang", None, Area("32.71.01", "32.71.01.2"),
                     id="an everyday word"),
        pytest.param("kel. genteng", None, Area("32.71.01", "32.71.01.4"),
                     id="an everyday word called a place"),
        pytest.param("berempang", None, NOWHERE, id="not by stem"),
    ],
)  # fmt: skip
def test_an_area_is_told_only_where_it_is_certain(text, address, area, rule, compiled, said):
    rules = compiled(rule("water", "tirta pakuan", "kel pakuan"), places=PLACES)
    assert decide(said(text, address=address), rules).area == area


def test_a_doubt_about_the_area_is_reported(rule, compiled, said):
    rules = compiled(rule("water", "tirta pakuan"), places=PLACES)
    explanation = decide(said("di sukamaju"), rules).explanation
    assert [(one.rule, one.why) for one in explanation.runners_up] == [
        ("place:32.71.03.3", Why.PLACE_UNCLEAR),
        ("place:32.71.06.2", Why.PLACE_UNCLEAR),
    ]
    assert explanation.decided_by == ()


def test_a_certain_area_is_explained_by_the_words_that_name_it(rule, compiled, said):
    rules = compiled(rule("water", "tirta pakuan"), places=PLACES)
    text = "🌧 banjir di Empang!"
    (evidence,) = decide(said(text), rules).explanation.decided_by
    (span,) = evidence.spans
    assert (evidence.rule, evidence.why) == ("place:32.71.01.2", Why.PLACE_NAMED)
    assert text[span.start : span.end] == span.words == "Empang"
