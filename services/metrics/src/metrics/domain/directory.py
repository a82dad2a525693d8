from collections.abc import Iterable
from datetime import UTC, datetime

from metrics.domain.facts import Document

_FIRST = datetime.min.replace(tzinfo=UTC)


class Directory:
    """The city's documents in all their versions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._versions: dict[tuple[str, str], dict[str, Document]] = {}
        for document in documents:
            versions = self._versions.setdefault((document.kind, document.id), {})
            versions[document.version] = document

    def version(self, kind: str, name: str, version: str) -> Document | None:
        """One version of a document."""
        return self._versions.get((kind, name), {}).get(version)

    def in_force(self, kind: str, name: str, at: datetime) -> Document | None:
        """The version that held and was known at an instant; of several, the newest."""
        held = [
            document
            for document in self._versions.get((kind, name), {}).values()
            if (document.effective_from or _FIRST) <= at
            and (document.effective_to is None or at < document.effective_to)
            and document.known_from <= at
        ]
        return max(held, key=_age, default=None)

    def all_in_force(self, kind: str, at: datetime) -> list[Document]:
        """Every document of a kind as it held at an instant, by id."""
        names = sorted(name for other, name in self._versions if other == kind)
        found = (self.in_force(kind, name, at) for name in names)
        return [document for document in found if document is not None]


def _age(document: Document) -> tuple[datetime, datetime, str]:
    # the version breaks ties, so that the choice never hangs on the order of arrival
    return (document.effective_from or _FIRST, document.known_from, document.version)
