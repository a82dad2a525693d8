"""HTTP shapes."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from ingest.channels import files
from ingest.domain.identity import Identities
from ingest.domain.imports import ImportState, RowOutcome
from ingest.domain.mentions import Attachment, Author, Place, Said
from ingest.domain.vault import (
    ErasePurpose,
    Hold,
    HoldReason,
    OpenOutcome,
    SealedItem,
    UnsealPurpose,
)
from lintas.vocabulary.ids import ComplaintId, MentionId, StatementId
from lintas.vocabulary.terms import Anonymity, MentionClass, PublicStatus, Stakeholder
from lintas.web import Display, Moment, Prose, ShortText, Strict, Text, Within, parse_json

MOST_MEDIA = 10
MOST_UNSEALED = 200

#: what identifies something must not be cleaned: two names could become one
Identifier = Annotated[
    str, Field(max_length=500, pattern=r"^[!-~]([ -~]*[!-~])?$", examples=["1930000000000000001"])
]
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["x"])]
Address = Annotated[str, Field(max_length=2_000, pattern=r"^https?://[!-~]+$")]
MediaType = Annotated[str, Field(max_length=100, pattern=r"^[a-z]+/[a-z0-9.+-]+$")]


#: the secret in a link
LinkSecret = Annotated[str | None, Query(alias="k", max_length=64)]


class AuthorIn(Strict):
    """Who said it, as far as the channel tells."""

    handle: ShortText | None = None
    name: ShortText | None = None
    phone: Annotated[str, Display(40)] | None = None
    email: Annotated[str, Display(254)] | None = None
    stakeholder: Stakeholder = Stakeholder.CITIZEN


class LocationIn(Strict):
    """Where the reporter says it is."""

    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: Annotated[str, Display(500)] | None = None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("half_a_point", "lat and lon together, or neither")
        return self


class MediaIn(Strict):
    """A file the source points to."""

    url: Address
    media_type: MediaType | None = None


class MentionIn(Strict):
    """What a person said on a channel."""

    channel: Channel
    #: the account it was said to; the client's own name where there is none
    account: Identifier | None = None
    external_id: Identifier | None = None
    in_reply_to: Identifier | None = None
    text: Text
    posted_at: Moment | None = None
    author: AuthorIn | None = None
    location: LocationIn | None = None
    media: Annotated[tuple[MediaIn, ...], Field(max_length=MOST_MEDIA)] | None = None
    stated_class: MentionClass | None = Field(None, alias="class")
    anonymity: Anonymity | None = None

    def said(self, client: str) -> Said:
        """As the domain sees it, handed in by `client`."""
        author, location = self.author, self.location
        return Said(
            channel=self.channel,
            account=self.account or client,
            text=self.text,
            external_id=self.external_id,
            in_reply_to=self.in_reply_to,
            posted_at=self.posted_at,
            author=Author(
                author.handle, author.name, author.phone, author.email, author.stakeholder
            )
            if author
            else Author(),
            place=Place(location.lat, location.lon, location.address) if location else None,
            media=tuple(Attachment(one.url, one.media_type) for one in self.media or ()),
            stated_class=self.stated_class,
            anonymity=self.anonymity or Anonymity.ANONYMOUS,
        )


def read_said(fields: Mapping[str, Any], client: str) -> Said:
    """What `fields` say, held to the rules of `POST /v1/mentions`; Invalid names what is not."""
    return parse_json(orjson.dumps(fields), MentionIn).said(client)


class Accepted(BaseModel):
    """A mention that is durably kept."""

    mention_id: MentionId
    complaint_id: ComplaintId
    #: shows the status to anybody
    ticket: str
    #: the page of the ticket; with its secret for the client that handed in the first mention
    status_url: str


class AcceptedLine(Accepted):
    """An accepted line of a batch."""

    line: int


class LineError(BaseModel):
    """What is wrong with a line, and what was expected."""

    pointer: str
    code: str
    detail: str


class RejectedLine(BaseModel):
    """A line of a batch that was not accepted; the others were not touched by it."""

    line: int
    errors: tuple[LineError, ...]


class BatchAnswer(BaseModel):
    """What became of each line, counted from 1."""

    accepted: int
    results: tuple[AcceptedLine, ...]
    rejected: tuple[RejectedLine, ...]


class ImportStart(Strict):
    """How a checked file is to be worked through."""

    #: what its columns mean; as the preview says, if absent
    mapping: files.Mapping | None = None
    #: check it once more instead
    dry_run: bool = False


class ImportOut(BaseModel):
    """An import as it stands."""

    import_id: UUID
    state: ImportState
    #: nothing is kept but the report
    dry_run: bool
    created_at: datetime
    finished_at: datetime | None
    #: bytes of the file
    size: int
    #: how much of it is read, from 0 to 1
    progress: float
    rows: int
    accepted: int
    #: rows whose complaint was here before, or that repeat an earlier row of the file
    duplicate: int
    rejected: int
    #: what was expected of the file as a whole, where it could not be read; of a checked one, why
    #: it needs a mapping
    failure: str | None
    #: what its columns mean, once the file is read
    mapping: dict[str, Any] | None


class ColumnErrorOut(BaseModel):
    """What is wrong with a row; the column, or our field where no column is to blame."""

    column: str
    expected: str


class PreviewRow(BaseModel):
    """A first row as it would become a mention, or what is wrong with it."""

    #: in the file, counted from 1, the heading included
    row: int
    #: a body of `POST /v1/mentions`; of its author only which details were found
    mention: dict[str, Any] | None = None
    errors: tuple[ColumnErrorOut, ...] | None = None


class ImportPreview(BaseModel):
    """How a file was understood."""

    format: str
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    #: None where the headings do not say it
    mapping: dict[str, Any] | None
    rows: tuple[PreviewRow, ...]


class ImportedRow(BaseModel):
    """What became, or in a dry run would become, of a row."""

    #: in the file, counted from 1, the heading included
    row: int
    outcome: RowOutcome
    complaint_id: UUID | None = None
    ticket: str | None = None
    #: the page of the ticket
    status_url: str | None = None
    errors: tuple[ColumnErrorOut, ...] = ()


class ImportReport(BaseModel):
    """A page of the report, in the order of the file."""

    items: tuple[ImportedRow, ...]


class AnswerOut(BaseModel):
    """A published statement that answers the complaint."""

    statement_id: StatementId
    version: int
    url: str
    published_at: datetime


class ComplaintOut(BaseModel):
    """The public side of a complaint."""

    ticket: str
    status: PublicStatus
    #: the status in plain words, by language
    status_text: dict[str, str]
    received_at: datetime
    #: by when it is to be settled; hand-offs between agencies do not move it
    promised_at: datetime | None
    updated_at: datetime
    answers: tuple[AnswerOut, ...]
    #: the reporter's own words; only with the link's secret
    text: str | None = None


class FeedbackIn(Strict):
    """What the reporter thinks of the answer; what is left out stays as said before."""

    solved: bool | None = None
    #: 5 is best
    rating: Annotated[int, Field(ge=1, le=5)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.solved is None and self.rating is None:
            raise PydanticCustomError("nothing_said", "solved, or rating, or both")
        return self


class FeedbackOut(BaseModel):
    """What the reporter thinks, as it is kept."""

    ticket: str
    solved: bool | None
    rating: int | None


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


class EraseIn(Strict):
    """Whose data is to be erased, and what for."""

    purpose: ErasePurpose
    ticket: ShortText | None = None
    reporter: ReporterIn | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.ticket is None) == (self.reporter is None):
            raise PydanticCustomError("ticket_or_reporter", "a ticket, or a reporter")
        return self

    def whose(self, identities: Identities) -> str | bytes:
        """The ticket, or the reporter's keyed hash."""
        if self.reporter is not None:
            return self.reporter.known_by(identities)
        return self.ticket or ""


