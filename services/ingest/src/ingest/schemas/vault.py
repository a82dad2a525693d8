"""What the vault opens, erases and holds."""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from ingest.domain.identity import Identities
from ingest.domain.vault import (
    ErasePurpose,
    Hold,
    HoldReason,
    OpenOutcome,
    SealedItem,
    UnsealPurpose,
    WantedFile,
)
from ingest.schemas.mentions import Channel, Identifier
from lintas.contracts.events.envelope import Sha256
from lintas.vocabulary.ids import ComplaintId
from lintas.web import Display, ShortText, Strict, Within

MOST_UNSEALED = 200


def _decoded(text: str) -> str:
    try:
        b64decode(text, validate=True)
    except NotBase64:
        raise PydanticCustomError("base64", "base64 (RFC 4648, section 4)") from None
    return text


class SealedIn(Strict):
    """Ciphertext as the mention events carry it."""

    complaint_id: UUID
    key_id: UUID
    data: Annotated[str, Field(min_length=1, max_length=500_000), AfterValidator(_decoded)]

    def item(self) -> SealedItem:
        """As the domain sees it."""
        return SealedItem(ComplaintId(self.complaint_id), self.key_id, b64decode(self.data))


class UnsealIn(Strict):
    """What is to be opened, and what for."""

    purpose: UnsealPurpose
    items: Annotated[tuple[SealedIn, ...], Field(min_length=1, max_length=MOST_UNSEALED)]


class MediaIn(Strict):
    """A file of a complaint, for whom it is read, and what for."""

    complaint_id: UUID
    sha256: Sha256
    purpose: UnsealPurpose
    #: a person or an agency's system, as the asking service calls them
    reader: Annotated[str, Field(max_length=200, pattern=r"^[!-~]+$", examples=["person:<id>"])]

    def wanted(self) -> WantedFile:
        """As the use case takes it."""
        return WantedFile(ComplaintId(self.complaint_id), self.sha256, self.reader)


class ReporterIn(Strict):
    """A reporter as a channel knows them; one detail, the first of these that it told."""

    channel: Channel
    account: Identifier
    platform_id: Identifier | None = None
    handle: ShortText | None = None
    phone: ShortText | None = None
    email: Annotated[str, Display(254)] | None = None

    @model_validator(mode="after")
    def _one_detail(self) -> Self:
        if len(self._details()) != 1:
            raise PydanticCustomError("one_detail", "one of platform_id, handle, phone and email")
        return self

    def known_by(self, identities: Identities) -> bytes:
        """The keyed hash that stands for them."""
        [(kind, value)] = self._details()
        return identities.reporter_known_by(self.channel, self.account, kind, value)

    def _details(self) -> list[tuple[str, str]]:
        details = (
            ("platform", self.platform_id),
            ("handle", self.handle),
            ("phone", self.phone),
            ("email", self.email),
        )
        return [(kind, value) for kind, value in details if value is not None]


class WhoseIn(Strict):
    """A complaint by its ticket, or a reporter."""

    ticket: ShortText | None = None
    reporter: ReporterIn | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.ticket is None) == (self.reporter is None):
            raise PydanticCustomError("ticket_or_reporter", "a ticket, or a reporter")
        return self

    def whose(self, identities: Identities) -> str | bytes:
        """The ticket, or the reporter's keyed hash."""
        return self.ticket or "" if self.reporter is None else self.reporter.known_by(identities)


class EraseIn(WhoseIn):
    """Whose data is to be erased, and what for."""

    purpose: ErasePurpose


class ErasedOut(BaseModel):
    """What an erasure reached; those erased before are counted again."""

    erased_at: datetime
    complaints: int


#: from now on, and no longer than a case before a court takes
Until = Annotated[datetime, Within(years_back=0, days_ahead=3_660)]


class HoldIn(WhoseIn):
    """What may not be erased for now: a complaint, or all of a reporter's."""

    reason: HoldReason
    #: the file number of whoever ordered it; no names
    reference: Annotated[str, Field(max_length=100, pattern=r"^[!-~]([ -~]*[!-~])?$")]
    until: Until


class HoldOut(BaseModel):
    """A hold as it is on record; whom or what it holds is not told."""

    hold_id: UUID
    of: Literal["complaint", "reporter"]
    complaint_id: ComplaintId | None
    reason: HoldReason
    reference: str
    until: datetime
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None

    @classmethod
    def shown(cls, hold: Hold) -> Self:
        """A hold, shown."""
        return cls(
            hold_id=hold.hold_id,
            of="complaint" if hold.reporter is None else "reporter",
            complaint_id=hold.complaint_id,
            reason=hold.reason,
            reference=hold.reference,
            until=hold.until,
            placed_at=hold.placed_at,
            placed_by=hold.actor,
            ended_at=hold.ended_at,
        )


class HoldsOut(BaseModel):
    """Holds in force, the one that ends first first."""

    items: tuple[HoldOut, ...]


class UnsealedOut(BaseModel):
    """One item, in the order asked."""

    complaint_id: ComplaintId
    key_id: UUID
    outcome: OpenOutcome
    #: original text, author, reply address; only if it was opened
    content: dict[str, Any] | None


class UnsealAnswer(BaseModel):
    """Every item asked for; each stands in the audit."""

    items: tuple[UnsealedOut, ...]
