"""Open311 GeoReport v2: what others list, read, post and follow."""

from dataclasses import dataclass

from ingest.usecases.open311.posting import Posting
from ingest.usecases.open311.reading import Reading
from ingest.usecases.open311.services import Services
from lintas.web import Quota


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one address may ask."""

    calls: Quota
    downloads: Quota


@dataclass(frozen=True, slots=True)
class Open311:
    """One of each."""

    services: Services
    reading: Reading
    posting: Posting
    bounds: Bounds
