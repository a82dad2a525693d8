"""A record that could not be put aside is passed over."""

from contextlib import suppress

from fastapi import FastAPI
from tests.faults.planted import Bug

from lintas.messaging.ports import SendFailed
from lintas.messaging.quarantine import Quarantine


def router() -> FastAPI:
    """A router that drops what it can neither read nor keep."""
    put = Quarantine.put

    async def try_to_put(self: Quarantine, record, error_class: str) -> None:
        with suppress(SendFailed):
            await put(self, record, error_class)

    Quarantine.put = try_to_put
    from router.app import from_environment

    return from_environment()


BUG = Bug(
    name="quarantine-failure-ignored",
    title="A failed write to quarantine ignored",
    factories={"router": f"{__name__}:router"},
    fault="tests.faults.rows.f33_no_quarantine",
    caught_by=frozenset({"I1"}),
)
