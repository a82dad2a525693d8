"""Mentions that are kept already change: they are edited, or taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.domain.channels import channel_label
from ingest.domain.city import City
from ingest.domain.mentions import (
    Acceptance,
    Arrival,
    first_event_id,
    first_mention_id,
    revision_order,
    withdrawal_event_id,
)
from ingest.store import changes as store
from ingest.store.changes import State
from ingest.usecases.intake import Taken
from ingest.usecases.preparing import Identity, Preparing, shows_less
from ingest.usecases.vault import Vault
from lintas.contracts.events.mentions import MentionEdited, MentionWithdrawn
from lintas.contracts.topics import MENTIONS
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId, mention_event_id


@dataclass(frozen=True, slots=True)
class Edit:
    """A later state of a post."""

    #: the post's own identity
    post: ComplaintId
    arrival: Arrival

    @property
    def mention_id(self) -> MentionId:
        """What the post is kept as."""
        return first_mention_id(self.post)


@dataclass(frozen=True, slots=True)
class Gone:
    """A mention that was taken back."""

    mention_id: MentionId
    channel: str
    at: datetime


class Changing:
    """Edits and withdrawals, in the caller's transaction. Telling one again changes nothing."""

    def __init__(self, vault: Vault, preparing: Preparing) -> None:
        self._vault = vault
        self._preparing = preparing

    async def edit(
        self, tx: Transaction, city: City, edits: Sequence[Edit], kept: Mapping[MentionId, State]
    ) -> Taken:
        """Bring kept mentions to later states, each at most once among `edits`; never back.

        A mention that is withdrawn takes the revision alone and tells nobody; one whose reporter is
        erased stays as it is.
        """
        taken = Taken()
        events: list[MentionEdited] = []
        changed: dict[MentionId, tuple[str, bytes | None]] = {}
        for edit in edits:
            state, said = kept[edit.mention_id], edit.arrival.said
            later = revision_order(said.revision) > revision_order(state.revision)
            if not later or state.key.wrapped is None:
                taken.outcomes.append(None)
                taken.counts[channel_label(said.channel), "stale"] += 1
                continue
            sealed = None
            if not (state.withdrawn or edit.arrival.withdrawn):
                data_key = self._vault.open_key(state.key)
                sealed = self._preparing.seal(state.complaint_id, data_key, said)
                events.append(self._edited(city, edit, state, sealed))
            changed[edit.mention_id] = (said.revision, sealed)
            taken.outcomes.append(
                Acceptance(state.complaint_id, edit.mention_id, state.ticket, None)
            )
            taken.counts[channel_label(said.channel), "edited"] += 1
        if changed:
            await store.edit(tx, changed)
            await tx.publish(MENTIONS, events)
        taken.events = len(events)
        return taken

    def _edited(self, city: City, edit: Edit, state: State, sealed: bytes) -> MentionEdited:
        arrival = edit.arrival
        identity = Identity(
            state.complaint_id,
            edit.mention_id,
            state.ticket,
            state.key.key_id,
            sealed,
            shows_less(state.anonymity, arrival.said.anonymity),
            state.joined,
        )
        return MentionEdited(
            event_id=mention_event_id(edit.post, arrival.said.revision),
            # a platform gives the time of the post, and seldom that of its edit
            occurred_at=arrival.received_at,
            recorded_at=arrival.received_at,
            correlation_id=first_event_id(state.complaint_id),
            traceparent=arrival.traceparent,
            complaint_id=state.complaint_id,
            mention=self._preparing.mention(city, arrival, identity),
        )

    async def withdraw(
        self, tx: Transaction, gone: Sequence[Gone], now: datetime, traceparent: str
    ) -> Taken:
        """Show posts no more; a post that has not come yet is withdrawn when it does."""
        at = {one.mention_id: min(one.at, now) for one in gone}
        kept = await store.locked(tx, [*at])
        fresh = {one.mention_id: one for one in gone if _shown(kept.get(one.mention_id))}
        events = [
            MentionWithdrawn(
                event_id=withdrawal_event_id(mention),
                occurred_at=at[mention],
                recorded_at=now,
                correlation_id=first_event_id(kept[mention].complaint_id),
                traceparent=traceparent,
                complaint_id=kept[mention].complaint_id,
                mention_id=mention,
            )
            for mention in fresh
        ]
        early = {mention: when for mention, when in at.items() if mention not in kept}
        if events:
            await store.withdraw(tx, {mention: at[mention] for mention in fresh})
            await tx.publish(MENTIONS, events)
        if early:
            await store.withdraw_early(tx, early, now)
        counts = Counter((channel_label(one.channel), "withdrawn") for one in fresh.values())
        return Taken(events=len(events), counts=counts)


def _shown(state: State | None) -> bool:
    return state is not None and not state.withdrawn
