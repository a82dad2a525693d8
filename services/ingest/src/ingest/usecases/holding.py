"""Legal holds: what may not be erased for now; who says so, why and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ingest.domain.vault import Hold, HoldReason
from ingest.store import holds as store
from ingest.usecases.erasing import apply_held
from lintas.database.work import UnitOfWork
from lintas.telemetry import count
from lintas.vocabulary.errors import Conflict, NotFound
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas.vocabulary.ticket import parse_ticket

#: holds that one answer lists
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold somebody asks for."""

    actor: str
    client: str | None
    reason: HoldReason
    reference: str
    until: datetime


async def hold(work: UnitOfWork, wanted: Wanted, what: str | bytes) -> Hold:
    """Hold the complaint with a ticket, or all of the reporter with a keyed hash; it is on record.

    A reporter of whom nothing is known yet may be held. What is erased already stays erased. The
    same order repeated is the same hold.

    Raises:
        NotFound: no complaint has this ticket.
        Conflict: this very hold was ended; whoever orders it anew has another reference or day.
    """
    async with work.begin() as tx:
        await store.take_turns(tx)
        complaint = None
        if isinstance(what, str):
            ticket = parse_ticket(what)
            complaint = None if ticket is None else await store.complaint_of(tx, ticket)
            if complaint is None:
                raise NotFound("No complaint has this ticket.")
        held = what.hex() if isinstance(what, bytes) else str(complaint)
        order = (held, wanted.reason, wanted.reference, wanted.until.isoformat())
        wanted_id = derived_id(NAMESPACE, "hold/" + "/".join(order))
        placed = Hold(
            hold_id=wanted_id,
            reason=wanted.reason,
            reference=wanted.reference,
            until=wanted.until,
            placed_at=work.clock(),
            actor=wanted.actor,
            client=wanted.client,
            complaint_id=complaint,
            reporter=what if isinstance(what, bytes) else None,
        )
        if await store.place(tx, placed):
            count("lintas_holds_total", reason=placed.reason)
            return placed
        before = await store.find(tx, wanted_id)
    if before is None or before.ended_at is not None:
        raise Conflict("This hold was ended before its time.", state="ended")
    return before


async def end(work: UnitOfWork, hold_id: UUID, *, actor: str, client: str | None) -> Hold:
    """End a hold before its time, and apply what waited for it; repeating is harmless.

    Raises:
        NotFound: there is no such hold.
    """
    async with work.begin() as tx:
        await store.take_turns(tx)
        if await store.find(tx, hold_id) is None:
            raise NotFound("There is no such hold.")
        await store.end(tx, hold_id, actor=actor, client=client, at=work.clock())
    await apply_held(work)
    async with work.begin() as tx:
        ended = await store.find(tx, hold_id)
    assert ended is not None  # noqa: S101  # rows are only ever added
    return ended


async def in_force(work: UnitOfWork) -> Sequence[Hold]:
    """Holds that forbid erasing now, the one that ends first first; at most MOST_LISTED."""
    async with work.begin() as tx:
        return await store.in_force(tx, work.clock(), MOST_LISTED)
