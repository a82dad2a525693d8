"""The citizen's way back: what became of a ticket."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from ingest.domain.links import Links
from ingest.domain.words import STATUS_TEXT
from ingest.schemas.complaints import AnswerOut, ComplaintOut, FeedbackIn, FeedbackOut, LinkSecret
from ingest.usecases.deps import Deps
from ingest.usecases.tracking import TicketView, track
from lintas.web import allow, json_body, public


def router(deps: Deps) -> APIRouter:
    """`GET /v1/complaints/{ticket}`, and what its reporter does there."""
    routes = APIRouter(tags=["complaints"])

    @routes.get(
        "/v1/complaints/{ticket}",
        dependencies=[allow(public)],
    )
    async def status(ticket: str, secret: LinkSecret = None) -> ComplaintOut:
        """The public side of a complaint; with the link's secret the reporter's text as well."""
        return _out(await track(deps.work, deps.vault, ticket, secret), deps.links)

    @routes.post("/v1/complaints/{ticket}/feedback", dependencies=[allow(public)])
    async def feedback(
        ticket: str,
        opinion: Annotated[FeedbackIn, json_body(FeedbackIn)],
        secret: LinkSecret = None,
    ) -> FeedbackOut:
        """Say whether it is solved and rate the answer, with the link's secret; again changes it."""
        kept = await deps.feedback.give(
            ticket, secret, solved=opinion.solved, rating=opinion.rating
        )
        return FeedbackOut(ticket=kept.ticket, solved=kept.solved, rating=kept.rating)

    @routes.post(
        "/v1/complaints/{ticket}/withdrawal", dependencies=[allow(public)], status_code=204
    )
    async def withdrawal(ticket: str, secret: LinkSecret = None) -> Response:
        """Take the complaint back, with the link's secret: its texts are not shown any more."""
        await deps.feedback.take_back(ticket, secret)
        return Response(status_code=204)

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
