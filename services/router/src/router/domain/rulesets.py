"""A rule set: everything a city says about routing, as plain values."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self, TypeAlias
from zoneinfo import ZoneInfo

from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import MentionClass, Urgency
from router.domain.conditions import Condition, condition
from router.domain.decisions import Contributor
from router.domain.words import Speech

#: the version named by decisions from before the first rule set
NO_RULES = "none"

#: classes that only deadline policies know, and what such a mention is
POLICY_CLASSES: Mapping[str, MentionClass] = {
    "complaint_with_inspection": MentionClass.COMPLAINT,
}


Outline: TypeAlias = tuple[tuple[float, float], ...]
_CONFLICTS: Mapping[str, bool] = {"weight": False, "order": True}


class RuleSetUnusable(Exception):
    """The document is not a rule set that this code understands; the one in use stays."""

    def __init__(self, reason: str, rule: str | None = None) -> None:
        super().__init__(reason)
        #: the rule that it shows in, where it is one
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """Holds where one condition of `any`, every one of `all` and none of `none` holds.

    Each condition of `any` and `all` that holds adds `weight` to its score, once.
    """

    id: str
    any: tuple[Condition, ...]
    all: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    weight: float = 1.0
    #: first and last day in the rule set's zone
    effective_from: date | None = None
    effective_until: date | None = None

    def sought(self) -> Iterator[Condition]:
        """What speaks for it: the conditions of `any` and `all`."""
        yield from self.any
        yield from self.all


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule(Predicate):
    """Words that name a subject and the agencies for it."""

    category: str
    lead: AgencyCode
    contributors: tuple[Contributor, ...] = ()
    #: overrides the class rules; may be one that only deadline policies know
    policy_class: str | None = None
    #: at least as urgent as this, whatever the words
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule(Predicate):
    """Words that say what a mention is."""

    mention_class: MentionClass


@dataclass(frozen=True, slots=True)
class Subject:
    """A named policy that people speak for or against."""

    code: str
    any: tuple[str, ...]
    pro: tuple[str, ...]
    contra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A kecamatan or kelurahan by its names."""

    code: str
    #: city | kecamatan | kelurahan
    kind: str
    #: code of the area around it
    parent: str | None
    names: tuple[str, ...]
    #: its names are ordinary words too, and mean the place only where they are called one
    everyday: bool = False
    #: its border: corners as (longitude, latitude)
    outline: Outline = ()


