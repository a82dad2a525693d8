"""Where platforms hand over what people said on our accounts there."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ingest.domain.errors import Unsigned
from ingest.usecases.deps import Deps
from ingest.usecases.receiving import receive
from lintas.telemetry import count
from lintas.web import allow, signed

_PATH = "/v1/webhooks/{channel}/{account}"


def router(deps: Deps) -> APIRouter:
    """`GET|POST /v1/webhooks/{channel}/{account}`."""
    routes = APIRouter(tags=["webhooks"])

    @routes.get(_PATH, dependencies=[allow(signed)])
    async def greet(channel: str, account: str, request: Request) -> Response:
        """Answer a platform's handshake; needs neither Kafka nor the database."""
        greeting = deps.accounts.webhook(channel, account).greet(request.query_params)
        return Response(greeting.content, media_type=greeting.media_type)

    @routes.post(_PATH, dependencies=[allow(signed)])
    async def take(channel: str, account: str, request: Request) -> Response:
        """Keep what a platform tells; 200 once it is durable, also where we cannot read it.

        503 says that nothing is known to be kept, and that the same delivery may come again.
        """
        ours = deps.accounts.webhook(channel, account)
        headers = request.headers
        # a flood of what nobody signed is refused for the price of its headers
        if not ours.may_be_genuine(headers) or not ours.is_genuine(
            headers, body := await request.body()
        ):
            count("lintas_webhooks_total", channel=channel, outcome="refused")
            raise Unsigned
        await receive(deps, ours, body)
        return Response(status_code=200)

    return routes
