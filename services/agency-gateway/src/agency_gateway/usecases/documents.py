"""The city's documents: published once per version, never changed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid5

from agency_gateway.domain.policies import Document, read_policy
from agency_gateway.store import directory
from agency_gateway.usecases.sight import AS_PUBLIC, Sights
from lintas.auth import Principal
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.topics import DIRECTORY
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import Conflict, FieldError, Invalid, NotFound
from lintas.vocabulary.ids import NAMESPACE, EventId
from lintas.worktime import Calendar


class Documents:
    """Agencies, calendars, policies, categories, places and the city itself."""

    def __init__(self, work: UnitOfWork, sights: Sights) -> None:
        self._work = work
        self._sights = sights

    async def publish(self, who: Principal, document: Document) -> bool:
        """Publish a version; False if exactly this version is published already.

        Raises:
            Invalid: a policy or calendar that cannot be read.
            Conflict: the version is published with other content.
        """
        _require_readable(document)
        now = self._work.clock()
        async with self._work.begin(self._sights.of_admin(who)) as tx:
            if await directory.add(tx.connection, document, now):
                await tx.publish(DIRECTORY, [_event(document, now)])
                return True
            kept = await directory.one(tx.connection, document.kind, document.id, document.version)
        if kept != document:
            raise Conflict("This version is published with other content.", state="published")
        return False

    async def one(self, kind: str, id_: str, version: str | None) -> Document:
        """A document in one version, or in the one known last."""
        async with self._work.begin(AS_PUBLIC) as tx:
            found = await directory.one(tx.connection, kind, id_, version)
        if found is None:
            raise NotFound("There is no such document.")
        return found

    async def page(self, kind: str, after: str, limit: int) -> tuple[list[Document], bool]:
        """The documents of a kind that are in force, by id, and whether there are more."""
        async with self._work.begin(AS_PUBLIC) as tx:
            now = self._work.clock()
            found = await directory.current(tx.connection, kind, after, limit + 1, now)
        return found[:limit], len(found) > limit


def _require_readable(document: Document) -> None:
    try:
        if document.kind == "policy":
            read_policy(document)
        elif document.kind == "calendar":
            Calendar.from_document(document.body)
    except Invalid as refusal:
        errors = [FieldError(f"/body{e.pointer}", e.code, e.detail) for e in refusal.errors]
        raise Invalid(refusal.detail, errors) from None
    if document.kind == "agency" and not isinstance(document.body.get("name"), Mapping):
        raise Invalid(
            "The agency needs its name.", [FieldError("/body/name", "missing", "{id, en}")]
        )


def _event(document: Document, now: datetime) -> DirectoryPublished:
    cause = f"directory/{document.kind}/{document.id}/{document.version}"
    return DirectoryPublished(
        event_id=EventId(uuid5(NAMESPACE, cause)),
        occurred_at=now,
        recorded_at=now,
        kind=document.kind,
        id=document.id,
        version=document.version,
        effective_from=document.effective_from,
        effective_to=document.effective_to,
        known_from=document.known_from,
        body=dict(document.body),
    )
