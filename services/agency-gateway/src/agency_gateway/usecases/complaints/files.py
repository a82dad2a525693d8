"""Files of a complaint, for those who see the complaint."""

from agency_gateway.channels.ingest import Ingest
from agency_gateway.domain.records import Attached
from agency_gateway.usecases.complaints.finding import complaint_id
from agency_gateway.usecases.complaints.reading import record
from agency_gateway.usecases.sight import Sights, actor_of
from lintas.auth import Principal
from lintas.database.work import UnitOfWork
from lintas.net import Incoming
from lintas.vocabulary.errors import NotFound


class Files:
    """Opens what is listed in the complaint as somebody sees it, and nothing else."""

    def __init__(self, work: UnitOfWork, sights: Sights, ingest: Ingest) -> None:
        self._work = work
        self._sights = sights
        self._ingest = ingest

    async def open(self, who: Principal, named: str, sha256: str) -> tuple[Attached, Incoming]:
        """A file and its bytes, which the caller closes; ingest has recorded who reads it.

        Raises:
            NotFound: no such complaint to this reader, or it shows no such file.
            Gone: it was erased a moment ago.
            Unavailable: ingest does not answer.
        """
        async with self._work.begin(self._sights.of(who)) as tx:
            id_ = await complaint_id(tx, named)
            seen = await record(tx, id_)
        said = (seen.said, *(message.said for message in seen.messages))
        listed = (file for one in said if one is not None for file in one.media)
        file = next((file for file in listed if file.sha256 == sha256), None)
        if file is None:
            raise NotFound("There is no such file.")
        return file, await self._ingest.file(id_, sha256, reader=actor_of(who))