@dataclass(frozen=True, slots=True)
class ModelReference:
    """Which learned model is asked where rules are silent or disagree."""

    version: str
    #: of its bytes
    sha256: str
    #: from 0 to 1; as sure as this it routes, less sure it only suggests
    threshold: float


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of a city's rules."""

    version: str
    zone: ZoneInfo
    agencies: frozenset[str]
    categories: frozenset[str]
    rules: tuple[RoutingRule, ...]
    classes: tuple[ClassRule, ...]
    emergency: tuple[str, ...]
    high: tuple[str, ...]
    subjects: tuple[Subject, ...]
    places: tuple[Place, ...]
    speech: Speech = field(default_factory=Speech)
    #: the first rule that holds wins, in the order written; otherwise the highest score
    by_order: bool = False
    #: of `places`
    places_version: str | None = None
    model: ModelReference | None = None

    @classmethod
    def empty(cls) -> Self:
        """No rules at all: every mention that needs action goes to triage."""
        nothing: frozenset[str] = frozenset()
        return cls(NO_RULES, ZoneInfo("UTC"), nothing, nothing, (), (), (), (), (), ())

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The rule set that a published document describes; fields it does not know are passed over.

        Raises:
            RuleSetUnusable: something it needs is missing or of another kind.
        """
        try:
            urgency = document.get("urgency") or {}
            return cls(
                version=str(document["version"]),
                zone=ZoneInfo(document["zone"]),
                agencies=frozenset(document["agencies"]),
                categories=frozenset(document["categories"]),
                rules=tuple(map(_routing_rule, document["rules"])),
                classes=tuple(map(_class_rule, document.get("classes") or ())),
                emergency=_texts(urgency, "emergency"),
                high=_texts(urgency, "high"),
                subjects=tuple(map(_subject, document.get("subjects") or ())),
                places=tuple(map(_place, document.get("places") or ())),
                speech=_speech(document.get("language") or {}),
                by_order=_CONFLICTS[document.get("conflict", "weight")],
                places_version=_version(document.get("places")),
                model=_model(document["model"]) if document.get("model") else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            # a zone that is not there is a KeyError, one with a strange name a ValueError or OSError
            raise RuleSetUnusable(f"{type(error).__name__} in a rule set document") from error


def class_of(policy_class: str) -> MentionClass:
    """What a mention of this policy class is. Raises ValueError for a class nobody knows."""
    return POLICY_CLASSES.get(policy_class) or MentionClass(policy_class)


def _routing_rule(row: Mapping[str, Any]) -> RoutingRule:
    policy_class = row.get("class")
    if policy_class is not None:
        class_of(policy_class)
    return RoutingRule(
        **_predicate(row),
        category=row["category"],
        lead=AgencyCode(row["lead"]),
        contributors=tuple(
            Contributor(AgencyCode(helper["agency"]), helper["reason"])
            for helper in row.get("contributors") or ()
        ),
        policy_class=policy_class,
        urgency=Urgency(row["urgency"]) if row.get("urgency") else None,
    )


def _class_rule(row: Mapping[str, Any]) -> ClassRule:
    return ClassRule(**_predicate(row), mention_class=MentionClass(row["class"]))


def _predicate(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "any": _conditions(row, "any"),
        "all": _conditions(row, "all"),
        "none": _conditions(row, "none"),
        "weight": float(row.get("weight", 1.0)),
        "effective_from": _day(row.get("effective_from")),
        "effective_until": _day(row.get("effective_until")),
    }


def _subject(row: Mapping[str, Any]) -> Subject:
    return Subject(row["code"], _texts(row, "any"), _texts(row, "pro"), _texts(row, "contra"))


def _place(row: Mapping[str, Any]) -> Place:
    names = (row["name"], *(row.get("aliases") or ()))
    everyday = bool(row.get("everyday", False))
    outline = _outline(row["outline"]) if row.get("outline") else ()
    return Place(row["code"], row["kind"], row.get("parent"), names, everyday, outline)


def _outline(text: str) -> Outline:
    """A corner and the steps from each to the next, in ten-thousandths of a degree."""
    east, north = 0, 0
    corners = []
    for step in text.split(" "):
        longitude, _, latitude = step.partition(",")
        east, north = east + int(longitude), north + int(latitude)
        corners.append((east / 10_000, north / 10_000))
    for axis in (0, 1):
        values = [corner[axis] for corner in corners]
        if max(values) - min(values) > 1:
            raise ValueError("an outline of more than a degree")
    return tuple(corners)


def _model(given: Mapping[str, Any]) -> ModelReference:
    threshold = float(given["threshold"])
    if not 0 <= threshold <= 1:
        raise ValueError("a threshold beyond 0 and 1")
    return ModelReference(str(given["version"]), str(given["sha256"]), threshold)


def _speech(given: Mapping[str, Any]) -> Speech:
    return Speech(
        spellings=dict(given.get("spellings") or {}),
        stems=dict(given.get("stems") or {}),
        negations=frozenset(_texts(given, "negations")),
        bridges=frozenset(_texts(given, "bridges")),
        absences=frozenset(_texts(given, "absences")),
        only=frozenset(_texts(given, "only")),
        typos=bool(given.get("typos", False)),
        known=_texts(given, "known"),
    )


def _conditions(row: Mapping[str, Any], name: str) -> tuple[Condition, ...]:
    found: Sequence[Any] = row.get(name) or ()
    if isinstance(found, str):
        raise TypeError(name)
    return tuple(map(condition, found))


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found: Sequence[Any] = row.get(name) or ()
    if isinstance(found, str) or not all(isinstance(text, str) for text in found):
        raise TypeError(name)
    return tuple(found)


def _version(places: Any) -> str | None:
    """A name for these places: by their content, however it is written."""
    if not places:
        return None
    content = json.dumps(places, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
