"""What comes in: forms in both encodings, and queries, where empty is absent."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from ingest.domain.open311 import moments
from ingest.domain.open311.posts import Upload
from ingest.domain.open311.services import UNSORTED
from lintas.vocabulary.errors import FieldError, Invalid, Malformed
from lintas.web import MIB, Display, Prose, invalid

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
MOST_FIELDS = 200
MOST_FILES = 10
#: of one field that is no file
_LONGEST_FIELD = MIB
_ATTRIBUTE = re.compile(r"attribute\[([\w-]{1,60})\](\[\])?")
#: may stand in the query as well
_ABOUT_THE_CALL = frozenset({"api_key", "jurisdiction_id"})
#: controls that are no line breaks
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: every value that is not empty, by its field's name, in order."""

    values: Mapping[str, Sequence[str]]
    uploads: Sequence[Upload] = ()

    def answers(self) -> dict[str, list[str]]:
        """The answers to attributes, each once, by code."""
        found: dict[str, list[str]] = {}
        for name, values in self.values.items():
            match = _ATTRIBUTE.fullmatch(name)
            if match:
                found.setdefault(match[1], []).extend(value.strip() for value in values)
        return {code: [*dict.fromkeys(values)] for code, values in found.items()}

    def identity(self) -> bytes:
        """What two posts of one client have in common if one repeats the other, however sent."""
        parts = [
            f"{name}\x1f{value}\x1e"
            for name in sorted(self.values)
            if name not in _ABOUT_THE_CALL
            for value in dict.fromkeys(self.values[name])
        ]
        return "".join(parts).encode() + b"".join(one.content for one in self.uploads)


async def sent(request: Request) -> Sent:
    """The form of a request, merged with what its query says of key and jurisdiction.

    Raises Malformed for a body that is none of the two encodings, or not UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    uploads: list[Upload] = []
    if kind == URLENCODED:
        pairs = _pairs(await request.body())
    elif kind == MULTIPART:
        pairs, uploads = await _parts(request)
    else:
        raise Malformed(f"The body must be {URLENCODED} or {MULTIPART}.")
    pairs += [
        (name, value) for name, value in request.query_params.items() if name in _ABOUT_THE_CALL
    ]
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            if _SURROGATE.search(value):
                raise Malformed("The body must be UTF-8.")
            values.setdefault(name, []).append(value)
    return Sent(values, uploads)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError:
        raise Malformed("The body must be UTF-8.") from None
    except ValueError:
        raise Malformed(f"At most {MOST_FIELDS} fields are read.") from None


async def _parts(request: Request) -> tuple[list[tuple[str, str]], list[Upload]]:
    pairs: list[tuple[str, str]] = []
    uploads: list[Upload] = []
    parts = request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=_LONGEST_FIELD)
    async with parts as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                if content:
                    uploads.append(Upload(content, value.content_type, value.filename))
            else:
                pairs.append((name, value))
    return pairs, uploads


class _Lax(BaseModel):
    """Text from a form or a query; fields that nobody knows are passed over."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def _moment(value: object) -> datetime:
    moment = moments.read(value) if isinstance(value, str) else None
    if moment is None:
        raise PydanticCustomError("time_format", "a time with its zone, as 2026-01-31T08:00:00Z")
    return moment


def _comma_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value  # fmt: skip


def _plain_lines(value: str) -> str:
    return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def _dash_is_nothing(value: str | None) -> str | None:
    return None if value == "-" else value


Code = Annotated[str, Field(pattern=r"^[\w-]+$", max_length=60)]
Name = Annotated[Annotated[str, Display(200)] | None, AfterValidator(_dash_is_nothing)]
Story = Annotated[str, Prose(4_000), AfterValidator(_plain_lines)]
W3C = Annotated[datetime, BeforeValidator(_moment)]
Coordinate = Annotated[float, Field(strict=False)]
Link = Annotated[str, Field(max_length=2_000, pattern=r"^https?://[!-~]+$")]
Id = Annotated[str, Field(max_length=100, pattern=r"^[!-~]+$")]
Flag = Annotated[bool, Field(strict=False)]


