"""A new request, or an update of one, as others hand it in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.domain.mentions import Attachment, Author, Place, Said
from ingest.domain.open311 import moments
from ingest.domain.open311.requests import Given
from ingest.domain.open311.services import UNSORTED, Attribute, Service
from lintas.vocabulary.errors import FieldError, Invalid
from lintas.vocabulary.terms import Anonymity
from lintas.vocabulary.ticket import Ticket

CHANNEL = "open311"
#: what one mention may hold
LONGEST_TEXT = 10_000
#: of one answer to an attribute
LONGEST_ANSWER = 1_000
#: answers to what the service does not ask; some clients send coordinates of their own this way
MOST_UNASKED = 20
#: kept for lists: a closed word, a number or a time names nobody
_TELLING_NOBODY = frozenset({"number", "datetime", "singlevaluelist", "multivaluelist"})
_UNSOLVED = "REOPEN"
#: what a reporter says of the matter, in words of the city's language
_JUDGED: Mapping[str, Mapping[str, str]] = {
    "FIXED": {"id": "Menurut pelapor sudah selesai.", "en": "Solved, the reporter says."},
    "CLOSED": {"id": "Menurut pelapor sudah selesai.", "en": "Solved, the reporter says."},
    _UNSOLVED: {"id": "Menurut pelapor belum selesai.", "en": "Not solved, the reporter says."},
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form."""

    content: bytes
    media_type: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request somebody posts."""

    service: Service
    title: str | None
    description: str | None
    place: Place
    author: Author
    #: code → answers, as they were sent
    answers: Mapping[str, Sequence[str]]
    media_urls: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    #: not to be shown to anybody but those who work on it
    secret: bool = False

    def given(self) -> tuple[Given, ...]:
        """What lists may show of the answers."""
        return tuple(
            Given(attribute.code, tuple(self.answers[attribute.code]))
            for attribute in self.service.asked
            if attribute.datatype in _TELLING_NOBODY and self.answers.get(attribute.code)
        )

    def said(self, account: str) -> Said:
        """As a mention; Invalid if it is too long for one, or an answer is not as asked."""
        refused = [*_refused(self.service, self.answers)]
        if refused:
            raise Invalid("Attributes are not as asked.", refused)
        told = [part for part in (self.title, self.description) if part]
        answers = "\n".join(_lines(self.service, self.answers))
        text = "\n\n".join([*(told or [self.service.name]), *([answers] if answers else [])])
        if len(text) > LONGEST_TEXT:
            raise Invalid("All texts together are too long.")
        return Said(
            channel=CHANNEL,
            account=account,
            text=text,
            author=self.author,
            place=self.place,
            media=tuple(Attachment(url) for url in self.media_urls),
            stated_category=None if self.service.code == UNSORTED else self.service.code,
            anonymity=Anonymity.SECRET if self.secret else Anonymity.ANONYMOUS,
            public=False,
        )


def _refused(service: Service, answers: Mapping[str, Sequence[str]]) -> Iterator[FieldError]:
    for attribute in service.asked:
        given = answers.get(attribute.code, ())
        name = f"/attribute[{attribute.code}]"
        if not given and attribute.required:
            yield FieldError(name, "required", "this attribute is required")
        if len(given) > 1 and not attribute.takes_several:
            yield FieldError(name, "given_twice", "one value")
        elif not all(_fits(attribute, value) for value in given):
            yield FieldError(name, "unexpected_value", _expected(attribute))
    for code, values in answers.items():
        if any("\x00" in value for value in values):
            yield FieldError(f"/attribute[{code}]", "nul_character", "text without NUL characters")
    unasked = answers.keys() - {attribute.code for attribute in service.asked}
    if len(unasked) > MOST_UNASKED:
        yield FieldError("/attribute", "too_many", f"at most {MOST_UNASKED} attributes")
    if any(len(value) > LONGEST_ANSWER for values in answers.values() for value in values):
        yield FieldError("/attribute", "too_long", f"at most {LONGEST_ANSWER} characters each")


def _fits(attribute: Attribute, value: str) -> bool:
    if attribute.choices is not None:
        return value in attribute.choices
    if attribute.datatype == "number":
        return _is_number(value)
    return attribute.datatype != "datetime" or moments.read(value) is not None


def _is_number(value: str) -> bool:
    whole, _, rest = value.removeprefix("-").partition(".")
    digits = whole + rest
    return bool(whole) and digits.isascii() and digits.isdigit() and len(digits) <= 30  # noqa: PLR2004


def _expected(attribute: Attribute) -> str:
    if attribute.choices is not None:
        return "one of " + ", ".join(attribute.choices)
    return "a number" if attribute.datatype == "number" else "a time, as 2026-01-31T08:00:00+07:00"


def _lines(service: Service, answers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The answers in words, so that those who work on it read them where they read the rest."""
    asked = {attribute.code: attribute for attribute in service.asked}
    for code, values in answers.items():
        attribute = asked.get(code)
        names = (attribute.choices if attribute else None) or {}
        label = attribute.description if attribute else code
        if values:
            yield f"{label}: {', '.join(names.get(value, value) for value in values)}"


@dataclass(frozen=True, slots=True)
class NewUpdate:
    """What somebody adds to a request."""

    ticket: Ticket
    #: the sender's own id of it
    update_id: str
    status: str
    title: str | None
    description: str
    at: datetime
    author: Author
    media_urls: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()

    @property
    def is_unsolved(self) -> bool:
        """Whether the reporter says that the answer solved nothing."""
        return self.status == _UNSOLVED

    def said(self, account: str, language: str) -> Said:
        """As a mention that continues the complaint, by its ticket in the text."""
        judged = _JUDGED.get(self.status, {}).get(language)
        parts = (self.ticket, judged, self.title, self.description)
        return Said(
            channel=CHANNEL,
            account=account,
            text="\n\n".join(part for part in parts if part)[:LONGEST_TEXT],
            external_id=f"{self.ticket}/{self.update_id}",
            posted_at=self.at,
            author=self.author,
            media=tuple(Attachment(url) for url in self.media_urls),
            public=False,
            refers=False,
        )
