"""Reading Open311 answers independently of how they are written."""

from typing import Any

from lxml import etree

LISTS = frozenset(
    {
        "services", "attributes", "values", "service_requests", "service_request_updates",
        "errors", "endpoints", "formats", "notes", "photos",
    }
)  # fmt: skip


def spark(document: bytes) -> Any:
    """XML as JSON by the convention, read by the names alone."""
    assert document.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    return _spark(etree.fromstring(document))


def _spark(element: Any) -> Any:
    if element.tag in LISTS:
        return [_spark(child) for child in element]
    if len(element):
        return {child.tag: _spark(child) for child in element}
    return element.text


def as_text(value: Any) -> Any:
    """JSON with every scalar as XML says it."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
