"""Mentions that are kept already change: they are edited, or taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from ingest.domain.channels import channel_label
from ingest.domain.city import City
from ingest.domain.mentions import (
    Acceptance,
    Arrival,
    Attachment,
    first_event_id,
    first_mention_id,
    revision_order,
    withdrawal_event_id,
)
from ingest.store import changes as store
from ingest.store.changes import State
from ingest.usecases.intake import Taken
from ingest.usecases.originals import files_of, named_in, said_again, still_named
from ingest.usecases.preparing import Identity, Preparing, shows_less
from ingest.usecases.vault import Vault
from lintas.contracts.events.mentions import Media, MentionEdited, MentionWithdrawn
from lintas.contracts.topics import MENTIONS
from lintas.database.work import Transaction
from lintas.privacy import unseal
from lintas.vocabulary.ids import ComplaintId, EventId, MentionId, derived_id, mention_event_id


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


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of files that a mention named."""

    #: named and not kept yet
    missing: tuple[Attachment, ...] = ()
    #: kept and told of now
    added: int = 0


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
        erased stays as it is. What was attached stays attached: platforms tell of an edited text
        without its files.
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
                whole = _with_files(edit, opened(state, data_key))
                sealed = self._preparing.seal(state.complaint_id, data_key, whole.arrival.said)
                event_id = mention_event_id(edit.post, said.revision)
                events.append(
                    self._edited(city, whole.arrival, edit.mention_id, state, sealed, event_id)
                )
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

    async def attach(
        self,
        tx: Transaction,
        city: City,
        mention: MentionId,
        files: Mapping[Attachment, Media],
        *,
        now: datetime,
        traceparent: str,
    ) -> Attached:
        """Add files that a kept mention named; a file that is attached already is no second one.

        An edit, a withdrawal or an erasure that came meanwhile is seen: what nobody shows any more
        takes no file.
        """
        state = (await store.locked(tx, [mention])).get(mention)
        if state is None or state.withdrawn or state.key.wrapped is None or not state.sealed:
            return Attached()
        data_key = self._vault.open_key(state.key)
        original = opened(state, data_key)
        if not still_named(original):
            return Attached()
        missing = tuple(one for one in named_in(original) if one not in files)
        have = {one.reference for one in files_of(original)}
        fresh = {file.reference: file for file in files.values() if file.reference not in have}
        before = said_again(original, state.revision)
        said = replace(before, files=(*before.files, *fresh.values()), media=missing)
        sealed = self._preparing.seal(state.complaint_id, data_key, said)
        if said != before:
            await store.edit(tx, {mention: (said.revision, sealed)})
        if fresh:
            arrival = Arrival(said, "", now, traceparent)
            event_id = derived_id(mention, "attached", ",".join(sorted(fresh)))
            event = self._edited(city, arrival, mention, state, sealed, event_id)
            # it was said when it was said, whenever its files came
            event = event.model_copy(
                update={
                    "mention": event.mention.model_copy(update={"received_at": state.received_at})
                }
            )
            await tx.publish(MENTIONS, [event])
        return Attached(missing, len(fresh))

    def _edited(  # what an event is made of
        self,
        city: City,
        arrival: Arrival,
        mention: MentionId,
        state: State,
        sealed: bytes,
        event_id: EventId,
    ) -> MentionEdited:
        identity = Identity(
            state.complaint_id,
            mention,
            state.ticket,
            state.key.key_id,
            sealed,
            shows_less(state.anonymity, arrival.said.anonymity),
            state.joined,
        )
        return MentionEdited(
            event_id=event_id,
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


def opened(state: State, data_key: bytes) -> dict[str, Any]:
    """What the vault keeps of a mention."""
    original: dict[str, Any] = orjson.loads(
        unseal(data_key, state.sealed, state.complaint_id.bytes)
    )
    return original


def _with_files(edit: Edit, original: Mapping[str, Any]) -> Edit:
    """The edit with what was attached before."""
    said = edit.arrival.said
    files = {one.reference: one for one in (*files_of(original), *said.files)}
    named = {one.url: one for one in (*named_in(original), *said.media)}
    said = replace(said, files=tuple(files.values()), media=tuple(named.values()))
    return replace(edit, arrival=replace(edit.arrival, said=said))
