"""What people say, on its way in."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from ingest.domain.mentions import Attachment, Author, Place, Said
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Anonymity, MentionClass, Stakeholder
from lintas.web import Display, Moment, ShortText, Strict, Text, parse_json

MOST_MEDIA = 10
#: whoever hands in for these does not say whether others could read it; mostly they could not
_PRIVATE = frozenset({"email", "telegram", "whatsapp"})
#: what identifies something must not be cleaned: two names could become one
Identifier = Annotated[
    str, Field(max_length=500, pattern=r"^[!-~]([ -~]*[!-~])?$", examples=["1930000000000000001"])
]
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["x"])]
Category = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=60)]
Address = Annotated[str, Field(max_length=2_000, pattern=r"^https?://[!-~]+$")]
MediaType = Annotated[str, Field(max_length=100, pattern=r"^[a-z]+/[a-z0-9.+-]+$")]


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
    #: what it is about, as the source sorts it: a code
    category: Category | None = None
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
            stated_category=self.category,
            anonymity=self.anonymity or Anonymity.ANONYMOUS,
            public=self.channel not in _PRIVATE,
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
