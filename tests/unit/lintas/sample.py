"""A service to ask, and whoever asks it."""

from typing import Any

import httpx2
from fastapi import APIRouter, FastAPI

from lintas.web import create_service


def service(*routers: APIRouter, **options: Any) -> FastAPI:
    """A service of these routers."""
    return create_service(name="sample", title="Sample", routers=routers, **options)


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    """Asks it without a socket."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://sample")
