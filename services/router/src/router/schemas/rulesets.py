"""The rule set document: what a pack sends, what is stored, what is published."""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from lintas.contracts.events.envelope import Sha256
from lintas.web import Display, ShortText, Strict
from router.domain import MOST_SPELLED, RuleSetUnusable, compile_expression


def _with_a_word(term: str) -> str:
    if not any(character.isalnum() for character in term):
        raise PydanticCustomError("no_word", "at least one letter or digit")
    return term


def _few_words(words: str) -> str:
    if len(words.split(" ")) > MOST_SPELLED:
        raise PydanticCustomError("too_many_words", f"at most {MOST_SPELLED} words")
    return words


def _expression(pattern: str) -> str:
    try:
        compile_expression(pattern)
    except RuleSetUnusable:
        raise PydanticCustomError(
            "no_expression",
            "a regular expression of RE2 (no look-around, no back-references) that needs a letter"
            " and repeats little",
        ) from None
    return pattern


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
#: one word in lower case
Word = Annotated[str, Field(pattern=r"^[^\W_A-Z]+$", max_length=60)]
Clock = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
_OUTLINE = r"^-?\d{1,7},-?\d{1,6}( -?\d{1,6},-?\d{1,6}){2,}$"
Reason = Annotated[str, Display(500)]
Note = Annotated[str, Display(2_000)]
Weight = Annotated[float, Field(gt=0, le=100)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]


class NearDocument(Strict):
    """Two terms, or one of each of two lists, in any order with so many words between at most."""

    near: tuple[Term | Terms, Term | Terms]
    within: int = Field(default=5, ge=0, le=20)


class ExpressionDocument(Strict):
    """A regular expression, tried on the text as it came, whatever the case."""

    regex: Annotated[str, Display(200), AfterValidator(_expression)]


Codes = Annotated[tuple[Name, ...], Field(min_length=1, max_length=200)]


class CategoryDocument(Strict):
    """What the source says it is about."""

    category: Codes


class ClassDocument(Strict):
    """What it is, by the class rules or the source; for routing rules only."""

    mention_class: Annotated[
        tuple[Literal["complaint", "aspiration", "information_request", "own_post", "other"], ...],
        Field(min_length=1),
    ] = Field(alias="class")


class ChannelDocument(Strict):
    """Where it was said."""

    channel: Codes


class AreaDocument(Strict):
    """The kecamatan or kelurahan it is about, where that is certain."""

    area: Annotated[tuple[PlaceCode, ...], Field(min_length=1, max_length=200)]


class UrgencyConditionDocument(Strict):
    """How urgent its words are."""

    urgency: Annotated[tuple[Literal["normal", "high", "emergency"], ...], Field(min_length=1)]


class StakeholderDocument(Strict):
    """For whom the reporter speaks."""

    stakeholder: Annotated[
        tuple[Literal["citizen", "community_leader", "investor", "media", "ngo"], ...],
        Field(min_length=1),
    ]


class SuspectedDocument(Strict):
    """Why it looks like no person's own words."""

    suspected: Annotated[tuple[Literal["wave", "repeated", "spam"], ...], Field(min_length=1)]


class DaysDocument(Strict):
    """The day of the week on which it was received, in the rule set's zone."""

    days: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1)
    ]


class HoursDocument(Strict):
    """From and until when it was received, in the rule set's zone; the latter not included."""

    hours: tuple[Clock, Clock]


def _kind(given: Any) -> str | None:
    """The key that says what a condition is; a term is plain text."""
    if isinstance(given, str):
        return "<term>"
    keys = given if isinstance(given, dict) else type(given).model_fields
    kind = next((kind for kind in _KINDS if kind in keys), None)
    return kind and f"<{kind.removeprefix('mention_')}>"


_KINDS = ("near", "regex", "category", "class", "mention_class", "channel", "area", "urgency",
          "stakeholder", "suspected", "days", "hours")  # fmt: skip
