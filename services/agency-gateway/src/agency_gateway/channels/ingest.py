"""What ingest keeps sealed and opens for those whom the gateway knows."""

from lintas.net import Incoming, Neighbour
from lintas.vocabulary.ids import ComplaintId

_PATH = "/v1/vault/media"
#: an officer needs the original to act on it; ingest records it
_PURPOSE = "case_handling"


class Ingest:
    """Asks for files. Whether somebody may see them is decided before."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def file(self, complaint: ComplaintId, sha256: str, *, reader: str) -> Incoming:
        """A file of a complaint; ingest's audit says that `reader` read it.

        Raises:
            NotFound, Gone: the complaint names it no more, or its words are erased.
            Unavailable: there is no answer now.
        """
        wanted = {
            "complaint_id": str(complaint),
            "sha256": sha256,
            "purpose": _PURPOSE,
            "reader": reader,
        }
        return await self._neighbour.fetch(_PATH, wanted)
