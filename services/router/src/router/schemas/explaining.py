"""A text to explain, and a decision as it is shown."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from lintas.vocabulary.terms import MentionClass, Stakeholder, Stance, Suspicion, Urgency
from lintas.web import Moment, ShortText, Strict, Text
from router.domain import Decision, Mention, Outcome, Why


class LocationIn(Strict):
    """Where the reporter says it is."""

    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    address: ShortText | None = None


class ExplainIn(Strict):
    """A text as somebody might post it; it is decided upon and forgotten."""

    text: Text
    channel: ShortText = ""
    location: LocationIn | None = None
    stated_class: MentionClass | None = Field(default=None, alias="class")
    #: what the source says it is about
    category: (
        Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=60)] | None
    ) = None
    stakeholder: Stakeholder = Stakeholder.CITIZEN
    #: the mark of a mention that looks like no person's own words
    suspected: Suspicion | None = None
    #: whether one of the city's own accounts posts it
    own_post: bool = False
    #: rules in effect then are asked; now unless said
    received_at: Moment | None = None

    def mention(self, now: datetime) -> Mention:
        """What the decision looks at."""
        return Mention(
            text=self.text,
            received_at=self.received_at or now,
            channel=self.channel,
            address=self.location.address if self.location else None,
            stated_class=self.stated_class,
            own_post=self.own_post,
            latitude=self.location.lat if self.location else None,
            longitude=self.location.lon if self.location else None,
            stated_category=self.category,
            stakeholder=self.stakeholder,
            suspected=self.suspected,
        )


class SpanOut(BaseModel):
    """Matched words: code points `[start, end)` of the text."""

    start: int
    end: int
    words: str
    term: str
    #: what they were taken for, where they are spelled otherwise or a slip
    read_as: str | None


class EvidenceOut(BaseModel):
    """One thing that spoke for or against a decision."""

    rule: str
    why: Why
    agency: str | None
    weight: float
    spans: list[SpanOut]


class ExplanationOut(BaseModel):
    """Why the decision is what it is."""

    decided_by: list[EvidenceOut]
    runners_up: list[EvidenceOut]


class ContributorOut(BaseModel):
    """An agency that helps, and why."""

    agency: str
    reason: str


class AreaOut(BaseModel):
    """Codes of kecamatan and kelurahan, as far as they are certain."""

    kecamatan: str | None
    kelurahan: str | None


class Explained(BaseModel):
    """A decision and its explanation."""

    outcome: Outcome
    mention_class: MentionClass
    policy_class: str | None
    category: str | None
    area: AreaOut
    urgency: Urgency
    subject: str | None
    stance: Stance
    lead: str | None
    contributors: list[ContributorOut]
    rules_version: str
    model_version: str | None
    places_version: str | None
    explanation: ExplanationOut

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """How `decision` is shown."""
        return cls.model_validate(asdict(decision))
