"""`places.yaml`: what are the city's areas called, and where are they?"""

from datetime import date
from typing import Literal

from pydantic import Field

from lintas_local.pack.models.fields import Outline, PackModel, Phrase, PlaceCode, Text

PlaceKind = Literal["city", "kecamatan", "kelurahan"]


class Place(PackModel):
    """One area; its parent is the code without the last part."""

    code: PlaceCode
    kind: PlaceKind
    name: Text
    #: centroid, WGS84
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)
    #: other spellings people use
    aliases: tuple[Phrase, ...] = ()
    #: the name is an everyday word too, so alone in a text it names no area
    everyday: bool = False
    #: its border for maps: a corner, then a step to each next one, as `lng,lat` in ten-thousandths
    #: of a degree
    outline: Outline | None = None

    @property
    def parent(self) -> str | None:
        """The code of the area around it; None for the city."""
        return None if self.kind == "city" else self.code.rpartition(".")[0]


class PlacesFile(PackModel):
    """All areas of the city, from one edition of the national list."""

    source: Text
    licence: Text
    effective_from: date
    known_from: date
    places: tuple[Place, ...] = Field(min_length=1)
