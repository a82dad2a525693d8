"""Opening what is sealed: for whom, and what for."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lintas.vocabulary.ids import ComplaintId


class UnsealPurpose(StrEnum):
    """What sealed content may be opened for; nothing else is accepted."""

    #: sending a confirmed answer to the reporter's address
    DELIVERY = "delivery"
    #: an officer needs the original to act on it
    CASE_HANDLING = "case_handling"
    #: the reporter asks what is stored about them (UU PDP, article 7)
    DATA_SUBJECT_REQUEST = "data_subject_request"
    #: a court or an authority orders it
    LEGAL_ORDER = "legal_order"
    #: finding out whom a breach concerns (UU PDP, article 46)
    BREACH_NOTICE = "breach_notice"


#: what the reporter's own link opens; not to be asked for over the API
REPORTER_LINK = "reporter_link"
#: what Open311 lists of a complaint, redacted; not to be asked for over the API
PUBLIC_WORDS = "public_words"


class ErasePurpose(StrEnum):
    """What a reporter's data may be erased for."""

    #: the reporter asks for it (UU PDP, article 8)
    DATA_SUBJECT_REQUEST = "data_subject_request"
    #: a court or an authority orders it
    LEGAL_ORDER = "legal_order"
    #: it was kept as long as it may be
    RETENTION = "retention"


class OpenOutcome(StrEnum):
    """What became of one item."""

    OPENED = "opened"
    #: its key is destroyed
    ERASED = "erased"
    #: no such key, or it did not seal this for this complaint
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SealedItem:
    """Ciphertext with what it is bound to."""

    complaint_id: ComplaintId
    key_id: UUID
    data: bytes


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who erases, and what for."""

    actor: str
    client: str | None
    purpose: ErasePurpose


@dataclass(frozen=True, slots=True)
class Opening:
    """One line of the audit."""

    actor: str
    client: str | None
    purpose: str
    complaint_id: ComplaintId
    key_id: UUID
    outcome: OpenOutcome
