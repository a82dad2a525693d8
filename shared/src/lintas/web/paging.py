"""Lists in pages: signed cursors, bound to what was asked and by whom."""

import base64
import hmac
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.datastructures import URL
from starlette.requests import Request

from lintas.vocabulary.errors import Malformed

MOST = 200
_MAC_BYTES = 16
_LONGEST = 1024


def _digits(value: object) -> object:
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("int_parsing", "a whole number from 1 to 200")
    return value


#: how many items a page has: `limit: Limit = 50`
Limit = Annotated[int, BeforeValidator(_digits), Query(ge=1, le=MOST)]

#: the place of the last item of a page in the order of its list
Position = tuple[str | int, ...]


class Cursors:
    """Opaque cursors that nobody can make up or carry over to another list or agency."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, position: Sequence[str | int], *, scope: str) -> str:
        """The cursor of a position in the list `scope` names: agency, filter and order."""
        place = json.dumps(list(position), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(place, scope) + place).rstrip(b"=").decode()

    def read(self, cursor: str, *, scope: str) -> Position:
        """The position of a cursor; Malformed if it is not ours or of another list."""
        padded = cursor[:_LONGEST].encode() + b"=" * (-len(cursor) % 4)
        position: list[Any] = []
        try:
            position = json.loads(base64.urlsafe_b64decode(padded)[_MAC_BYTES:])
            # signed again and compared as a whole: one position has one accepted spelling
            genuine = hmac.compare_digest(
                self.sign(position, scope=scope).encode(), cursor.encode()
            )
        except (ValueError, TypeError, RecursionError):
            genuine = False
        if not genuine:
            raise Malformed("The cursor is not valid for this list.")
        return tuple(position)

    def _mac(self, place: bytes, scope: str) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\x00" + place, "sha256")[:_MAC_BYTES]


def next_address(request: Request, cursor: str, limit: int) -> str:
    """Where the next page is, with the same filter."""
    url = URL(scope=request.scope).include_query_params(cursor=cursor, limit=limit)
    return f"{url.path}?{url.query}"


def next_link(request: Request, cursor: str, limit: int) -> str:
    """The `Link` header (RFC 8288) that leads there."""
    return f'<{next_address(request, cursor, limit)}>; rel="next"'
