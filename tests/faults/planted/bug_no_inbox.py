"""The gateway takes every event for a new one."""

from fastapi import FastAPI
from tests.faults.planted import Bug

from lintas.database.work import Transaction


def agency_gateway() -> FastAPI:
    """A gateway without its inbox, and without the second look that would hide it."""
    from agency_gateway.app import from_environment
    from agency_gateway.store import complaints

    async def all_are_new(_self, _consumer, events) -> list:
        return list(events)

    known = complaints.known

    async def none_is_known(connection, ids) -> tuple[set, int]:
        return set(), (await known(connection, ids))[1]

    Transaction.first_time = all_are_new
    complaints.known = none_is_known
    return from_environment()


BUG = Bug(
    name="no-inbox",
    title="No inbox: an event that comes again is applied again",
    factories={"agency-gateway": f"{__name__}:agency_gateway"},
    fault="tests.faults.rows.f11_killed_before_offsets",
    # the tables refuse the second opening, so the event ends in quarantine as if it were unusable
    caught_by=frozenset({"I1", "I2"}),
    runs=(1,),
)
