"""Keeps what an act changed: rows, history and outbox, in the caller's transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from agency_gateway.domain.change import Change
from agency_gateway.store import complaints, history
from agency_gateway.store.complaints import Kept
from agency_gateway.usecases.lifecycle import Cause, Link, Told, chained
from lintas.contracts.topics import COMPLAINTS
from lintas.database.work import Transaction
from lintas.telemetry import count


async def keep_new(
    tx: Transaction, opened: Sequence[complaints.Opened], told: Sequence[Told]
) -> None:
    """Store new complaints and tell of them, in one statement."""
    publishing = tx.publishing(COMPLAINTS, [one.event for one in told])
    await complaints.add(tx.connection, opened, [one.record for one in told], publishing)
    for state, number in Counter(one.complaint.state for one in opened).items():
        count("lintas_transitions_total", number, state=state)


async def keep(tx: Transaction, kept: Kept, change: Change, cause: Cause) -> Kept:
    """Store a change of a locked complaint and tell of it; the complaint as it is kept now."""
    case = change.complaint.case
    told, end = chained(case, Link(kept.seq, kept.head_hash), change.facts, cause)
    # before access ends: the acting agency may have to give it up by this very act
    await history.add(tx.connection, [one.record for one in told])
    await tx.publish(COMPLAINTS, [one.event for one in told])
    await complaints.save(
        tx.connection, kept, change, seq=end.seq, head_hash=end.hash, now=cause.recorded_at
    )
    if change.complaint.state is not kept.complaint.state:
        count("lintas_transitions_total", state=change.complaint.state)
    return replace(
        kept,
        complaint=change.complaint,
        seq=end.seq,
        head_hash=end.hash,
        version=kept.version + 1,
    )