Condition = Annotated[
    Annotated[Term, Tag("<term>")]
    | Annotated[NearDocument, Tag("<near>")]
    | Annotated[ExpressionDocument, Tag("<regex>")]
    | Annotated[CategoryDocument, Tag("<category>")]
    | Annotated[ClassDocument, Tag("<class>")]
    | Annotated[ChannelDocument, Tag("<channel>")]
    | Annotated[AreaDocument, Tag("<area>")]
    | Annotated[UrgencyConditionDocument, Tag("<urgency>")]
    | Annotated[StakeholderDocument, Tag("<stakeholder>")]
    | Annotated[SuspectedDocument, Tag("<suspected>")]
    | Annotated[DaysDocument, Tag("<days>")]
    | Annotated[HoursDocument, Tag("<hours>")],
    Discriminator(
        _kind,
        custom_error_type="no_condition",
        custom_error_message="a term or a condition, such as {near: [..., ...]}",
    ),
]
Conditions = Annotated[tuple[Condition, ...], Field(max_length=2_000)]


class PredicateDocument(Strict):
    """Conditions, and the days on which they count."""

    id: Name
    any: Conditions = ()
    all: Conditions = ()
    none: Conditions = ()
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
    urgency: Literal["high", "emergency"] | None = None
    policy_class: (
        Literal["complaint", "complaint_with_inspection", "aspiration", "information_request"]
        | None
    ) = Field(default=None, alias="class")


class ClassRuleDocument(PredicateDocument):
    """Words that say what a mention is."""

    mention_class: Literal[
        "complaint", "aspiration", "information_request", "own_post", "other"
    ] = Field(alias="class")
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
    #: its border: a corner and the steps to each next one, in ten-thousandths of a degree
    outline: Annotated[str, Field(pattern=_OUTLINE, max_length=4_000)] | None = None


class LanguageDocument(Strict):
    """How people write: texts and terms are read through it alike."""

    #: a word as written, and the words it stands for
    spellings: dict[Word, Annotated[Term, AfterValidator(_few_words)]] = Field(
        default={}, max_length=5_000
    )
    #: a word, and its stem where the stemmer is wrong
    stems: dict[Word, Word] = Field(default={}, max_length=5_000)
    negations: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    #: may stand between a negation and what it denies
    bridges: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    #: the same before urgent words
    absences: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    #: behind what is denied they lift the negation
    only: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    #: whether one wrong letter in a term's word of six letters and more is forgiven
    typos: bool = False
    #: everyday words that are never taken for a slip
    known: Annotated[tuple[Word, ...], Field(max_length=5_000)] = ()


class ModelDocument(Strict):
    """A model that was handed in, asked where rules are silent or disagree."""

    version: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    #: of its bytes
    sha256: Sha256
    #: as sure as this it routes, less sure it only suggests
    threshold: float = Field(ge=0, le=1)


class RulesetDocument(Strict):
    """One version of a city's rules."""

    version: Version
    city: Name | None = None
    zone: Zone
    language: LanguageDocument | None = None
    #: which of the rules that hold decides: the highest score, or the first
    conflict: Literal["weight", "order"] = "weight"
    model: ModelDocument | None = None
    agencies: tuple[Name, ...] = Field(min_length=1, max_length=2_000)
    categories: tuple[Name, ...] = Field(min_length=1, max_length=2_000)
    rules: tuple[RoutingRuleDocument, ...] = Field(min_length=1, max_length=20_000)
    classes: tuple[ClassRuleDocument, ...] = Field(default=(), max_length=2_000)
    urgency: UrgencyDocument = UrgencyDocument()
    subjects: tuple[SubjectDocument, ...] = Field(default=(), max_length=200)
    own_accounts: tuple[AccountDocument, ...] = Field(default=(), max_length=200)
    places: tuple[PlaceDocument, ...] = Field(default=(), max_length=20_000)

    def plain(self) -> dict[str, Any]:
        """The document as it is stored and published."""
        written = self.model_dump(mode="json", by_alias=True)
        if self.model is None:
            # a version from before there were models stays what it was
            del written["model"]
        return written
