"""The rule set document: what a pack sends, what is stored, what is published."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lintas.web import Display, ShortText, Strict


def _with_a_word(term: str) -> str:
    if not any(character.isalnum() for character in term):
        raise PydanticCustomError("no_word", "at least one letter or digit")
    return term


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("unknown_zone", "an IANA time zone") from None
    return name


Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
#: an agency, a category, a rule: shown in refusals, so nothing but a name
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=60)]
PlaceCode = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$", max_length=20)]
#: a word or phrase to find
Term = Annotated[str, Display(80), AfterValidator(_with_a_word)]
Terms = Annotated[tuple[Term, ...], Field(max_length=2_000)]
Reason = Annotated[str, Display(500)]
Note = Annotated[str, Display(2_000)]
Weight = Annotated[float, Field(gt=0, le=100)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]


class PredicateDocument(Strict):
    """Terms to find, and the days on which that counts."""

    id: Name
    any: Terms = ()
    all: Terms = ()
    none: Terms = ()
    weight: Weight = 1.0
    effective_from: date | None = None
    effective_until: date | None = None
    note: Note | None = None


class ContributorDocument(Strict):
    """An agency that helps, and why."""

    agency: Name
    reason: Reason


class RoutingRuleDocument(PredicateDocument):
    """Words that name a subject and the agencies for it."""

    category: Name
    lead: Name
    contributors: tuple[ContributorDocument, ...] = Field(default=(), max_length=20)
    policy_class: (
        Literal["complaint", "complaint_with_inspection", "aspiration", "information_request"]
        | None
    ) = Field(default=None, alias="class")


class ClassRuleDocument(PredicateDocument):
    """Words that say what a mention is."""

    mention_class: Literal["complaint", "aspiration", "information_request", "other"] = Field(
        alias="class"
    )
    kind: Literal["thanks", "chatter", "spam"] | None = None


class UrgencyDocument(Strict):
    """Words that say how soon harm may come."""

    emergency: Terms = ()
    high: Terms = ()


class LocalName(Strict):
    """A name in Indonesian and English."""

    id: ShortText
    en: ShortText


class SubjectDocument(Strict):
    """A named policy that people speak for or against."""

    code: Name
    name: LocalName
    any: Annotated[Terms, Field(min_length=1)]
    pro: Terms = ()
    contra: Terms = ()


class AccountDocument(Strict):
    """Accounts of the city on one channel; ingest marks their posts."""

    channel: Name
    handles: tuple[ShortText, ...]


class PlaceDocument(Strict):
    """An area and its names."""

    code: PlaceCode
    kind: Literal["city", "kecamatan", "kelurahan"]
    name: Term
    parent: PlaceCode | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lng: float | None = Field(default=None, ge=-180, le=180)
    aliases: Terms = ()
    #: its names are ordinary words too, and mean the place only behind "kelurahan", "kec." ...
    everyday: bool = False


class RulesetDocument(Strict):
    """One version of a city's rules."""

    version: Version
    city: Name | None = None
    zone: Zone
    agencies: tuple[Name, ...] = Field(min_length=1, max_length=2_000)
    categories: tuple[Name, ...] = Field(min_length=1, max_length=2_000)
    rules: tuple[RoutingRuleDocument, ...] = Field(min_length=1, max_length=20_000)
    classes: tuple[ClassRuleDocument, ...] = Field(default=(), max_length=2_000)
    urgency: UrgencyDocument = UrgencyDocument()
    subjects: tuple[SubjectDocument, ...] = Field(default=(), max_length=200)
    own_accounts: tuple[AccountDocument, ...] = Field(default=(), max_length=200)
    places: tuple[PlaceDocument, ...] = Field(default=(), max_length=20_000)
