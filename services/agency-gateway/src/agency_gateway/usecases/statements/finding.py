"""Who asks, and the statement that is meant, locked."""

from agency_gateway.domain.statement import Statement
from agency_gateway.store import statements
from lintas.auth import Principal
from lintas.database.work import Transaction
from lintas.vocabulary.errors import Forbidden, NotFound
from lintas.vocabulary.ids import PersonId, StatementId

NO_SUCH_STATEMENT = "There is no such statement."


async def locked(tx: Transaction, id_: StatementId) -> Statement:
    """The newest version, locked.

    Raises:
        NotFound: there is none, or the transaction may not see it; nobody can tell which.
    """
    found = await statements.lock(tx.connection, id_)
    if found is None:
        raise NotFound(NO_SUCH_STATEMENT)
    return found


def person_of(who: Principal) -> PersonId:
    """The human who acts; Forbidden for a key alone."""
    if who.person_id is None:
        raise Forbidden("A person must sign in for this; a key is not enough.")
    return who.person_id
