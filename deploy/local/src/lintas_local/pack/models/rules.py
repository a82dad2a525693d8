"""`rules.yaml`: which words lead to which class, subject and agencies?"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from lintas_local.pack.models.fields import (
    Channel,
    ClockTime,
    Code,
    Key,
    LocalText,
    PackModel,
    Phrase,
    PlaceCode,
    Term,
    Text,
    Weight,
    Word,
)

#: the classes that deadline policies know; inspection is a complaint that needs a field visit
PolicyClass = Literal["complaint", "complaint_with_inspection", "aspiration", "information_request"]
#: what a class rule may decide
RuledClass = Literal["complaint", "aspiration", "information_request", "own_post", "other"]
#: why a mention of class `other` needs no action
OtherKind = Literal["thanks", "chatter", "spam"]

Terms = tuple[Term, ...]
Stakeholder = Literal["citizen", "community_leader", "investor", "media", "ngo"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Near(PackModel):
    """Two terms, or one of each of two lists, in any order with `within` words between at most."""

    near: tuple[Term | Terms, Term | Terms]
    within: int = Field(default=5, ge=0, le=20)


class Regex(PackModel):
    """A regular expression of RE2, on the text as it came; no look-around, no back-references."""

    regex: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Circumstances(PackModel):
    """What is so of the mention; exactly one key, and one of its values."""

    #: what the source says it is about
    category: tuple[Key, ...] | None = None
    #: what it is, by the class rules or the source; for routing rules only
    mention_class: tuple[RuledClass, ...] | None = Field(default=None, alias="class")
    channel: tuple[Channel, ...] | None = None
    #: a kecamatan or kelurahan, where that is certain
    area: tuple[PlaceCode, ...] | None = None
    urgency: tuple[Literal["normal", "high", "emergency"], ...] | None = None
    stakeholder: tuple[Stakeholder, ...] | None = None
    #: the mark of a mention that looks like no person's own words
    suspected: tuple[Literal["wave", "repeated", "spam"], ...] | None = None
    days: tuple[Day, ...] | None = None
    #: from and until, in the city's zone; the latter is not included
    hours: tuple[ClockTime, ClockTime] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [value for _, value in self if value is not None]
        if len(given) != 1 or not given[0]:
            raise PydanticCustomError("one_circumstance", "exactly one condition, with a value")
        return self


def _kind(given: Any) -> str:
    """What a condition is: a plain text is a term."""
    if isinstance(given, str):
        return "<term>"
    keys = given if isinstance(given, dict) else type(given).model_fields
    return next((f"<{kind}>" for kind in ("near", "regex") if kind in keys), "<circumstances>")


Condition = Annotated[
    Annotated[Term, Tag("<term>")]
    | Annotated[Near, Tag("<near>")]
    | Annotated[Regex, Tag("<regex>")]
    | Annotated[Circumstances, Tag("<circumstances>")],
    Discriminator(_kind),
]
Conditions = tuple[Condition, ...]


class Language(PackModel):
    """How people write here: `base: indonesian` is ours, the rest is added to it.

    Texts and terms are read through it alike. Without it words are only stemmed.
    """

    base: Literal["indonesian"] | None = None
    #: a word as written, and the words it stands for
    spellings: dict[Word, Phrase] = Field(default_factory=dict)
    #: a word, and its stem where the stemmer is wrong
    stems: dict[Word, Word] = Field(default_factory=dict)
    #: a term right behind one of these does not count
    negations: tuple[Word, ...] = ()
    #: at most two of these may stand between
    bridges: tuple[Word, ...] = ()
    #: these too before urgent words
    absences: tuple[Word, ...] = ()
    #: behind what is denied they lift the negation
    only: tuple[Word, ...] = ()
    #: whether a slip in a term's word of six letters and more is forgiven; as the base says if absent
    typos: bool | None = None
    #: everyday words that are never a slip
    known: tuple[Word, ...] = ()


class Predicate(PackModel):
    """At least one condition of `any`, every one of `all`, and none of `none` holds.

    A condition is a term or `{near: ...}`, `{regex: ...}`, `{channel: ...}` and so on. A text is
    lower-cased (NFC) and split into runs of letters and digits. A term is found where its words
    stand side by side, as written or all reduced to their Snowball stems; `=term` only as written.
    """

    any: Conditions = Field(min_length=1)
    all: Conditions = ()
    none: Conditions = ()
    #: what each condition of `any` and `all` that holds adds to the rule's score, once
    weight: Weight = 1.0
    #: first and last day on which the rule holds, in the city's zone
    effective_from: date | None = None
    effective_until: date | None = None
    note: Text | None = None


class ContributorRule(PackModel):
    """An agency whose part of the answer the lead needs."""

    agency: Code
    reason: Text


class RoutingRule(Predicate):
    """Words that name a subject and the agencies for it.

    The matching rule with the highest score wins; equal scores go to the rule written first.
    Lead and contributors are the winner's alone.
    """

    id: Key
    category: Key
    lead: Code
    contributors: tuple[ContributorRule, ...] = ()
    #: at least this urgent, whatever the words
    urgency: Literal["high", "emergency"] | None = None
    #: overrides the class rules, mostly for complaints that need an inspection
    policy_class: PolicyClass | None = Field(default=None, alias="class")


class ClassRule(Predicate):
    """Words that say what a mention is; the highest score wins, then the order.

    Where no class rule matches, a mention is a complaint.
    """

    id: Key
    mention_class: RuledClass = Field(alias="class")
    #: only for class `other`
    kind: OtherKind | None = None


class Urgency(PackModel):
    """Words that say how soon harm may come; `emergency` is danger to life."""

    emergency: tuple[Phrase, ...] = ()
    high: tuple[Phrase, ...] = ()


class Subject(PackModel):
    """A named policy of the city that people speak for or against."""

    code: Key
    name: LocalText
    #: terms that say the text is about it
    any: Terms = Field(min_length=1)
    pro: tuple[Phrase, ...] = Field(min_length=1)
    contra: tuple[Phrase, ...] = Field(min_length=1)


class ModelReference(PackModel):
    """A trained model that was handed in (`lintas rules model`), asked where rules are silent or disagree."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    #: of its bytes
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    #: as sure as this it routes; less sure it only suggests, and a person decides
    threshold: float = Field(ge=0, le=1)


class RulesFile(PackModel):
    """Everything the router needs to decide."""

    language: Language | None = None
    #: which of the rules that hold decides: the one with the highest score, or the first
    conflict: Literal["weight", "order"] = "weight"
    model: ModelReference | None = None
    #: named lists, used as `@name` in `any` and `none`
    lists: dict[Key, tuple[Phrase, ...]] = Field(default_factory=dict)
    urgency: Urgency = Urgency()
    subjects: tuple[Subject, ...] = ()
    classes: tuple[ClassRule, ...] = Field(min_length=1)
    rules: tuple[RoutingRule, ...] = Field(min_length=1)


class RulesOverlay(PackModel):
    """Rules laid over those of another pack: they come first, and take the place of equal ids."""

    rules: tuple[RoutingRule, ...] = Field(min_length=1)
