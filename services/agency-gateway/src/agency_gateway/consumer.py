"""Which events the gateway reads: all that the router says, in order."""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from agency_gateway.domain.refusals import UnknownComplaint, UnusableEvent
from agency_gateway.usecases.routing import Registrar
from lintas.contracts.events import Event
from lintas.contracts.topics import ROUTING
from lintas.messaging.handling import Park, Poison, Process, Received

GROUP = "agency-gateway.register"
TOPICS = (ROUTING,)

#: data exceptions and integrity violations (PostgreSQL Appendix A): the same every time
_UNSTORABLE = frozenset({"22", "23"})


def follow_routing(registrar: Registrar) -> Process:
    """Applies a batch of the routing topic in one transaction.

    An event that comes again is known by its id; one whose complaint is not open yet is parked; one
    that can never be applied goes to quarantine.
    """

    async def process(received: Sequence[Received[Event]]) -> None:
        try:
            await registrar.apply([item.event for item in received])
        except UnknownComplaint:
            raise Park("not_open") from None
        except UnusableEvent as refusal:
            raise Poison(refusal.detail) from None
        except DBAPIError as error:
            state = str(getattr(error.orig, "sqlstate", None) or "")
            if state[:2] in _UNSTORABLE:
                raise Poison(f"sqlstate_{state}") from None
            raise

    return process
