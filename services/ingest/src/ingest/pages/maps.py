"""The map of the place picker: drawn here from the pack's outlines, with nothing from elsewhere."""

from html import escape

from fastapi import APIRouter
from starlette.responses import Response

from ingest.domain.areas import Area, Areas, View, points
from ingest.usecases.deps import Deps
from lintas.vocabulary.errors import NotFound
from lintas.web import allow, public

#: dots; small enough for the narrowest phone, as a click tells the dot and not the zoom
WIDTH, HEIGHT = 288, 400
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_AGE_S = 300
#: neighbouring kecamatan are told apart
_TINTS = ("#e3eee7", "#f3ead7", "#dfe8f3", "#f1e1e1", "#e9e3f1", "#e6efd8")
_CHOSEN, _BORDER, _INK = "#1d6f42", "#63756b", "#22302a"
_BETWEEN_LABELS = 9


def router(deps: Deps) -> APIRouter:
    """`/lapor/peta.svg`."""
    routes = APIRouter(tags=["pages"])

    @routes.get("/lapor/peta.svg", dependencies=[allow(public)], response_class=Response)
    async def picture(
        view: str = "", area: str = "", lat: float | None = None, lng: float | None = None
    ) -> Response:
        """The city, or one kecamatan of it, with what is chosen."""
        areas = deps.reference.areas()
        shown = areas.view(view if areas.get(view) else None, WIDTH, HEIGHT)
        if shown is None:
            raise NotFound("The city pack draws no outlines.")
        mark = None if lat is None or lng is None else (lng, lat)
        return Response(
            draw(areas, shown, district=view, chosen=area, mark=mark),
            media_type="image/svg+xml",
            headers={
                "Content-Security-Policy": _POLICY,
                "Cache-Control": f"public, max-age={_AGE_S}",
            },
        )

    return routes


def draw(
    areas: Areas, view: View, *, district: str, chosen: str, mark: tuple[float, float] | None
) -> str:
    """The picture as SVG."""
    tints = {
        area.code: tint for (area, _), tint in zip(areas.districts(), _cycle(areas), strict=True)
    }
    shapes, labels = [], []
    taken: list[tuple[float, float]] = []
    for area in areas.drawn():
        is_chosen = chosen in (area.code, area.parent)
        fill = _CHOSEN if chosen == area.code else tints.get(area.parent or "", _TINTS[0])
        shapes.append(f'<path d="{_path(area, view)}" fill="{fill}"/>')
        if district and area.parent == district:
            labels.append(_label(area, view, 8, taken, white=is_chosen and chosen == area.code))
    if not district:
        labels = [_label(area, view, 12, taken, white=False) for area, _ in areas.districts()]
    spot = ""
    if mark is not None:
        x, y = view.dot(mark)
        spot = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="6" fill="#b3261e" stroke="#fff" stroke-width="2"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="100%" height="100%" fill="#fbfbf8"/>'
        f'<g stroke="{_BORDER}" stroke-width=".8" stroke-linejoin="round">{"".join(shapes)}</g>'
        f'<g font-family="system-ui,sans-serif" text-anchor="middle">{"".join(labels)}</g>'
        f"{spot}</svg>"
    )


def _cycle(areas: Areas) -> list[str]:
    return [_TINTS[place % len(_TINTS)] for place in range(len(areas.districts()))]


def _path(area: Area, view: View) -> str:
    dots = [view.dot(point) for point in points(area)]
    rounded = [(round(x), round(y)) for x, y in dots]
    x, y = rounded[0]
    steps = []
    for following in rounded[1:]:
        steps.append(f"{following[0] - x} {following[1] - y}")
        x, y = following
    return f"M{rounded[0][0]} {rounded[0][1]}l{' '.join(steps)}z"


def _label(
    area: Area, view: View, size: int, taken: list[tuple[float, float]], *, white: bool
) -> str:
    x, y = view.dot((area.lng, area.lat))
    # names that would cover each other are moved apart, down the page
    while any(abs(x - left) < size * 5 and abs(y - top) < _BETWEEN_LABELS for left, top in taken):
        y += _BETWEEN_LABELS
    taken.append((x, y))
    ink = "#fff" if white else _INK
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{ink}">{escape(area.name)}</text>'
    )
