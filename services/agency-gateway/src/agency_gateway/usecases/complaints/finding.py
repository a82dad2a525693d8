"""From what a caller names to the complaint itself, locked."""

from uuid import UUID

from agency_gateway.store import complaints
from agency_gateway.store.complaints import Kept
from lintas.database.work import Transaction
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.ticket import parse_ticket

NO_SUCH_COMPLAINT = "There is no such complaint."


async def complaint_id(tx: Transaction, named: str) -> ComplaintId:
    """The id of the complaint named by id or ticket.

    Raises:
        NotFound: there is none, or the transaction may not see it; nobody can tell which.
    """
    try:
        return ComplaintId(UUID(named))
    except ValueError:
        ticket = parse_ticket(named)
    found = await complaints.find(tx.connection, ticket) if ticket else None
    if found is None:
        raise NotFound(NO_SUCH_COMPLAINT)
    return found


async def locked(tx: Transaction, named: str) -> Kept:
    """The complaint itself, locked until the transaction ends; NotFound as above."""
    id_ = await complaint_id(tx, named)
    kept = (await complaints.lock(tx.connection, [id_])).get(id_)
    if kept is None:
        raise NotFound(NO_SUCH_COMPLAINT)
    return kept
