"""The small types that the files of a pack share."""

import unicodedata
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

_KEBAB = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_SNAKE = r"^[a-z0-9]+(_[a-z0-9]+)*$"
_PREFIX = r"^[A-Z]{2,4}$"
_PLACE = r"^\d{2}\.\d{2}(\.\d{2}(\.\d{4})?)?$"
_CLOCK = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
_DOMAIN = r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"
_WORD = r"^[^\W_A-Z]+$"
_OUTLINE = r"^-?\d{1,7},-?\d{1,6}( -?\d{1,6},-?\d{1,6}){2,}$"

#: what a refused pattern asks for, in words
PATTERNS = {
    _KEBAB: "lower-case letters, digits and single dashes, such as `satpol-pp`",
    _SNAKE: "lower-case letters, digits and single underscores, such as `road_damage`",
    _PREFIX: "two to four capital letters, such as `BGR`",
    _PLACE: 'a quoted Kemendagri code, such as "32.71.03" or "32.71.03.1001"',
    _CLOCK: 'a quoted clock time from "00:00" to "24:00"',
    _WORD: "a single word in lower case",
    _OUTLINE: "a corner and at least two steps, such as `1068093,-66273 -1,10 -19,-4`",
    _DOMAIN: "a lower-case domain without www, such as `kotabogor.go.id`",
}


class PackModel(BaseModel):
    """Closed, strict and frozen: a misspelt key is an error, and nothing is converted quietly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _lower_words(text: str) -> str:
    if text != unicodedata.normalize("NFC", text.lower()):
        raise PydanticCustomError("lower_words", "lower-case text in Unicode form NFC")
    if text != " ".join(text.split()):
        raise PydanticCustomError("lower_words", "words divided by single spaces")
    if not any(symbol.isalnum() for symbol in text):
        raise PydanticCustomError("lower_words", "at least one letter or digit")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
#: an agency, a calendar, a city
Code = Annotated[str, StringConstraints(pattern=_KEBAB, max_length=40)]
#: a category, a rule, a policy subject
Key = Annotated[str, StringConstraints(pattern=_SNAKE, max_length=60)]
TicketPrefix = Annotated[str, StringConstraints(pattern=_PREFIX)]
PlaceCode = Annotated[str, StringConstraints(pattern=_PLACE)]
ClockTime = Annotated[str, StringConstraints(pattern=_CLOCK)]
Domain = Annotated[str, StringConstraints(pattern=_DOMAIN, max_length=253)]
Outline = Annotated[str, StringConstraints(pattern=_OUTLINE, max_length=4_000)]
Weight = Annotated[float, Field(gt=0, le=100)]
#: a word or a phrase to find; lower case, because texts are lower-cased before matching
Phrase = Annotated[str, StringConstraints(max_length=80), AfterValidator(_lower_words)]
#: a phrase, or `@name` for all phrases of a word list
Term = Annotated[str, StringConstraints(max_length=80), AfterValidator(_lower_words)]

#: a single word
Word = Annotated[str, StringConstraints(pattern=_WORD, max_length=60)]

#: the city's channels, as `POST /v1/mentions` names them
Channel = Literal[
    "x", "instagram", "facebook", "whatsapp", "telegram", "email", "web", "mastodon", "open311"
]


class LocalText(PackModel):
    """The same text in Indonesian and English."""

    id: Text
    en: Text


class Versioned(PackModel):
    """Something with a life in the world and a day on which we could have known it."""

    #: first day on which it holds
    effective_from: date
    #: last day on which it holds; absent while it holds
    effective_to: date | None = None
    #: first day on which anybody here could know this version
    known_from: date
    #: false while it rests on press, slides or general knowledge
    confirmed: bool
    #: where it comes from
    source: Text
