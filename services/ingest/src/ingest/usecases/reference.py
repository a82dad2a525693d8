"""What the pages name: areas, agencies, categories, calendars and policies, learnt from the directory.

Kept in memory only: a start without Kafka shows pages with fewer names, and none is wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ingest.domain.areas import Area, Areas
from ingest.domain.city import CityDocument, in_force
from lintas.contracts.events.reference import DirectoryPublished
from lintas.telemetry import get_logger
from lintas.vocabulary.errors import Invalid
from lintas.vocabulary.terms import MentionClass
from lintas.worktime import Calendar, DeadlinePolicy, due_at

_log = get_logger(__name__)
_KINDS = frozenset({"place", "agency", "category", "calendar", "policy"})
#: so long after the answer a complaint whose reporter is silent may be closed
_SILENCE = "auto_close"


class Reference:
    """The directory as it is now."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        #: versions by kind and id
        self._documents: dict[tuple[str, str], dict[str, CityDocument]] = {}
        self._areas: Areas | None = None

    def learn(self, published: Iterable[DirectoryPublished]) -> None:
        """Take in documents; learning one twice changes nothing."""
        for event in published:
            if event.kind in _KINDS:
                document = CityDocument(
                    event.id,
                    event.version,
                    event.effective_from,
                    event.effective_to,
                    event.known_from,
                    event.body,
                )
                self._documents.setdefault((event.kind, event.id), {})[event.version] = document
                self._areas = None

    def areas(self) -> Areas:
        """The kecamatan and kelurahan; none before the directory is read."""
        if self._areas is None:
            found = []
            for kind, code in self._documents:
                body = self._body(kind, code) if kind == "place" else None
                if body is not None:
                    try:
                        found.append(Area.from_body(code, body))
                    except (KeyError, TypeError, ValueError):
                        _log.error("place_document_unusable", id=code)
            self._areas = Areas(found)
        return self._areas

    def name(self, kind: str, code: str | None, language: str) -> str | None:
        """What an agency or a category is called in a language; None if it is not known."""
        body = self._body(kind, code) if code else None
        names = body.get("name") if body else None
        return names.get(language) if isinstance(names, Mapping) else None

    def calendar(self, code: str | None) -> Calendar | None:
        """The working calendar of a code; None if it is not known."""
        body = self._body("calendar", code) if code else None
        try:
            return None if body is None else Calendar.from_document(body)
        except Invalid:
            return None

    def last_word_at(
        self, of: MentionClass | None, received_at: datetime, answered_at: datetime | None
    ) -> datetime | None:
        """Until when a reporter may say that an answer solved nothing; None: there is no end.

        By the policy that held when the complaint was received, as with every other deadline.
        """
        if answered_at is None:
            return None
        for kind, code in self._documents:
            body = self._body(kind, code, received_at) if kind == "policy" else None
            if body is None or (body.get("class"), body.get("stage")) != (of, _SILENCE):
                continue
            calendar = self.calendar(body.get("calendar"))
            try:
                policy = DeadlinePolicy.from_document(body)
            except Invalid:
                _log.error("policy_document_unusable", id=code)
                continue
            if calendar is not None:
                return due_at(policy, answered_at, calendar)
        return None

    def _body(self, kind: str, code: str, at: datetime | None = None) -> Mapping[str, Any] | None:
        documents = self._documents.get((kind, code), {}).values()
        found = in_force(documents, at or self._clock())
        return None if found is None else found.body
