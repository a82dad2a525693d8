"""The city's documents as rules, read from the database only when one was published."""

from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.policies import Directory
from agency_gateway.store import directory

#: what deciding needs; the rest is for people to read
_KINDS = ("agency", "calendar", "policy")


class CityRules:
    """The newest directory; asking costs one index look-up per transaction."""

    def __init__(self) -> None:
        self._cached = Directory()

    async def now(self, connection: AsyncConnection) -> Directory:
        """The directory as this transaction sees it."""
        return await self.at(connection, await directory.revision(connection))

    async def at(self, connection: AsyncConnection, revision: int) -> Directory:
        """The directory of a transaction that has looked up its newest document."""
        if revision != self._cached.revision:
            documents = await directory.all_documents(connection, _KINDS)
            self._cached = Directory.of(documents, revision)
        return self._cached
