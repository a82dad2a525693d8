"""The whole pack, and which file holds which part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import BaseModel

from lintas_local.pack.models.agencies import AgenciesFile
from lintas_local.pack.models.calendars import CalendarsFile
from lintas_local.pack.models.categories import CategoriesFile
from lintas_local.pack.models.city import City, Templates
from lintas_local.pack.models.places import PlacesFile
from lintas_local.pack.models.policies import PoliciesFile
from lintas_local.pack.models.rules import RulesFile


@dataclass(frozen=True, slots=True)
class Pack:
    """A city's configuration, complete and consistent."""

    city: City
    agencies: AgenciesFile
    places: PlacesFile
    categories: CategoriesFile
    rules: RulesFile
    calendars: CalendarsFile
    policies: PoliciesFile
    templates: Templates


#: every file of a pack and what it must hold, in the order of `Pack`'s fields
FILES: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "city.yaml": City,
        "agencies.yaml": AgenciesFile,
        "places.yaml": PlacesFile,
        "categories.yaml": CategoriesFile,
        "rules.yaml": RulesFile,
        "calendars.yaml": CalendarsFile,
        "policies.yaml": PoliciesFile,
        "templates.yaml": Templates,
    }
)
