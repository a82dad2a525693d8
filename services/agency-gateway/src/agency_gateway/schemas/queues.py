"""Queues and claims over HTTP."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from agency_gateway.domain.records import QueueItem
from agency_gateway.schemas.shapes import Shown
from lintas.vocabulary.terms import AssignmentState, ComplaintState, MentionClass, Role, Urgency
from lintas.web import Strict, etag

Lease = Annotated[int, Field(ge=10, le=3_600, description="Seconds until it is free again.")]


class ClaimIn(Strict):
    """How many assignments to lease, and for how long."""

    max: Annotated[int, Field(ge=1, le=500)]
    lease_s: Lease = 300


class RenewIn(Strict):
    """For how much longer."""

    lease_s: Lease = 300


class LeaseOut(Shown):
    """Who has it in hand until when."""

    id: UUID
    expires_at: datetime
    mine: bool


class QueueItemOut(Shown):
    """An open assignment; `etag` is what If-Match takes when its complaint is changed."""

    assignment_id: UUID
    complaint_id: UUID
    ticket: str
    version: int
    etag: str
    state: AssignmentState
    complaint_state: ComplaintState
    role: Role
    mention_class: MentionClass
    category: str | None
    channel: str
    urgency: Urgency
    kecamatan: str | None
    kelurahan: str | None
    text: str | None
    received_at: datetime
    assigned_at: datetime
    due_at: datetime | None
    claim: LeaseOut | None

    @classmethod
    def of(cls, item: QueueItem, actor: str) -> Self:
        """An item as `actor` sees it."""
        claim = None
        if item.lease is not None:
            mine = item.lease.holder == actor
            claim = LeaseOut(id=item.lease.id, expires_at=item.lease.expires_at, mine=mine)
        names = cls.model_fields.keys() - {"etag", "claim"}
        return cls(
            **{name: getattr(item, name) for name in names},
            etag=etag(item.complaint_id, item.version),
            claim=claim,
        )


class QueueOut(Shown):
    """A page of a queue."""

    items: tuple[QueueItemOut, ...]
    has_more: bool


class ClaimOut(Shown):
    """What is in hand now; no id where nothing was free."""

    claim_id: UUID | None
    expires_at: datetime | None
    items: tuple[QueueItemOut, ...]


def items_of(items: Iterable[QueueItem], actor: str) -> tuple[QueueItemOut, ...]:
    """Items as `actor` sees them."""
    return tuple(QueueItemOut.of(item, actor) for item in items)
