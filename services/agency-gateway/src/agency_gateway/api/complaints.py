from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from agency_gateway.api.asking import ComplaintPath, UseCases, ask, respond, shown
from agency_gateway.domain.records import Attached, ComplaintRecord, Contribution, Note
from agency_gateway.schemas.complaints import (
    AssignIn,
    AuditOut,
    CloseIn,
    ComplaintOut,
    ContributionIn,
    ContributionOut,
    NoteIn,
    NoteOut,
    RejectIn,
    ReopenIn,
    ResolveIn,
    ReturnIn,
    TimelineFact,
    TimelineOut,
)
from agency_gateway.schemas.shapes import Nothing
from agency_gateway.usecases.asking import Answer, Asked
from agency_gateway.usecases.complaints.reading import details
from agency_gateway.usecases.sight import COORDINATOR
from lintas.auth import Principal, Scope
from lintas.net import Incoming
from lintas.web import etag, json_body, not_modified, require, require_person

router = APIRouter(tags=["complaints"])

_Reader = Annotated[Principal, require(Scope.QUEUE_READ)]
_Worker = Annotated[Principal, require(Scope.QUEUE_WRITE)]
_Officer = Annotated[Principal, require_person(scope=Scope.QUEUE_WRITE)]
_Coordinator = Annotated[Principal, require_person(COORDINATOR)]
_Name = Annotated[str, Path(max_length=64)]


class _Relayed(StreamingResponse):
    """A file on its way to one person; kept by nobody between, shown by no browser as a page."""

    def __init__(self, incoming: Incoming, file: Attached) -> None:
        self._incoming = incoming
        headers = {
            "Content-Length": str(file.size_bytes),
            "Content-Disposition": "attachment",
            "Cache-Control": "private, no-store",
        }
        super().__init__(incoming, 200, headers, file.media_type)

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Send it, and let go of ingest however that ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._incoming.close()


@router.get("/v1/complaints/{complaint}", response_model=ComplaintOut)
async def read(request: Request, who: _Reader, use: UseCases, complaint: ComplaintPath) -> Response:
    """A complaint by id or ticket."""
    answer = _complaint(await use.reading.complaint(who, complaint))
    if not_modified(request, answer.headers["ETag"]):
        return Response(status_code=304, headers=dict(answer.headers))
    return respond(answer)


@router.get("/v1/complaints/{complaint}/timeline", response_model=TimelineOut)
async def timeline(who: _Reader, use: UseCases, complaint: ComplaintPath) -> Response:
    """What happened to it, in order."""
    facts = await use.reading.timeline(who, complaint)
    items = tuple(
        TimelineFact(
            seq=fact.seq,
            type=fact.type,
            occurred_at=fact.occurred_at,
            recorded_at=fact.recorded_at,
            person_id=fact.person_id,
            details=details(fact),
        )
        for fact in facts
    )
    return respond(shown(TimelineOut(items=items)))


@router.get("/v1/complaints/{complaint}/media/{sha256}", response_class=Response)
async def media(who: _Reader, use: UseCases, complaint: ComplaintPath, sha256: _Name) -> Response:
    """A file that `said.media` names: as it is kept, to be downloaded; recorded at ingest.

    404 where the complaint shows no such file (any more), 410 where it was erased a moment ago, 503
    while ingest is away.
    """
    file, incoming = await use.files.open(who, complaint, sha256)
    return _Relayed(incoming, file)


@router.get("/v1/audit/{complaint}", response_model=AuditOut)
async def audit(who: _Reader, use: UseCases, complaint: ComplaintPath) -> Response:
    """Its history with every hash computed again."""
    proof = await use.reading.audit(who, complaint)
    return respond(shown(AuditOut.of(proof.complaint_id, proof.facts, proof.broken_at)))


@router.post("/v1/complaints/{complaint}/accept", response_model=ComplaintOut)
async def accept(
    request: Request,
    who: _Worker,
    use: UseCases,
    complaint: ComplaintPath,
    _nothing: Annotated[Nothing, json_body(Nothing)],
) -> Response:
    """Ours: the agency takes its share on."""
    return respond(await use.complaints.accept(await _change(request, who), complaint))


@router.post("/v1/complaints/{complaint}/return", response_model=ComplaintOut)
async def give_back(
    request: Request,
    who: _Worker,
    use: UseCases,
    complaint: ComplaintPath,
    said: Annotated[ReturnIn, json_body(ReturnIn)],
) -> Response:
    """Not ours: the router is asked again, or a coordinator decides."""
    asked = await _change(request, who)
    return respond(await use.complaints.give_back(asked, complaint, said.reason, said.note))


