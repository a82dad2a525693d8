"""What distinguishes two versions of the rules, for people; works without scripts."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lintas.auth import Principal, Scope
from lintas.web import Pages, require
from router.pages.words import WORDS
from router.usecases.publishing import Publishing

_TEMPLATES = Path(__file__).parent.parent / "templates"


def routes(publishing: Publishing) -> APIRouter:
    """`/aturan/{version}/perubahan`."""
    router = APIRouter(tags=["pages"])
    pages = Pages(_TEMPLATES, WORDS)

    @router.get("/aturan/{version}/perubahan", response_class=HTMLResponse)
    async def changes(
        _who: Annotated[Principal, require(Scope.RULES_WRITE)],
        request: Request,
        version: str,
        terhadap: Annotated[str, Query(max_length=64)],
    ) -> Response:
        """What turns the rules of version `terhadap` into those of `version`."""
        found = await publishing.compare(version, terhadap)
        return pages.render(
            request,
            "differences.html",
            version=version,
            against=terhadap,
            found=found,
            counts=Counter((one.section, one.kind.value) for one in found.entries),
            written=_written,
        )

    return router


def _written(value: Any) -> str:
    """A value of a document as people read it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
