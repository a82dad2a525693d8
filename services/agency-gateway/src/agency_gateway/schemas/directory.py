"""The city's documents over HTTP."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from agency_gateway.domain.policies import Document
from agency_gateway.schemas.shapes import Shown
from lintas.web import Strict, Within

Kind = Literal["agency", "calendar", "policy", "category", "place", "city"]
#: how documents are named: codes, and numbers with dots for places
ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_Moment = Annotated[datetime, Within(years_back=200, days_ahead=36_600)]


def _storable(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The body, if every text in it can be kept."""
    waiting: list[Any] = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and _UNSTORABLE.search(value):
            raise PydanticCustomError("unstorable", "text without NUL and lone surrogates")
        if isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return body


class DocumentIn(Strict):
    """One version of a document."""

    version: Annotated[str, Field(pattern=ID)]
    effective_from: _Moment | None = None
    effective_to: _Moment | None = None
    known_from: _Moment
    body: Annotated[dict[str, JsonValue], AfterValidator(_storable)]

    def document(self, kind: str, id_: str) -> Document:
        """The same for the rules."""
        return Document(
            kind=kind,
            id=id_,
            version=self.version,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            known_from=self.known_from,
            body=self.body,
        )


class DocumentOut(Shown):
    """One version of a document."""

    kind: str
    id: str
    version: str
    effective_from: datetime | None
    effective_to: datetime | None
    known_from: datetime
    body: dict[str, Any]

    @classmethod
    def of(cls, document: Document) -> Self:
        """A document as it was published."""
        names = cls.model_fields.keys() - {"body"}
        values = {name: getattr(document, name) for name in names}
        return cls(**values, body=dict(document.body))


class DocumentsOut(Shown):
    """A page of documents in force."""

    items: tuple[DocumentOut, ...]
    has_more: bool
