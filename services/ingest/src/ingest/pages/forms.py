"""What somebody typed into the report form: kept as it was typed, and read field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from secrets import token_urlsafe

import orjson
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from ingest.domain.areas import Area, Areas
from ingest.domain.mentions import Author, Place
from ingest.pages.maps import HEIGHT, WIDTH
from ingest.schemas.pages import FORM_TOKEN, ReportIn
from ingest.usecases.reporting import Report
from lintas.vocabulary.terms import Anonymity

_MOST_FIELDS = 40
_LONGEST_KEPT = 20_000
_TOKEN_BYTES = 18


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields of the form as text; their names are those in the page."""

    text: str = ""
    address: str = ""
    #: code of a kecamatan or kelurahan
    area: str = ""
    lat: str = ""
    lng: str = ""
    #: the kecamatan the map shows; empty for the whole city
    view: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    anonymity: str = Anonymity.ANONYMOUS.value
    token: str = ""

    @classmethod
    def of(cls, form: FormData) -> "Filled":
        """What a browser sent; a form without a usable token gets one."""
        values = {field.name: form.get(field.name) for field in fields(cls)}
        typed = {
            name: value.replace("\r\n", "\n")[:_LONGEST_KEPT]
            for name, value in values.items()
            if isinstance(value, str)
        }
        filled = cls(**typed)
        return filled if FORM_TOKEN.fullmatch(filled.token) else filled.renewed()

    def renewed(self) -> "Filled":
        """The same as another form, so that it can be sent once more."""
        return replace(self, token=new_token())

    def hidden(self) -> Mapping[str, str]:
        """What travels from page to page."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def pointed(self, areas: Areas, x: float, y: float) -> "Filled":
        """With the place that was clicked on the map; outside every area nothing changes."""
        view = areas.view(self.view if areas.get(self.view) else None, WIDTH, HEIGHT)
        point = view.point(x, y) if view else None
        area = areas.at(point) if point else None
        if area is None or point is None:
            return self
        return replace(
            self,
            area=area.code,
            view=area.parent or "",
            lat=f"{point[1]:.5f}",
            lng=f"{point[0]:.5f}",
        )

    def place(self, areas: Areas) -> tuple[Area | None, tuple[float, float] | None]:
        """The chosen area, and the point on the map if it lies in that area."""
        area = areas.get(self.area)
        try:
            point = (float(self.lng), float(self.lat))
        except ValueError:
            return area, None
        if area is None or areas.at(point) not in (area, None):
            return area, None
        return area, point if areas.at(point) else None

    def read(self, areas: Areas) -> Report | frozenset[str]:
        """The report, or the names of the fields that are not as expected."""
        typed = {name: getattr(self, name).strip() for name in ReportIn.model_fields}
        try:
            checked = ReportIn.model_validate_json(orjson.dumps(typed))
        except ValidationError as error:
            return frozenset(str(problem["loc"][0]) for problem in error.errors())
        area, point = self.place(areas)
        address = _address(checked.address, area, areas)
        lng, lat = point or (None, None)
        return Report(
            text=checked.text,
            place=Place(lat, lng, address) if address or point else None,
            author=Author(
                name=checked.name or None,
                phone=checked.phone or None,
                email=checked.email or None,
            ),
            anonymity=checked.anonymity,
            token=self.token,
        )


def new_token() -> str:
    """What a fresh form is known by."""
    return token_urlsafe(_TOKEN_BYTES)


async def form_of(request: Request, *, most_files: int = 0) -> FormData:
    """The form in the body."""
    return await request.form(max_files=most_files, max_fields=_MOST_FIELDS)


def clicked(form: FormData) -> tuple[float, float] | None:
    """Where on the map somebody clicked; pressing Enter elsewhere says 0,0, which is no click."""
    try:
        x, y = float(str(form.get("map.x"))), float(str(form.get("map.y")))
    except ValueError:
        return None
    return (x, y) if (x or y) and 0 <= x <= WIDTH and 0 <= y <= HEIGHT else None


def _address(typed: str, area: Area | None, areas: Areas) -> str | None:
    parts = [typed] if typed else []
    while area is not None and area.kind != "city":
        kind = "Kel." if area.kind == "kelurahan" else "Kec."
        if area.name.casefold() not in typed.casefold():
            parts.append(f"{kind} {area.name}")
        area = areas.get(area.parent) if area.parent else None
    return ", ".join(parts) or None
