"""One answer, written as XML or as JSON, by the Spark convention.

A value is built once, of dicts, lists, text, numbers, truth and None. In XML a list is an element
named in the plural around elements named in the singular; in JSON it is an array, always, and the
outermost name is left out. Nothing is an empty element, or null.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import orjson
from lxml import etree
from starlette.responses import Response

Value = str | int | float | bool | None | Mapping[str, "Value"] | Sequence["Value"]

#: what each list's elements are called in XML
SINGULAR: Mapping[str, str] = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "photos": "photo",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
#: what XML 1.0 cannot hold, and carriage returns, which it would change
_UNFIT = re.compile(
    "[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
)


class Form(StrEnum):
    """In which of the two a path asks to be answered, by its suffix."""

    XML = "xml"
    JSON = "json"


_TYPES: Mapping[Form, str] = {Form.XML: "text/xml", Form.JSON: "application/json"}
_CHARSET = "; charset=utf-8"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def answer(
    form: Form,
    root: str,
    value: Value,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    name_charset: bool = True,
) -> Response:
    """The response that holds `value`, called `root`."""
    fitting = fit(value)
    content = as_xml(root, fitting) if form is Form.XML else orjson.dumps(fitting)
    content_type = _TYPES[form] + (_CHARSET if name_charset else "")
    return Response(content, status, {**(headers or {}), "Content-Type": content_type})


def as_xml(root: str, value: Value) -> bytes:
    """The document, with its declaration."""
    return DECLARATION + element(root, value)


def element(name: str, value: Value) -> bytes:
    """One element of a document."""
    made = etree.Element(name)
    _fill(made, name, value)
    return etree.tostring(made, encoding="UTF-8", xml_declaration=False)


def _fill(element: etree._Element, name: str, value: Value) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _fill(etree.SubElement(element, key), key, inner)
    elif isinstance(value, list | tuple):
        singular = SINGULAR[name]
        for inner in value:
            _fill(etree.SubElement(element, singular), singular, inner)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(value)


def fit(value: Value) -> Value:
    """`value` as both can hold it alike: no control characters, and no empty text."""
    if isinstance(value, str):
        return _UNFIT.sub("", value.replace("\r\n", "\n").replace("\r", "\n")) or None
    if isinstance(value, Mapping):
        return {key: fit(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [fit(inner) for inner in value]
    return value
