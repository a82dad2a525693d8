"""Building blocks of request models: nothing is coerced, nothing unknown is ignored."""

import re
import time
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

#: C0, C1, zero-width and direction controls; joiners stay, as emoji and scripts need them
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: only a long run of such characters can hold many combining marks
_LONG_RUN = re.compile("[^\x00-\u02ff]{31,}")
_MOST_MARKS = 30
_JOINER = "\u034f"
_DAY_S = 86_400
_YEAR_S = 365.25 * _DAY_S
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class Strict(BaseModel):
    """Base of every request model: exact types, no unknown field, no NaN, frozen."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        frozen=True,
        hide_input_in_errors=True,
    )


@dataclass(frozen=True, slots=True)
class Prose:
    """Text as people write it, lines and all, in NFC; no NUL and no lone surrogates.

    Lengths are those of the text as it was sent.
    """

    most: int
    least: int = 1

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            self._clean,
            core_schema.str_schema(strict=True, min_length=self.least, max_length=self.most),
        )

    def _clean(self, text: str) -> str:
        _refuse_nul(text)
        if not text.isascii():
            text = normal(text)
        if self.least and (not text or text.isspace()):
            raise PydanticCustomError("blank_text", "text that is not blank")
        return text


@dataclass(frozen=True, slots=True)
class Display(Prose):
    """Text on one line, to be shown as it is: control characters but NUL are taken out.

    NUL is refused here as anywhere: nobody types it, and a database that refuses it comes later.
    """

    def _clean(self, text: str) -> str:
        _refuse_nul(text)
        if not text.isascii():
            text = _CONTROLS.sub("", normal(text))
        elif not text.isprintable():
            text = _CONTROLS.sub("", text)
        text = text.strip()
        if len(text) < self.least:
            raise PydanticCustomError("blank_text", "text that is not blank")
        return text


@dataclass(frozen=True, slots=True)
class Within:
    """A time with its offset (RFC 3339), in UTC afterwards, not absurdly far from now."""

    years_back: int = 100
    days_ahead: int = 1

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._moment)

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}

    def _moment(self, value: Any) -> datetime:
        moment = _in_utc(value)
        if moment is None:
            raise PydanticCustomError(
                "time_format", "a time with its offset, as 2026-01-31T08:00:00+07:00"
            )
        age_s = time.time() - moment.timestamp()
        if not -self.days_ahead * _DAY_S <= age_s <= self.years_back * _YEAR_S:
            span = (
                "a time in the plausible past" if self.years_back else "a time to come, not too far"
            )
            raise PydanticCustomError("time_out_of_range", span)
        return moment


def _refuse_nul(text: str) -> None:
    if "\x00" in text:
        raise PydanticCustomError("nul_character", "text without NUL characters")


def normal(text: str) -> str:
    """`text` in NFC, at most 30 combining marks in a row (UAX #15, stream-safe format).

    Without that bound, ten thousand marks after one letter cost 75 ms to sort.
    """
    if _SURROGATE.search(text):
        raise PydanticCustomError("lone_surrogate", "text without lone surrogates")
    return unicodedata.normalize("NFC", _LONG_RUN.sub(_stream_safe, text))


def _stream_safe(run: re.Match[str]) -> str:
    parts, marks = [], 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            parts.append(_JOINER)
            marks = 1
        parts.append(character)
    return "".join(parts)


def _in_utc(value: Any) -> datetime | None:
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            value = datetime.fromisoformat(value.upper())
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        # a day the calendar lacks, or a moment before the year 1 in UTC
        return None
    return None


#: up to 10,000 characters as people write them
Text = Annotated[str, Prose(10_000)]
#: up to 200 characters on one line, without control characters
ShortText = Annotated[str, Display(200)]
#: what a PostgreSQL integer holds
Int4 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
#: what a PostgreSQL bigint holds
Int8 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
#: from zero to what a PostgreSQL integer holds
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
#: within the last hundred years or the next day, in UTC
Moment = Annotated[datetime, Within()]
