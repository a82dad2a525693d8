"""What can be reported, and who answers: learnt from the directory, kept for a start without Kafka."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from ingest.domain.open311.services import Catalogue, Document, check
from ingest.store import directory as store
from lintas.contracts.events.reference import DirectoryPublished
from lintas.database.work import UnitOfWork
from lintas.telemetry import get_logger

_log = get_logger(__name__)
_FRESH = timedelta(seconds=10)
_KINDS = frozenset({"category", "agency"})


class Services:
    """The categories and agencies this process knows."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._documents: dict[tuple[str, str, str], Document] = {}
        #: by language, with when it was made: documents begin and end by themselves
        self._made: dict[str, tuple[datetime, Catalogue]] = {}

    def learn(self, documents: Iterable[Document]) -> None:
        """Take in documents; one that is not of its kind is left out and logged."""
        for document in documents:
            try:
                check(document)
            except (KeyError, TypeError, AttributeError):
                # no traceback: it would show the document
                _log.error("directory_document_unusable", kind=document.kind, id=document.id)
            else:
                key = document.kind, document.id, document.version
                self._documents.setdefault(key, document)
        self._made.clear()

    def catalogue(self, language: str) -> Catalogue:
        """What is offered now, or was a few seconds ago."""
        now = self._clock()
        made = self._made.get(language)
        if made is None or now - made[0] > _FRESH:
            made = now, Catalogue.of(self._documents.values(), language, now)
            self._made[language] = made
        return made[1]


async def load(work: UnitOfWork, services: Services) -> None:
    """Learn what earlier runs and other instances kept."""
    async with work.begin() as tx:
        documents = await store.documents(tx)
    services.learn(documents)


async def follow(
    work: UnitOfWork, services: Services, published: Sequence[DirectoryPublished]
) -> None:
    """Learn and keep the documents among these; seeing one again changes nothing."""
    found = [
        Document(
            event.kind,
            event.id,
            event.version,
            event.effective_from,
            event.effective_to,
            event.known_from,
            event.recorded_at,
            event.body,
        )
        for event in published
        if event.kind in _KINDS
    ]
    if found:
        services.learn(found)
        async with work.begin() as tx:
            await store.keep(tx, found)
