"""The citizen's way back: what became of a ticket."""

from fastapi import APIRouter

from ingest.domain.links import Links
from ingest.domain.words import STATUS_TEXT
from ingest.schemas import AnswerOut, ComplaintOut, LinkSecret
from ingest.usecases.deps import Deps
from ingest.usecases.tracking import TicketView, track
from lintas.web import allow, public


def router(deps: Deps) -> APIRouter:
    """`GET /v1/complaints/{ticket}`."""
    routes = APIRouter(tags=["complaints"])

    @routes.get(
        "/v1/complaints/{ticket}",
        dependencies=[allow(public)],
    )
    async def status(ticket: str, secret: LinkSecret = None) -> ComplaintOut:
        """The public side of a complaint; with the link's secret the reporter's text as well."""
        return _out(await track(deps.work, deps.vault, ticket, secret), deps.links)

    return routes


def _out(view: TicketView, links: Links) -> ComplaintOut:
    return ComplaintOut(
        ticket=view.ticket,
        status=view.status,
        status_text=dict(STATUS_TEXT[view.status]),
        received_at=view.received_at,
        promised_at=view.promised_at,
        updated_at=view.updated_at,
        answers=tuple(
            AnswerOut(
                statement_id=answer.statement_id,
                version=answer.version,
                url=links.statement(answer.statement_id),
                published_at=answer.published_at,
            )
            for answer in view.answers
        ),
        text=view.own.text if view.own else None,
    )
