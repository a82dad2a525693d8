"""JSON bodies: bytes in, a model out; what pydantic lets pass is refused here.

pydantic reads the bytes directly. Alone it would accept repeated keys (the last one wins) and any
depth inside free-form fields, so a second, cheap look follows: if the tree holds as many keys as
the text has `":`, none was repeated. Only where that does not hold, or something was refused, does
the slower standard library look closely and name the reason.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import orjson
from fastapi import Depends
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from lintas.vocabulary.errors import FieldError, Invalid, Malformed, UnsupportedMediaType
from lintas.web.field_errors import MOST, invalid, invalid_fields, pointer

Model = TypeVar("Model", bound=BaseModel)

JSON = "application/json"
LINES = "application/x-ndjson"
DEEPEST = 32
#: what a double holds
LONGEST_NUMBER = 308
#: lists and objects in one body; a megabyte of `[],` would hold the loop for most of a second
MOST_VALUES = 100_000

#: every colon after a key matches; inside text only an escaped quote before a colon does
_KEY = re.compile(rb'"\s*:')
_SURROGATE = re.compile("[\ud800-\udfff]")


async def read_json(request: Request, model: type[Model]) -> Model:
    """The body as `model`; Invalid (422), Malformed (400) or UnsupportedMediaType (415)."""
    require_content_type(request, JSON)
    return parse_json(await request.body(), model)


def json_body(model: type[Model]) -> Any:
    """Marks a parameter as the body: `Annotated[MentionIn, <this>]`; what it reads is validated."""
    return Depends(JsonBody(model))


class JsonBody:
    """A dependency that reads the body; the OpenAPI document shows its model."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> BaseModel:
        """Read the body of one request."""
        return await read_json(request, self.model)


def require_content_type(request: Request, wanted: str) -> None:
    """Refuse any other content type, any content coding and any charset but UTF-8 (415)."""
    given = request.headers.get("content-type", "")
    if given != wanted:
        kind, *parameters = [part.strip().lower() for part in given.split(";")]
        charsets = [text for text in parameters if text.startswith("charset=")]
        if kind != wanted or not {text[8:].strip('"') for text in charsets} <= {"utf-8", "utf8"}:
            raise UnsupportedMediaType(f"The content type must be {wanted}, in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed.")


def parse_json(data: bytes, model: type[Model]) -> Model:
    """One JSON text as `model`; Invalid or Malformed name what is wrong, never what was sent."""
    if data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise Malformed(f"The body has more than {MOST_VALUES} lists and objects.")
    try:
        parsed = model.model_validate_json(data)
    except ValidationError as error:
        found = error
    else:
        if not _is_plain(data):
            _examine(data)
        return parsed
    lone = [*islice(_lone_surrogates(_examine(data), ()), MOST)]
    raise invalid_fields(lone) if lone else invalid(found)


def parse_tree(data: bytes) -> Any:
    """One JSON text of another system as plain values; halves of characters become U+FFFD.

    Raises:
        Invalid: no JSON, nested too deep, a key given twice, not UTF-8; never what was sent.
    """
    if data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise Malformed(f"The body has more than {MOST_VALUES} lists and objects.")
    try:
        tree = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _mended(_examine(data))
    # the count of keys finds one that was given twice
    return tree if len(_KEY.findall(data)) == _count_keys(tree, 1) else _mended(_examine(data))


def parse_lines(
    data: bytes, model: type[Model], *, most: int
) -> Iterator[tuple[int, Model | Invalid]]:
    """Each line of an NDJSON body with its number from 1, as a model or as its refusal.

    Blank lines are passed over. More than `most` lines are Invalid before any is read.
    """
    lines = data.split(b"\n")
    if sum(1 for line in lines if line.strip()) > most:
        raise Invalid(f"At most {most} lines are read at once.")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, parse_json(line, model)
        except Invalid as refusal:
            yield number, refusal
        except UnsupportedMediaType as refusal:
            yield number, Malformed(refusal.detail)


def _is_plain(data: bytes) -> bool:
    try:
        return len(_KEY.findall(data)) == _count_keys(orjson.loads(data), 1)
    except orjson.JSONDecodeError:
        return False


def _count_keys(value: Any, depth: int) -> int:
    if depth > DEEPEST:
        raise Malformed(f"The body is nested deeper than {DEEPEST}.")
    children: Iterable[Any]
    if type(value) is dict:
        number, children = len(value), value.values()
    elif type(value) is list:
        number, children = 0, value
    else:
        return 0
    for child in children:
        if type(child) is dict or type(child) is list:
            number += _count_keys(child, depth + 1)
    return number


def _examine(data: bytes) -> Any:
    """The tree of a body that may still be of the wrong shape; Malformed if it has none."""
    if not data.strip():
        raise Invalid("A JSON object is expected, not an empty body.")
    encoding = json.detect_encoding(data)
    if encoding.startswith(("utf-16", "utf-32")):
        raise UnsupportedMediaType("The body must be UTF-8.")
    try:
        tree = json.loads(
            data.decode(),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except RecursionError:
        raise Malformed(f"The body is nested deeper than {DEEPEST}.") from None
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    except json.JSONDecodeError:
        raise Malformed("The body is not JSON (RFC 8259).") from None
    _refuse_depth(tree)
    return tree


def _refuse_depth(tree: Any) -> None:
    level = [[tree]]
    for _ in range(DEEPEST + 1):
        level = [
            list(child.values()) if isinstance(child, dict) else child
            for values in level
            for child in values
            if isinstance(child, list | dict)
        ]
        if not level:
            return
    raise Malformed(f"The body is nested deeper than {DEEPEST}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise Malformed("An object of the body has the same key twice.")
    return tree


def _refuse_constant(_text: str) -> Any:
    raise Malformed("NaN and Infinity are not JSON.")


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Malformed(f"A number of the body has more than {LONGEST_NUMBER} digits.")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number) or len(text) > LONGEST_NUMBER:
        raise Malformed("A number of the body is out of range.")
    return number


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(child) for key, child in value.items()}
    return [_mended(child) for child in value] if isinstance(value, list) else value


def _lone_surrogates(value: Any, place: tuple[int | str, ...]) -> Iterator[FieldError]:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            yield FieldError(pointer(place), "lone_surrogate", "text without lone surrogates")
        return
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _lone_surrogates(key, place)
            yield from _lone_surrogates(child, (*place, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _lone_surrogates(child, (*place, index))