@router.post("/v1/complaints/{complaint}/assign", response_model=ComplaintOut)
async def assign(
    request: Request,
    who: _Coordinator,
    use: UseCases,
    complaint: ComplaintPath,
    wanted: Annotated[AssignIn, json_body(AssignIn)],
) -> Response:
    """A coordinator decides who has it."""
    asked = await _change(request, who)
    return respond(await use.complaints.assign(asked, complaint, wanted.order()))


@router.post("/v1/complaints/{complaint}/no-action", response_model=ComplaintOut)
async def dismiss(
    request: Request,
    who: _Coordinator,
    use: UseCases,
    complaint: ComplaintPath,
    _nothing: Annotated[Nothing, json_body(Nothing)],
) -> Response:
    """No action is needed; assigning it takes that back."""
    return respond(await use.complaints.dismiss(await _change(request, who), complaint))


@router.post("/v1/complaints/{complaint}/reject", response_model=ComplaintOut)
async def reject(
    request: Request,
    who: _Coordinator,
    use: UseCases,
    complaint: ComplaintPath,
    said: Annotated[RejectIn, json_body(RejectIn)],
) -> Response:
    """The city is not competent."""
    asked = await _change(request, who)
    return respond(await use.complaints.reject(asked, complaint, said.reason, said.pointer))


@router.post(
    "/v1/complaints/{complaint}/contributions", response_model=ContributionOut, status_code=201
)
async def contribute(
    request: Request,
    who: _Officer,
    use: UseCases,
    complaint: ComplaintPath,
    given: Annotated[ContributionIn, json_body(ContributionIn)],
) -> Response:
    """A contributing agency's part."""
    asked = await ask(request, who, _contributed, needs_key=True)
    return respond(await use.complaints.contribute(asked, complaint, given.text))


@router.post("/v1/complaints/{complaint}/notes", response_model=NoteOut, status_code=201)
async def note(
    request: Request,
    who: _Officer,
    use: UseCases,
    complaint: ComplaintPath,
    written: Annotated[NoteIn, json_body(NoteIn)],
) -> Response:
    """An internal remark, for the own agency unless it is shared."""
    asked = await ask(request, who, _noted, needs_key=True)
    return respond(await use.complaints.note(asked, complaint, written.text, shared=written.shared))


@router.post("/v1/complaints/{complaint}/resolve", response_model=ComplaintOut)
async def resolve(
    request: Request,
    who: _Officer,
    use: UseCases,
    complaint: ComplaintPath,
    said: Annotated[ResolveIn, json_body(ResolveIn)],
) -> Response:
    """The matter is settled."""
    asked = await _change(request, who)
    return respond(
        await use.complaints.resolve(asked, complaint, said.disposition, said.override_reason)
    )


@router.post("/v1/complaints/{complaint}/close", response_model=ComplaintOut)
async def close(
    request: Request,
    who: _Officer,
    use: UseCases,
    complaint: ComplaintPath,
    said: Annotated[CloseIn, json_body(CloseIn)],
) -> Response:
    """Nothing more will happen unless it is reopened."""
    asked = await _change(request, who)
    return respond(await use.complaints.close(asked, complaint, said.disposition))


@router.post("/v1/complaints/{complaint}/reopen", response_model=ComplaintOut)
async def reopen(
    request: Request,
    who: _Officer,
    use: UseCases,
    complaint: ComplaintPath,
    said: Annotated[ReopenIn, json_body(ReopenIn)],
) -> Response:
    """It was not settled after all."""
    asked = await _change(request, who)
    return respond(await use.complaints.reopen(asked, complaint, said.reason))


async def _change(request: Request, who: Principal) -> Asked[ComplaintRecord]:
    # a system works through its queue; a person decides on what they saw
    return await ask(request, who, _complaint, needs_version=who.person_id is not None)


def _complaint(record: ComplaintRecord) -> Answer:
    tag = etag(record.complaint.case.id, record.version)
    return shown(ComplaintOut.of(record), tag=tag)


def _contributed(made: Contribution) -> Answer:
    return shown(ContributionOut.model_validate(made), status=201)


def _noted(written: Note) -> Answer:
    return shown(NoteOut.model_validate(written), status=201)
