"""The city's categories as Open311 services, and the server as it describes itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

_ALWAYS = datetime.min.replace(tzinfo=UTC)
#: what a complaint is listed under until it has a category; whoever does not know one chooses it
UNSORTED = "unsorted"
_UNSORTED_NAME = {"id": "Lainnya", "en": "Other"}


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a category or an agency in the directory."""

    kind: str
    id: str
    version: str
    effective_from: datetime | None
    effective_to: datetime | None
    known_from: datetime
    #: when the directory told it
    published_at: datetime
    body: Mapping[str, Any]

    def holds(self, now: datetime) -> bool:
        """Whether it is in force at `now`."""
        begun = (self.effective_from or _ALWAYS) <= now
        return begun and (self.effective_to is None or now < self.effective_to)


class AnswerKind(StrEnum):
    """What a new request is answered with (Open311 *type*)."""

    #: its id
    REALTIME = "realtime"
    #: a token that stands for it
    BATCH = "batch"
    #: neither
    BLACKBOX = "blackbox"


_ANSWERS = {
    "id": AnswerKind.REALTIME,
    "token": AnswerKind.BATCH,
    "nothing": AnswerKind.BLACKBOX,
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is asked beside the description, or a note to be read."""

    code: str
    #: string, number, datetime, text, singlevaluelist or multivaluelist
    datatype: str
    description: str
    hint: str | None = None
    #: False: a note, nothing is asked
    is_asked: bool = True
    required: bool = False
    #: key → name
    choices: Mapping[str, str] | None = None

    @property
    def takes_several(self) -> bool:
        """Whether more than one value may be given."""
        return self.datatype == "multivaluelist"


@dataclass(frozen=True, slots=True)
class Service:
    """One category as citizens' apps offer it."""

    code: str
    name: str
    group: str
    description: str | None = None
    keywords: tuple[str, ...] = ()
    answer: AnswerKind = AnswerKind.REALTIME
    attributes: tuple[Attribute, ...] = ()

    @classmethod
    def from_body(cls, code: str, body: Mapping[str, Any], language: str) -> "Service":
        """A category document's body; KeyError or TypeError if it is not one."""
        description = body.get("description")
        return cls(
            code=code,
            name=body["name"][language],
            group=body["group"]["name"][language],
            description=description[language] if description else None,
            keywords=tuple(body.get("keywords", ())),
            answer=_ANSWERS[body.get("answer", "id")],
            attributes=tuple(_attribute(one, language) for one in body.get("questions", ())),
        )

    @property
    def asked(self) -> tuple[Attribute, ...]:
        """The attributes that want an answer."""
        return tuple(attribute for attribute in self.attributes if attribute.is_asked)


def _attribute(question: Mapping[str, Any], language: str) -> Attribute:
    hint, choices = question.get("hint"), question.get("choices", ())
    is_asked = question["kind"] != "note"
    return Attribute(
        code=question["code"],
        datatype=question["kind"] if is_asked else "text",
        description=question["question"][language],
        hint=hint[language] if hint else None,
        is_asked=is_asked,
        required=bool(question.get("required", False)),
        choices={choice["key"]: choice["name"][language] for choice in choices} or None,
    )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The server as the city's document describes it."""

    #: the jurisdiction_id
    domain: str = ""
    language: str = "id"
    resolved_reads_closed: bool = True
    contact: str = ""
    keys: str = ""
    #: production or test
    type: str = "production"
    #: also complaints that began in private, redacted
    lists_private: bool = False

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "Endpoint":
        """The city document's part of it."""
        domain = str(body.get("domain", ""))
        told = body.get("open311") or {}
        return cls(
            domain=domain,
            language=str(body.get("language", "id")),
            resolved_reads_closed=bool(body.get("resolved_reads_closed", True)),
            contact=told.get("contact", f"https://{domain}"),
            keys=told.get("keys", f"https://{domain}"),
            type=told.get("type", "production"),
            lists_private=told.get("lists_private", False) is True,
        )

    def serves(self, jurisdiction: str | None) -> bool:
        """Whether `jurisdiction` is this city, or was left out."""
        return jurisdiction is None or jurisdiction.casefold().removeprefix("www.") == self.domain


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that can be reported, and who answers."""

    services: Mapping[str, Service]
    #: code → name
    agencies: Mapping[str, str]
    #: when any of it changed last
    changed_at: datetime

    @classmethod
    def of(cls, documents: Iterable[Document], language: str, now: datetime) -> "Catalogue":
        """What the documents in force say, in one language.

        Raises KeyError or TypeError for a document that is none of its kind (`check`).
        """
        newest: dict[tuple[str, str], Document] = {}
        for document in sorted(documents, key=_age):
            if document.holds(now):
                newest[document.kind, document.id] = document
        services = dict(sorted(_services(newest.values(), language)))
        services.setdefault(
            UNSORTED, Service(UNSORTED, _UNSORTED_NAME[language], _UNSORTED_NAME[language])
        )
        agencies = {
            document.id: str(document.body["name"][language])
            for document in newest.values()
            if document.kind == "agency"
        }
        changed_at = max((document.published_at for document in newest.values()), default=_ALWAYS)
        return cls(services, agencies, changed_at)


def check(document: Document) -> None:
    """Returns if the document can stand in a catalogue; KeyError or TypeError otherwise."""
    Catalogue.of([document], "id", document.effective_from or document.known_from)
    Catalogue.of([document], "en", document.effective_from or document.known_from)


def _services(documents: Iterable[Document], language: str) -> Iterator[tuple[str, Service]]:
    for document in documents:
        if document.kind == "category":
            yield document.id, Service.from_body(document.id, document.body, language)


def _age(document: Document) -> tuple[datetime, datetime, datetime, str]:
    begun = document.effective_from or _ALWAYS
    return begun, document.known_from, document.published_at, document.version
