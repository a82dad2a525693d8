"""Identifiers. Everything that has a cause gets an id derived from it, so a retry is the same thing."""

import hmac
from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid5

ComplaintId = NewType("ComplaintId", UUID)
MentionId = NewType("MentionId", UUID)
EventId = NewType("EventId", UUID)
StatementId = NewType("StatementId", UUID)
PersonId = NewType("PersonId", UUID)
AgencyCode = NewType("AgencyCode", str)

#: never changes: every derived id hangs on it
NAMESPACE = UUID("6f1f4a52-6a0e-5b0f-9a53-1d2a6c0d9f11")


def derived_id(cause: UUID, kind: str, n: int | str = 0) -> EventId:
    """The id of the n-th thing of a kind that `cause` brings about; the same on every retry."""
    return EventId(uuid5(NAMESPACE, f"{cause}/{kind}/{n}"))


def first_mention_complaint_id(
    key: bytes, channel: str, account: str, external_id: str
) -> ComplaintId:
    """The complaint that the post `external_id` opens. Reveals nothing without `key`."""
    return ComplaintId(_keyed(key, "post", channel, account, external_id))


def request_complaint_id(key: bytes, client: str, idempotency_key: str) -> ComplaintId:
    """The complaint opened by a request whose content has no identity of its own."""
    return ComplaintId(_keyed(key, "request", client, idempotency_key))


def mention_event_id(complaint: ComplaintId, revision: str) -> EventId:
    """The id of one mention event of a complaint: its first mention's revision, or an edit's."""
    return derived_id(complaint, "mention", revision)


def _keyed(key: bytes, *parts: str) -> UUID:
    # Each part with its length, as platforms choose the ids and no separator is theirs to keep out.
    message = "".join(f"{len(part)}:{part}" for part in parts)
    return uuid5(NAMESPACE, hmac.digest(key, message.encode(), "sha256").hex())
