import asyncio
from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from agency_gateway.api.asking import UseCases
from agency_gateway.domain.past import Fate
from agency_gateway.schemas.history import HistoryOut, PastIn
from lintas.auth import Principal, Scope
from lintas.vocabulary.errors import DomainError, FieldError, Invalid
from lintas.web import LINES, parse_lines, require, require_content_type

router = APIRouter(tags=["history"])

HISTORY_PATH = "/v1/history"
MOST_LINES = 5_000
#: lines of one transaction, so that agencies at work are not kept waiting
_LOT = 500


@router.post(
    HISTORY_PATH,
    response_model=HistoryOut,
    openapi_extra={"requestBody": {"required": True, "content": {LINES: {}}}},
)
async def tell(
    request: Request, _who: Annotated[Principal, require(Scope.HISTORY_WRITE)], use: UseCases
) -> Response:
    """Tell the past of imported complaints, one JSON text a line; a bad line fails alone.

    A complaint opens once its mention and its past are both here. The same past again changes
    nothing, so after a 503 the whole body may be sent again.
    """
    require_content_type(request, LINES)
    lines = await asyncio.to_thread(_read, await request.body())
    rejected = [(number, _errors(read)) for number, read in lines if isinstance(read, Invalid)]
    taken = [(number, read.past()) for number, read in lines if isinstance(read, PastIn)]
    results = []
    for start in range(0, len(taken), _LOT):
        lot = taken[start : start + _LOT]
        recounted = await use.imports.tell([past for _, past in lot])
        for (number, _), one in zip(lot, recounted, strict=True):
            if isinstance(one.outcome, Fate):
                results.append(_result(number, one.past.complaint_id, one.outcome))
            else:
                rejected.append((number, _errors(one.outcome)))
    answer = {
        "accepted": len(results),
        "results": results,
        "rejected": [{"line": number, "errors": errors} for number, errors in sorted(rejected)],
    }
    # straight to bytes: the models describe the shape, and need not check what we built
    return Response(orjson.dumps(answer), media_type="application/json")


def _read(body: bytes) -> list[tuple[int, PastIn | Invalid]]:
    lines = [*parse_lines(body, PastIn, most=MOST_LINES)]
    if not lines:
        raise Invalid("At least one line is expected.")
    return lines


def _result(line: int, complaint: object, outcome: Fate) -> dict[str, object]:
    return {"line": line, "complaint_id": complaint, "outcome": outcome}


def _errors(refusal: DomainError) -> Sequence[FieldError]:
    if isinstance(refusal, Invalid) and refusal.errors:
        return refusal.errors
    return [FieldError("", refusal.code, refusal.detail)]
