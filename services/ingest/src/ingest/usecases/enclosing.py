"""Files that came along with what somebody said: kept before it is heard."""

from dataclasses import replace

from ingest.domain.identity import Identities
from ingest.domain.mentions import Enclosure, Said
from ingest.usecases.media import MediaStore
from ingest.usecases.vault import Vault, data_key
from lintas.contracts.events.mentions import Media
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import DomainError, Unavailable


class Enclosing:
    """Puts enclosures into the media store, under their reporter's data key.

    It may be done again for the same letter: the same file under the same key is the same one.
    """

    def __init__(
        self, work: UnitOfWork, vault: Vault, identities: Identities, media: MediaStore
    ) -> None:
        self._work = work
        self._vault = vault
        self._identities = identities
        self._media = media

    async def keep(self, said: Said) -> tuple[Said, list[Enclosure]]:
        """`said` with its files kept, and those that the media store refuses.

        Raises:
            Unavailable: a file is not known to be kept.
        """
        if not said.enclosures or said.external_id is None:
            return said, []
        post = self._identities.post(said.channel, said.account, said.external_id)
        reporter = self._identities.reporter(said, post)
        key = await data_key(self._work, self._vault, reporter)
        kept: list[Media] = []
        refused: list[Enclosure] = []
        for one in said.enclosures:
            try:
                kept.append(await self._media.keep(one.content, one.media_type, one.name, key=key))
            except Unavailable:
                raise
            except DomainError:
                refused.append(one)
        return replace(said, files=(*said.files, *kept), enclosures=()), refused
