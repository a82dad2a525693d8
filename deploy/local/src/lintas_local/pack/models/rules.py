"""`rules.yaml`: which words lead to which class, subject and agencies?"""

from datetime import date
from typing import Literal

from pydantic import Field

from lintas_local.pack.models.fields import (
    Code,
    Key,
    LocalText,
    PackModel,
    Phrase,
    Term,
    Text,
    Weight,
)

#: the classes that deadline policies know; inspection is a complaint that needs a field visit
PolicyClass = Literal["complaint", "complaint_with_inspection", "aspiration", "information_request"]
#: what a class rule may decide
RuledClass = Literal["complaint", "aspiration", "information_request", "other"]
#: why a mention of class `other` needs no action
OtherKind = Literal["thanks", "chatter", "spam"]

Terms = tuple[Term, ...]


class Predicate(PackModel):
    """At least one term of `any`, every term of `all`, and no term of `none` is in the text.

    A text is lower-cased (NFC) and split into runs of letters and digits. A term is found where
    its words stand side by side, as written or all reduced to their Snowball stems.
    """

    any: Terms = Field(min_length=1)
    all: tuple[Phrase, ...] = ()
    none: Terms = ()
    #: what each term of `any` and `all` that is found adds to the rule's score, once per term
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


class RulesFile(PackModel):
    """Everything the router needs to decide."""

    #: named lists, used as `@name` in `any` and `none`
    lists: dict[Key, tuple[Phrase, ...]] = Field(default_factory=dict)
    urgency: Urgency = Urgency()
    subjects: tuple[Subject, ...] = ()
    classes: tuple[ClassRule, ...] = Field(min_length=1)
    rules: tuple[RoutingRule, ...] = Field(min_length=1)


class RulesOverlay(PackModel):
    """Rules laid over those of another pack: they come first, and take the place of equal ids."""

    rules: tuple[RoutingRule, ...] = Field(min_length=1)
