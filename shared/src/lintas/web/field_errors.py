"""What pydantic found wrong, told without any of the input."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from lintas.vocabulary.errors import FieldError, Invalid

#: more than a person reads, and fewer than an attacker wants computed
MOST = 100
SHOWN = 20

#: a name worth showing; anything else in a pointer might be somebody's data
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
#: which of several shapes was tried: no step of the body's own
_SHAPE = re.compile(r"<[a-z]{1,20}>")
_PARTS = {"query": "#/query", "header": "#/header", "path": "#/path", "cookie": "#/cookie"}

#: pydantic messages that hold limits and names of ours only
_SAFE = frozenset(
    {
        "enum",
        "finite_number",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "literal_error",
        "multiple_of",
        "string_pattern_mismatch",
        "string_too_long",
        "string_too_short",
        "too_long",
        "too_short",
    }
)
_EXPECTED = {
    "bool_type": "true or false",
    "date_parsing": "a date (YYYY-MM-DD)",
    "date_type": "a date (YYYY-MM-DD)",
    "dict_type": "an object",
    "extra_forbidden": "no such field",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "missing": "this field is required",
    "model_type": "an object",
    "string_type": "text",
    "tuple_type": "a list",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
}
_OF_PYDANTIC = frozenset(get_args(ErrorType))


def invalid(error: ValidationError) -> Invalid:
    """The refusal for a body that does not fit its model."""
    if error.error_count() > MOST:
        return Invalid(f"The body has more than {MOST} problems.")
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return invalid_fields([field_error(problem) for problem in found])


def invalid_fields(errors: Sequence[FieldError]) -> Invalid:
    """The refusal that names fields; a long list is cut."""
    number = len(errors)
    detail = (
        "One field is not as expected." if number == 1 else f"{number} fields are not as expected."
    )
    return Invalid(detail, errors[:SHOWN])


def field_error(problem: Mapping[str, Any], *, part: str = "") -> FieldError:
    """One pydantic error as a pointer, a code and what was expected."""
    kind = str(problem["type"])
    if kind in _SAFE or kind not in _OF_PYDANTIC:
        # what is not pydantic's own was raised by a validator of ours, which shows no input
        expected = str(problem["msg"])
    else:
        expected = _EXPECTED.get(kind, "a valid value")
    return FieldError(part + pointer(problem["loc"]), kind, expected)


def pointer(location: Sequence[int | str]) -> str:
    """The JSON Pointer (RFC 6901) of a place; it ends before a name that came from outside."""
    steps = []
    for step in location:
        text = str(step)
        if _SHAPE.fullmatch(text):
            continue
        if isinstance(step, str) and not _NAME.fullmatch(text):
            break
        steps.append(f"/{text}")
    return "".join(steps)


def parameter_error(problem: Mapping[str, Any]) -> FieldError:
    """A FastAPI error, whose place begins with query, header, path, cookie or body."""
    part, *rest = problem["loc"] or ("body",)
    return field_error({**problem, "loc": rest}, part=_PARTS.get(str(part), ""))