class ErasedOut(BaseModel):
    """What an erasure reached; those erased before are counted again."""

    erased_at: datetime
    complaints: int


#: from now on, and no longer than a case before a court takes
Until = Annotated[datetime, Within(years_back=0, days_ahead=3_660)]


class HoldIn(Strict):
    """What may not be erased for now: a complaint by its ticket, or all of a reporter's."""

    reason: HoldReason
    #: the file number of whoever ordered it; no names
    reference: Annotated[str, Field(max_length=100, pattern=r"^[!-~]([ -~]*[!-~])?$")]
    until: Until
    ticket: ShortText | None = None
    reporter: ReporterIn | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.ticket is None) == (self.reporter is None):
            raise PydanticCustomError("ticket_or_reporter", "a ticket, or a reporter")
        return self

    def what(self, identities: Identities) -> str | bytes:
        """The ticket, or the reporter's keyed hash."""
        return self.ticket or "" if self.reporter is None else self.reporter.known_by(identities)


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


class ReplayIn(Strict):
    """Which of the kept bodies are to be read again."""

    #: also those that were wholly read
    every: bool = False
    #: behind this number
    after: int = Field(default=0, ge=0, le=2**63 - 1)


class BodyOut(BaseModel):
    """A webhook's body that is kept, without what it says."""

    id: int
    channel: str
    account: str
    unread: tuple[str, ...]
    received_at: datetime
    replayed_at: datetime | None


class BodiesOut(BaseModel):
    """Bodies, oldest first, and the number to go on behind; None at the end."""

    items: tuple[BodyOut, ...]
    after: int | None


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


#: what a form is known by
FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


class ReportIn(Strict):
    """What the report form asks; empty where nothing was said."""

    text: Text
    address: Annotated[str, Display(450, least=0)] = ""
    name: Annotated[str, Display(200, least=0)] = ""
    phone: Annotated[
        str, Field(max_length=40, pattern=r"^(\+?[0-9](?:[ ().-]{0,2}[0-9]){7,14})?$")
    ] = ""
    email: Annotated[
        str, Field(max_length=254, pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+)?$")
    ] = ""
    anonymity: Anonymity = Anonymity.ANONYMOUS


class MoreIn(Strict):
    """What a reporter adds on the page of a ticket."""

    text: Annotated[str, Prose(9_900)]


class PlaceIn(Strict):
    """Where it is, after a place that was wrong."""

    address: Annotated[str, Display(450)]
