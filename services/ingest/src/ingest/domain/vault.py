"""Opening what is sealed: for whom, and what for."""

from dataclasses import dataclass
from datetime import datetime
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


#: an erasure known from its own event after a backup was restored; not to be asked for over the API
RESTORED_BACKUP = "restored_backup"


class HoldReason(StrEnum):
    """Why a reporter's or a complaint's data may not be erased for the time being."""

    #: a court orders it, or the data is evidence before one
    COURT = "court"
    #: police or a prosecutor investigate
    INVESTIGATION = "investigation"
    #: an inspector, an auditor or the ombudsman examines how the case was handled
    EXAMINATION = "examination"
    #: a claim is raised, or the city defends itself against one
    CLAIM = "claim"


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
class WantedFile:
    """A file of a complaint, by the SHA-256 of what is kept of it."""

    complaint_id: ComplaintId
    sha256: str
    #: for whom a service of ours asks, in its words
    reader: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who erases, and what for."""

    actor: str
    client: str | None
    #: an `ErasePurpose`, or RESTORED_BACKUP
    purpose: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What may not be erased, on whose word, why and until when."""

    hold_id: UUID
    reason: HoldReason
    #: the file number of whoever ordered it
    reference: str
    until: datetime
    placed_at: datetime
    actor: str
    client: str | None
    #: one complaint, with all who spoke in it; None: all of one reporter's
    complaint_id: ComplaintId | None = None
    #: the reporter's keyed hash
    reporter: bytes | None = None
    #: when somebody ended it before its time
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """One line of the audit."""

    actor: str
    client: str | None
    purpose: str
    complaint_id: ComplaintId
    key_id: UUID
    outcome: OpenOutcome
    #: for whom a service of ours asked, in its words
    reader: str | None = None
