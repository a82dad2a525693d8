"""In which area do coordinates lie?"""

from collections.abc import Iterable, Iterator

from router.domain.rulesets import Outline, Place

#: squares of a hundredth of a degree, about a kilometre wide: few outlines touch one
_PER_DEGREE = 100


class Borders:
    """The outlines of a rule set's places."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._squares: dict[tuple[int, int], list[Place]] = {}
        for place in places:
            for square in _touched(place.outline) if place.outline else ():
                self._squares.setdefault(square, []).append(place)

    def __bool__(self) -> bool:
        """Whether any place has an outline."""
        return bool(self._squares)

    def around(self, latitude: float, longitude: float) -> list[Place]:
        """The places inside whose outline the point lies; outlines may overlap, or leave gaps."""
        square = (int(longitude * _PER_DEGREE // 1), int(latitude * _PER_DEGREE // 1))
        return [
            place
            for place in self._squares.get(square, ())
            if _inside(place.outline, longitude, latitude)
        ]


def _touched(outline: Outline) -> Iterator[tuple[int, int]]:
    east = [int(longitude * _PER_DEGREE // 1) for longitude, _ in outline]
    north = [int(latitude * _PER_DEGREE // 1) for _, latitude in outline]
    for column in range(min(east), max(east) + 1):
        for row in range(min(north), max(north) + 1):
            yield column, row


def _inside(outline: Outline, x: float, y: float) -> bool:
    """Whether a line from the point to the east crosses the border an odd number of times."""
    inside = False
    previous_x, previous_y = outline[-1]
    for corner_x, corner_y in outline:
        if (corner_y > y) != (previous_y > y):
            slope = (previous_x - corner_x) / (previous_y - corner_y)
            inside ^= x < corner_x + slope * (y - corner_y)
        previous_x, previous_y = corner_x, corner_y
    return inside
