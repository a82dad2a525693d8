"""`agencies.yaml`: who answers?"""

from typing import Literal

from pydantic import Field

from lintas_local.pack.models.fields import Code, LocalText, PackModel, PlaceCode, Versioned

#: office of the city; its company; a kecamatan; a hospital; a body outside the city government
AgencyKind = Literal["office", "enterprise", "district", "hospital", "outside"]


class Agency(Versioned):
    """One agency under one name; a renamed agency keeps its code and gets a second entry."""

    code: Code
    name: LocalText
    kind: AgencyKind
    #: its hours
    calendar: Code
    #: the kecamatan that a district office serves
    place: PlaceCode | None = None


class AgenciesFile(PackModel):
    """All agencies that may lead or contribute."""

    agencies: tuple[Agency, ...] = Field(min_length=1)
