"""The public ledger: anybody may read what was published."""

from agency_gateway.domain.ledger import LedgerEntry
from agency_gateway.store import ledger
from agency_gateway.usecases.sight import AS_PUBLIC
from agency_gateway.usecases.statements.finding import NO_SUCH_STATEMENT
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import StatementId


class Ledger:
    """Reads with the public's sight: drafts are not there."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def entry(self, id_: StatementId) -> LedgerEntry:
        """A published statement with its history; NotFound where nothing was published."""
        async with self._work.begin(AS_PUBLIC) as tx:
            found = await ledger.entry(tx.connection, id_)
        if found is None:
            raise NotFound(NO_SUCH_STATEMENT)
        return found
