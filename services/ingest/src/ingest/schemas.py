"""HTTP shapes."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from ingest.domain.mentions import Attachment, Author, Place, Said
from ingest.domain.vault import OpenOutcome, SealedItem, UnsealPurpose
from lintas.vocabulary.ids import ComplaintId, MentionId, StatementId
from lintas.vocabulary.terms import Anonymity, MentionClass, PublicStatus, Stakeholder
from lintas.web import Display, Moment, Prose, ShortText, Strict, Text

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
