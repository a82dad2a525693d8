"""All requests as one download, written piece by piece in the three forms of the bulk draft."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ingest.api.open311.rendering import DECLARATION, Value, element, fit
from ingest.api.open311.shapes import Shapes
from ingest.domain.open311.requests import Request

#: requests held at once
PAGE = 500
FIELDS = (
    "service_request_id", "requested_datetime", "updated_datetime", "closed_date",
    "status_description", "status_notes", "source", "service_name", "service_subtype",
    "description", "agency_responsible", "address", "lat", "long",
)  # fmt: skip
#: a spreadsheet takes a cell that begins so for a formula, also behind blanks and in full width
_FORMULA = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class BulkForm:
    """One way to write them."""

    content_type: str
    head: bytes
    write: Callable[[Mapping[str, Value]], bytes]
    between: bytes = b""
    tail: bytes = b""

    async def pieces(
        self,
        told: Shapes,
        first: Sequence[Request],
        rest: AsyncIterator[Sequence[Request]],
    ) -> AsyncIterator[bytes]:
        """The download; if a page cannot be read, it breaks off and the connection with it."""
        yield self.head
        yield self._page(told, first)
        async for page in rest:
            if page:
                yield self.between + self._page(told, page)
        yield self.tail

    def _page(self, told: Shapes, page: Sequence[Request]) -> bytes:
        return self.between.join(self.write(_fitting(told.bulk(request))) for request in page)


def _fitting(shape: Mapping[str, Value]) -> Mapping[str, Value]:
    return {name: fit(value) for name, value in shape.items()}


def _row(cells: Iterable[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue().encode()


def _cell(value: Value) -> str:
    """A value as text that no spreadsheet runs; a number below nought stays one."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_FORMULA):
        return f"'{value}"
    return str(value)


FORMS: Mapping[str, BulkForm] = {
    "csv": BulkForm(
        "text/csv; charset=utf-8",
        _row(FIELDS),
        lambda shape: _row(_cell(shape[name]) for name in FIELDS),
    ),
    "xml": BulkForm(
        "text/xml; charset=utf-8",
        DECLARATION + b"<service_requests>",
        lambda shape: element("request", shape),
        tail=b"</service_requests>",
    ),
    "json": BulkForm("application/json; charset=utf-8", b"[", orjson.dumps, b",", b"]"),
}