class Person(_Lax):
    """Who posts, as far as the form tells; never shown."""

    email: Annotated[Annotated[str, Display(254)] | None, AfterValidator(_dash_is_nothing)] = None
    first_name: Name = None
    last_name: Name = None
    phone: Annotated[Annotated[str, Display(40)] | None, AfterValidator(_dash_is_nothing)] = None
    account_id: Id | None = None
    device_id: Id | None = None
    #: as one client writes it
    deviceid: Id | None = None

    @property
    def name(self) -> str | None:
        """First and last name."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


class RequestForm(Person):
    """A new request."""

    service_code: Code
    lat: Annotated[Coordinate, Field(ge=-90, le=90)] | None = None
    long: Annotated[Coordinate, Field(ge=-180, le=180)] | None = None
    address_string: Annotated[str, Display(500)] | None = None
    address_id: Annotated[str, Display(200)] | None = None
    title: Annotated[str, Display(500)] | None = None
    description: Story | None = None
    media_url: Annotated[tuple[Link, ...], Field(max_length=MOST_FILES)] = ()
    #: 1 or true: the complaint is secret
    non_public: Flag = False


class UpdateForm(Person):
    """More about a request, as the updates extension posts it."""

    service_request_id: Id
    update_id: Id
    status: Annotated[str, Field(pattern=r"^[A-Z_]{1,40}$")]
    updated_datetime: W3C
    title: Annotated[str, Display(500)] | None = None
    description: Story
    media_url: Annotated[tuple[Link, ...], Field(max_length=MOST_FILES)] = ()


class Asked(_Lax):
    """What every call may say."""

    jurisdiction_id: Annotated[str, Display(253)] | None = None


class Filters(Asked):
    """Which requests are wanted, by what they are."""

    service_code: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] | None = None
    status: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] | None = None
    start_date: W3C | None = None
    end_date: W3C | None = None

    @property
    def categories(self) -> tuple[str | None, ...] | None:
        """The codes asked for, if any; None stands for requests without a category."""
        if self.service_code is None:
            return None
        return tuple(None if code == UNSORTED else code for code in self.service_code)

    @property
    def open_or_closed(self) -> frozenset[str]:
        """The two words, or both where nothing is said."""
        given = frozenset(self.status or ("open", "closed"))
        if given - {"open", "closed"}:
            raise Invalid("", [FieldError("#/query/status", "unknown", "open, closed, or both")])
        return given


class RequestsAsked(Filters):
    """Which requests are wanted, a page at a time."""

    #: overrides every other filter
    service_request_id: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1)] = 1_000
    extensions: Flag = False


class UpdatesAsked(Asked):
    """Which updates are wanted."""

    start_date: W3C | None = None
    end_date: W3C | None = None


_SEVERAL = frozenset({"media_url"})


def of_form(model: type[Model], form: Sent) -> Model:
    """The form as a model; Invalid names every field that is not as expected.

    A field may be repeated, as some clients do, but not say two things.
    """
    twice = [
        FieldError(f"/{name}", "given_twice", "one value")
        for name in model.model_fields
        if name not in _SEVERAL and len(set(form.values.get(name, ()))) > 1
    ]
    if twice:
        raise Invalid("Fields are given twice.", twice)
    return _read(
        model,
        {
            name: tuple(values) if name in _SEVERAL else values[0]
            for name, values in form.values.items()
            if name in model.model_fields
        },
    )


def of_query(model: type[Model], query: Iterable[tuple[str, str]]) -> Model:
    """The query as a model; Invalid names every parameter that is not as expected."""
    return _read(model, {name: value for name, value in query if value.strip()})


def _read(model: type[Model], values: Mapping[str, object]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None
