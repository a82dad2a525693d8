"""The OpenAPI document and the page that shows it, without a request to anybody else."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import HTMLResponse, JSONResponse, Response

from lintas.web.policies import Policy, allow, flatten, public
from lintas.web.problems import MEDIA_TYPE
from lintas.web.reading import JSON, JsonBody

ASSETS = Path(__file__).parent / "static" / "swagger-ui"
ASSETS_PATH = "/docs/assets"

#: Swagger UI sets styles from script and shows its icons as data: addresses
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>
</body>
</html>
"""
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "state": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
}
_REFUSED = {
    "description": "A refusal (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Service(FastAPI):
    """A FastAPI application whose OpenAPI document tells the whole truth."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document: bodies, problems and policies included. Built once."""
        if self.openapi_schema is None:
            self.openapi_schema = _complete(self)
        return self.openapi_schema


def documentation(app: FastAPI) -> APIRouter:
    """The routes `/openapi.json` and `/docs`."""
    router = APIRouter(dependencies=[allow(public)], include_in_schema=False)

    @router.get("/openapi.json")
    async def document() -> Response:
        return JSONResponse(app.openapi())

    @router.get("/docs")
    async def page() -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _CSP})

    return router


def _complete(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = schema.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute) or not context.include_in_schema:
            continue
        for method in context.methods or ():
            operation = schema["paths"][context.path_format][method.lower()]
            for dependant in flatten(context.dependant):
                _describe(operation, dependant.call, schemas)
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _REFUSED
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return schema


def _describe(operation: dict[str, Any], call: Any, schemas: dict[str, Any]) -> None:
    if isinstance(call, Policy):
        operation["x-policy"] = call.text
        if call.needs_principal:
            operation["security"] = [{"bearer": []}]
    if isinstance(call, JsonBody):
        body = call.model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(body.pop("$defs", {}))
        schemas[call.model.__name__] = body
        reference = {"$ref": f"#/components/schemas/{call.model.__name__}"}
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": reference}}}
