"""Kecamatan and kelurahan: their names, and where their borders run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: degrees east and north
Point = tuple[float, float]
#: outlines are written in ten-thousandths of a degree: eleven metres
_UNIT = 10_000
#: part of its size that is shown around a view
_MARGIN = 0.04


@dataclass(frozen=True, slots=True)
class Area:
    """A kecamatan or a kelurahan."""

    code: str
    kind: str
    name: str
    #: the kecamatan of a kelurahan, the city of a kecamatan
    parent: str | None
    lat: float
    lng: float
    #: corners in order, in ten-thousandths of a degree; empty where the pack draws none
    outline: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_body(cls, code: str, body: Mapping[str, Any]) -> "Area":
        """The area in a directory document; KeyError, TypeError or ValueError if it is not one."""
        return cls(
            code=code,
            kind=str(body["kind"]),
            name=str(body["name"]),
            parent=body.get("parent"),
            lat=float(body["lat"]),
            lng=float(body["lng"]),
            outline=_corners(body.get("outline") or ""),
        )

    def contains(self, at: Point) -> bool:
        """Whether the point lies inside the outline (even-odd rule)."""
        x, y = at[0] * _UNIT, at[1] * _UNIT
        inside = False
        for (x1, y1), (x2, y2) in zip(
            self.outline, (*self.outline[1:], *self.outline[:1]), strict=True
        ):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of the map drawn on so many dots, north up."""

    west: float
    north: float
    #: dots for one degree north; a degree east has as many, so near the equator shapes are true
    scale: float
    width: int
    height: int

    def dot(self, point: Point) -> tuple[float, float]:
        """Where a point is drawn, from the upper left corner."""
        return (point[0] - self.west) * self.scale, (self.north - point[1]) * self.scale

    def point(self, x: float, y: float) -> Point:
        """What is drawn at a dot."""
        return self.west + x / self.scale, self.north - y / self.scale


class Areas:
    """All areas of the city."""

    def __init__(self, areas: Iterable[Area] = ()) -> None:
        self._by_code = {area.code: area for area in sorted(areas, key=lambda area: area.name)}

    def get(self, code: str) -> Area | None:
        """The area of a code."""
        return self._by_code.get(code)

    def districts(self) -> list[tuple[Area, list[Area]]]:
        """Each kecamatan with its kelurahan, by name."""
        return [
            (area, [one for one in self._by_code.values() if one.parent == area.code])
            for area in self._by_code.values()
            if area.kind == "kecamatan"
        ]

    def drawn(self) -> list[Area]:
        """Those that have an outline."""
        return [area for area in self._by_code.values() if area.outline]

    def at(self, point: Point) -> Area | None:
        """The area whose outline holds the point."""
        return next((area for area in self.drawn() if area.contains(point)), None)

    def view(self, district: str | None, width: int, height: int) -> View | None:
        """The whole city, or one kecamatan, as large as `width` by `height` allows."""
        shown = [area for area in self.drawn() if district in (None, area.parent)] or self.drawn()
        if not shown:
            return None
        xs = [x / _UNIT for area in shown for x, _ in area.outline]
        ys = [y / _UNIT for area in shown for _, y in area.outline]
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        scale = min(width / wide, height / high) * (1 - 2 * _MARGIN)
        west = (max(xs) + min(xs) - width / scale) / 2
        north = (max(ys) + min(ys) + height / scale) / 2
        return View(west, north, scale, width, height)


def points(area: Area) -> list[Point]:
    """The corners of an area in degrees."""
    return [(x / _UNIT, y / _UNIT) for x, y in area.outline]


def _corners(outline: str) -> tuple[tuple[int, int], ...]:
    corners: list[tuple[int, int]] = []
    x = y = 0
    for step in outline.split():
        east, north = step.split(",")
        x, y = x + int(east), y + int(north)
        corners.append((x, y))
    return tuple(corners)
