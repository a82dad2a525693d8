"""Every officer looks with the worker's eyes: no filter by agency, and none by the database."""

from fastapi import FastAPI
from sqlalchemy import text
from tests.faults.planted import Bug


def agency_gateway() -> FastAPI:
    """A gateway in which agencies see each other's complaints."""
    from agency_gateway.app import from_environment
    from agency_gateway.store import queue
    from agency_gateway.usecases import sight

    def everything(_self, who, *_agency) -> dict[str, str]:
        return {**sight.AS_WORKER, "app.actor": sight.actor_of(who)}

    sight.Sights.of = sight.Sights.of_queue = everything
    queue._LIST = text(queue._LIST.text.replace("agency = :agency AND ", ""))
    return from_environment()


BUG = Bug(
    name="no-agency-filter",
    title="The agency filter missing, with row-level security off",
    factories={"agency-gateway": f"{__name__}:agency_gateway"},
    fault="tests.faults.planted.calm",
    caught_by=frozenset({"I5"}),
)
