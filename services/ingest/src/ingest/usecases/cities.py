"""Which city this is: learnt from the directory, kept for a start without Kafka."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from ingest.domain.city import City, CityDocument, city_in_force
from ingest.store import city as store
from lintas.contracts.events.reference import DirectoryPublished
from lintas.database.work import UnitOfWork
from lintas.telemetry import get_logger

_log = get_logger(__name__)
_KIND = "city"


class Cities:
    """The city documents this process knows, and the one in force."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._documents: dict[tuple[str, str], CityDocument] = {}

    def learn(self, documents: Iterable[CityDocument]) -> None:
        """Take in documents; one that is no city's is left out and logged."""
        for document in documents:
            try:
                City.from_body(document.body)
            except (KeyError, TypeError, AttributeError):
                # no traceback: it would show the document
                _log.error("city_document_unusable", version=document.version)
            else:
                self._documents[document.id, document.version] = document

    def in_force(self) -> City | None:
        """The city as it is now; None until a pack is applied."""
        return city_in_force(self._documents.values(), self._clock())


async def load(work: UnitOfWork, cities: Cities) -> None:
    """Learn what earlier runs and other instances kept."""
    async with work.begin() as tx:
        documents = await store.documents(tx)
    cities.learn(documents)


async def follow(work: UnitOfWork, cities: Cities, published: Sequence[DirectoryPublished]) -> None:
    """Learn and keep the city documents among these; seeing one again changes nothing."""
    found = [
        CityDocument(
            event.id,
            event.version,
            event.effective_from,
            event.effective_to,
            event.known_from,
            event.body,
        )
        for event in published
        if event.kind == _KIND
    ]
    if found:
        cities.learn(found)
        async with work.begin() as tx:
            await store.keep(tx, found)
