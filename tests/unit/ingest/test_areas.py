import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.areas import Area, Areas
from ingest.pages.maps import HEIGHT, WIDTH, draw


def area(code: str, outline: str = "", **more: object) -> Area:
    kind = "kelurahan" if code.count(".") == 3 else "kecamatan"
    body = {"kind": kind, "name": code, "parent": code.rpartition(".")[0], "lat": 0.05, "lng": 0.05}
    return Area.from_body(code, body | {"outline": outline} | more)


#: two squares side by side, a tenth of a degree wide
WEST = area("1.1.1.1", "0,0 1000,0 0,1000 -1000,0")
EAST = area("1.1.2.1", "1000,0 1000,0 0,1000 -1000,0", lng=0.15)
AREAS = Areas([WEST, EAST, area("1.1.1"), area("1.1.2")])


@pytest.mark.parametrize(
    ("point", "found"),
    [
        pytest.param((0.05, 0.05), WEST, id="inside one"),
        pytest.param((0.15, 0.05), EAST, id="inside the other"),
        pytest.param((0.25, 0.05), None, id="beside"),
        pytest.param((0.05, -0.01), None, id="below"),
    ],
)
def test_a_point_lies_in_the_area_whose_outline_holds_it(point, found):
    assert AREAS.at(point) == found


@given(st.floats(0, WIDTH), st.floats(0, HEIGHT), st.sampled_from([None, "1.1.1", "1.1.2"]))
def test_a_dot_of_a_view_is_a_point_and_back(x, y, district):
    view = AREAS.view(district, WIDTH, HEIGHT)
    assert view.dot(view.point(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_a_view_shows_all_of_what_it_is_of():
    for district, shown in ((None, (WEST, EAST)), ("1.1.1", (WEST,)), ("1.1.2", (EAST,))):
        view = AREAS.view(district, WIDTH, HEIGHT)
        for one in shown:
            for corner in one.outline:
                x, y = view.dot((corner[0] / 10_000, corner[1] / 10_000))
                assert 0 <= x <= WIDTH
                assert 0 <= y <= HEIGHT


def test_a_city_without_outlines_has_no_map_and_still_its_names():
    areas = Areas([area("1.1.1"), area("1.1.1.1")])
    assert areas.view(None, WIDTH, HEIGHT) is None
    assert [(one.code, [inner.code for inner in inside]) for one, inside in areas.districts()] == [
        ("1.1.1", ["1.1.1.1"])
    ]


def test_names_on_the_map_are_text_and_nothing_else():
    areas = Areas([area("1.1.1", name="<script>x</script>"), WEST])
    view = areas.view(None, WIDTH, HEIGHT)
    picture = draw(areas, view, district="", chosen='"><script>', mark=None)
    assert "<script" not in picture
