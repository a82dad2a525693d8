"""What the router needs to decide anew: words and notes, redacted, while the request is open."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from agency_gateway.domain.records import Returned
from agency_gateway.store import returns
from agency_gateway.usecases.sight import AS_WORKER
from lintas.database.work import UnitOfWork
from lintas.privacy import redact
from lintas.vocabulary.ids import ComplaintId


class Returns:
    """Reads complaints that agencies gave back."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def read(self, ids: Sequence[ComplaintId]) -> Mapping[UUID, Returned]:
        """Those of `ids` that exist, with everything said about them; officers' notes redacted."""
        async with self._work.begin(AS_WORKER) as tx:
            found = await returns.read(tx.connection, ids)
        return {
            id_: replace(one, notes=tuple(redact(note).text for note in one.notes))
            for id_, one in found.items()
        }
