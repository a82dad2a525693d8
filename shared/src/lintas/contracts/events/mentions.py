"""`lintas.mentions.v1`: what people said, written by ingest alone."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from lintas.contracts.events.envelope import ComplaintEvent, Fact, Sha256
from lintas.vocabulary.ids import MentionId
from lintas.vocabulary.terms import (
    Anonymity,
    Joined,
    MentionClass,
    Origin,
    PrivateWay,
    Stakeholder,
    Suspicion,
)


class Location(Fact):
    """Where the reporter says it is; nothing is invented."""

    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    address: str | None = None


class Sealed(Fact):
    """Ciphertext under a reporter's data key; only ingest's vault can open it."""

    #: which data key of the vault
    key_id: UUID
    #: base64 of what `lintas.privacy.seal` returns, bound to the complaint id
    data: str


class Media(Fact):
    """A file kept in the encrypted blob store."""

    reference: str
    media_type: str
    sha256: Sha256
    size_bytes: int = Field(ge=0)


class PrivateReply(Fact):
    """One way in which a person may be answered in private."""

    way: PrivateWay
    #: None: no end
    until: datetime | None = None


class ReplyWindow(Fact):
    """Whether and until when a mention can be answered where it was said."""

    in_public: bool
    #: None: no end
    until: datetime | None = None
    #: the ways that the platform limits, the freest first; None where it sets no limits
    in_private: tuple[PrivateReply, ...] | None = None


class Mention(Fact):
    """What a person said on a channel, normalised; its text is redacted, its original sealed."""

    mention_id: MentionId
    ticket: str
    channel: str
    account: str
    #: which state of the post this is; an edit has a later one
    revision: str = "0"
    text: str
    #: original text, author and reply address
    sealed: Sealed
    #: the platform's own id of the post, only when the reporter is open
    external_id: str | None = None
    anonymity: Anonymity = Anonymity.ANONYMOUS
    stakeholder: Stakeholder = Stakeholder.CITIZEN
    #: what the source says it is; the router decides
    stated_class: MentionClass | None = None
    #: what the source says it is about; the router decides
    stated_category: str | None = None
    #: posted by one of the city's own accounts
    own_post: bool = False
    language: str | None = None
    location: Location | None = None
    media: tuple[Media, ...] = ()
    posted_at: datetime | None = None
    received_at: datetime
    origin: Origin = Origin.LIVE
    #: why it continues its complaint; None for the mention that opened it
    joined: Joined | None = None
    #: whether anybody could read it where it was said
    public: bool | None = None
    #: whether it may be answered there; None where the channel does not tell
    reply: ReplyWindow | None = None
    #: without `#`, in small letters
    hashtags: tuple[str, ...] | None = None
    #: the city's own accounts it names, without `@`; other people's are personal data
    handles: tuple[str, ...] | None = None
    #: names that follow a word for a kind of place, as written
    place_hints: tuple[str, ...] | None = None
    #: why it looks like no person's own words; a mark, never a reason to drop it
    suspected: Suspicion | None = None


class MentionReceived(ComplaintEvent):
    """A first mention opened a complaint."""

    type: ClassVar[str] = "lintas.mention.received.v1"
    mention: Mention


class MentionFollowedUp(ComplaintEvent):
    """The same reporter said more about an open complaint."""

    type: ClassVar[str] = "lintas.mention.followed_up.v1"
    mention: Mention


class MentionEdited(ComplaintEvent):
    """The reporter changed a post."""

    type: ClassVar[str] = "lintas.mention.edited.v1"
    mention: Mention


class MentionWithdrawn(ComplaintEvent):
    """The reporter deleted a post: its text is no longer shown, its history stays."""

    type: ClassVar[str] = "lintas.mention.withdrawn.v1"
    mention_id: MentionId


class FeedbackGiven(ComplaintEvent):
    """The reporter said whether the answer helped."""

    type: ClassVar[str] = "lintas.feedback.given.v1"
    solved: bool | None = None
    rating: int | None = Field(default=None, ge=1, le=5)


class MentionErased(ComplaintEvent):
    """The reporter's data key is destroyed; readers erase what they keep of their words."""

    type: ClassVar[str] = "lintas.mention.erased.v1"
    #: what somebody else said in the complaint, where only that is erased; None: all of its words
    mention_id: MentionId | None = None
