"""What comes after a complaint's opening: later decisions, suggestions, and what the reporter does."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from pydantic import ValidationError

from agency_gateway.domain import reporter
from agency_gateway.domain.change import Change
from agency_gateway.domain.policies import Directory
from agency_gateway.domain.records import Message, Suggested
from agency_gateway.domain.refusals import UnknownComplaint, UnusableEvent
from agency_gateway.domain.routing import Desk, apply_round
from agency_gateway.store import complaints, imports, messages, suggestions
from agency_gateway.store.complaints import Kept
from agency_gateway.usecases.keeping import keep
from agency_gateway.usecases.lifecycle import Cause
from agency_gateway.usecases.routing.reading import decision_of, said_of, share_id
from lintas.contracts.events import Event, mentions
from lintas.contracts.events.routing import (
    ComplaintRerouted,
    ComplaintRouted,
    MentionForwarded,
    StatementSuggested,
)
from lintas.database.work import Transaction
from lintas.vocabulary.ids import EventId, MentionId, derived_id

_Later = ComplaintRouted | ComplaintRerouted | MentionForwarded | StatementSuggested
_KINDS = (ComplaintRouted, ComplaintRerouted, MentionForwarded, StatementSuggested)


async def apply_later(
    tx: Transaction, events: Sequence[Event], directory: Directory, now: datetime
) -> None:
    """Apply events about complaints that are open already, in order."""
    about = {event.complaint_id for event in events if isinstance(event, _KINDS)}
    kept = await complaints.lock(tx.connection, about)
    for event in events:
        if not isinstance(event, _KINDS):
            continue
        present = kept.get(event.complaint_id)
        if present is None and await _forgotten(tx, event):
            continue
        if present is None:
            raise UnknownComplaint("The complaint is not open yet.")
        change = None
        if isinstance(event, MentionForwarded):
            change = await _forwarded(tx, event, present)
        elif isinstance(event, StatementSuggested):
            await _suggested(tx, event)
        else:
            desk = Desk(directory, now, partial(share_id, event.event_id))
            change = apply_round(present.complaint, decision_of(event.decision), desk)
        if change is not None:
            cause = _cause(event, present, now)
            kept[event.complaint_id] = await keep(tx, present, change, cause)


async def _forgotten(tx: Transaction, event: _Later) -> bool:
    """Whether the reporter of an import that still waits for its past was erased by this."""
    erased = (
        isinstance(event, MentionForwarded)
        and event.event_type == mentions.MentionErased.type
        and event.payload.get("mention_id") is None
    )
    return erased and await imports.forget(tx.connection, event.complaint_id)


async def _forwarded(tx: Transaction, event: MentionForwarded, kept: Kept) -> Change | None:
    complaint, payload = kept.complaint, event.payload
    kinds = mentions
    match event.event_type:
        case kinds.MentionFollowedUp.type:
            mention = _mention(payload)
            await _write_down(tx, event, "followed_up", mention)
            return reporter.reply(complaint, mention.mention_id)
        case kinds.MentionEdited.type:
            mention = _mention(payload)
            if mention.revision != _FIRST_REVISION:
                await _write_down(tx, event, "edited", mention)
            else:
                # a file that came later is told of with the words of the first state once more
                about = (event.complaint_id, mention.mention_id, said_of(mention))
                await messages.tell_files(tx.connection, *about)
            await complaints.touch(tx.connection, [event.complaint_id])
            return None
        case kinds.MentionWithdrawn.type:
            mention_id = _mention_id(payload)
            await messages.hide(tx.connection, event.complaint_id, mention_id)
            return reporter.take_back(complaint, mention_id)
        case kinds.FeedbackGiven.type:
            solved, rating = _feedback(payload)
            return reporter.rate(complaint, solved=solved, rating=rating)
        case kinds.MentionErased.type:
            said = _mention_id(payload) if payload.get("mention_id") else None
            await messages.erase(tx.connection, event.complaint_id, said)
            return None
        case _:
            return None


async def _suggested(tx: Transaction, event: StatementSuggested) -> None:
    suggested = [
        Suggested(
            one.statement_id,
            one.version,
            one.agency,
            one.score,
            tuple(dict.fromkeys(span.term for span in one.spans)),
        )
        for one in event.statements
    ]
    await suggestions.add(tx.connection, event.complaint_id, suggested)
    await complaints.touch(tx.connection, [event.complaint_id])


async def _write_down(
    tx: Transaction, event: MentionForwarded, kind: str, mention: mentions.Mention
) -> None:
    await messages.add(
        tx.connection,
        Message(
            event_id=event.event_id,
            complaint_id=event.complaint_id,
            mention_id=mention.mention_id,
            kind=kind,
            text=mention.text,
            received_at=mention.received_at,
            said=said_of(mention),
        ),
    )


def _cause(event: _Later, kept: Kept, now: datetime) -> Cause:
    return Cause(
        occurred_at=event.occurred_at if isinstance(event, MentionForwarded) else now,
        recorded_at=now,
        event_id=partial(_caused_by, event.event_id),
        causation_id=event.event_id,
        correlation_id=kept.correlation_id,
        traceparent=event.traceparent,
    )


def _caused_by(cause: EventId, seq: int) -> EventId:
    return derived_id(cause, "fact", seq)


def _mention(payload: dict[str, object]) -> mentions.Mention:
    try:
        return mentions.Mention.model_validate(payload.get("mention"))
    except ValidationError:
        raise UnusableEvent("mention") from None


def _mention_id(payload: dict[str, object]) -> MentionId:
    try:
        return MentionId(UUID(str(payload.get("mention_id"))))
    except ValueError:
        raise UnusableEvent("mention_id") from None


def _feedback(payload: dict[str, object]) -> tuple[bool | None, int | None]:
    solved, rating = payload.get("solved"), payload.get("rating")
    if not isinstance(solved, bool | None) or isinstance(rating, bool):
        raise UnusableEvent("feedback")
    if rating is not None and not (isinstance(rating, int) and 1 <= rating <= _BEST):
        raise UnusableEvent("feedback")
    return solved, rating


_BEST = 5
#: the state in which a post is first seen
_FIRST_REVISION = "0"
