"""`/open311/v2/`: GeoReport v2 with mySociety's updates; every call in XML and in JSON."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends
from starlette.requests import Request as Asking
from starlette.responses import Response, StreamingResponse

from ingest.api.open311 import bulk, forms, shapes
from ingest.api.open311.errors import PREFIX, refusal
from ingest.api.open311.rendering import Form, Value, answer
from ingest.domain.city import City
from ingest.domain.mentions import Author, Place
from ingest.domain.open311.posts import NewRequest, NewUpdate
from ingest.domain.open311.requests import (
    MOST,
    Request,
    State,
    Wanted,
    closed_states,
    since,
    window,
)
from ingest.domain.open311.services import Catalogue, Endpoint, Service
from ingest.usecases.deps import Deps
from ingest.usecases.intake import NoCity
from lintas.auth import Principal, Scope
from lintas.telemetry import child_traceparent
from lintas.vocabulary.errors import FieldError, Forbidden, Invalid, NotFound, Unauthenticated
from lintas.vocabulary.ticket import parse_ticket
from lintas.web import MIB, allow, form_key, network_of, public

__all__ = ["LARGER", "PREFIX", "refusal", "router"]

BASE = "/open311/v2"
#: photographs come with the form
_MOST_BYTES = 16 * MIB
LARGER = {
    f"{BASE}/{name}.{form}": _MOST_BYTES
    for name in ("requests", "servicerequestupdates")
    for form in Form
}


@dataclass(frozen=True, slots=True)
class _Here:
    """The city that answers, as it is at the moment of a call."""

    city: City
    catalogue: Catalogue

    @property
    def endpoint(self) -> Endpoint:
        return self.city.open311

    def service(self, code: str) -> Service:
        service = self.catalogue.services.get(code)
        if service is None:
            raise NotFound("service_code was not found.")
        return service

    def check(self, jurisdiction: str | None) -> None:
        if not self.endpoint.serves(jurisdiction):
            raise NotFound("jurisdiction_id was not found.")


def router(deps: Deps) -> APIRouter:
    """Every call of the standard and its extensions."""

    async def counted(request: Asking) -> None:
        deps.open311.bounds.calls.spend(network_of(request), request.scope)

    # counted before any body is read
    routes = APIRouter(prefix=BASE, tags=["open311"], dependencies=[Depends(counted)])
    _about_services(routes, deps)
    _about_requests(routes, deps)
    _about_updates(routes, deps)
    return routes


def _about_services(routes: APIRouter, deps: Deps) -> None:
    @routes.get("/discovery.{form}", dependencies=[allow(public)], response_class=Response)
    async def discovery(request: Asking, form: str) -> Response:
        """What this server offers, and how to get a key."""
        here = _here(deps, request)
        value = shapes.discovery(here.endpoint, here.catalogue, f"{deps.links.here}{BASE}")
        # validators want the bare type here, and only here
        return answer(_form(form), "discovery", value, name_charset=False)

    @routes.get("/services.{form}", dependencies=[allow(public)], response_class=Response)
    async def services(request: Asking, form: str) -> Response:
        """Everything that can be reported."""
        here = _here(deps, request)
        return answer(_form(form), "services", shapes.services(here.catalogue))

    @routes.get("/services/{code}.{form}", dependencies=[allow(public)], response_class=Response)
    async def definition(request: Asking, code: str, form: str) -> Response:
        """What is asked of a service beside the description."""
        service = _here(deps, request).service(code)
        return answer(_form(form), "service_definition", shapes.definition(service))


def _about_requests(routes: APIRouter, deps: Deps) -> None:
    @routes.get("/requests.{form}", dependencies=[allow(public)], response_class=Response)
    async def listed(request: Asking, form: str) -> Response:
        """Public complaints, filtered; at most 90 days and 1,000 at once."""
        here = _here(deps, request)
        asked = forms.of_query(forms.RequestsAsked, request.query_params.items())
        found = await deps.open311.reading.requests(_wanted(deps, here, asked))
        return await _requests(deps, here, form, found, extended=asked.extensions)

    @routes.get("/bulk.{form}", dependencies=[allow(public)], response_class=Response)
    async def everything(request: Asking, form: str) -> Response:
        """All public complaints, filtered, as a download in CSV, XML or JSON."""
        written = bulk.FORMS.get(form)
        if written is None:
            raise NotFound("There is nothing at this address; .csv, .xml and .json are.")
        here = _here(deps, request)
        asked = forms.of_query(forms.Filters, request.query_params.items())
        wanted = Wanted(
            window=since(asked.start_date, asked.end_date, deps.work.clock()),
            categories=asked.categories,
            states=_states(here, asked),
            limit=bulk.PAGE,
        )
        deps.open311.bounds.downloads.spend(network_of(request), request.scope)
        pages = deps.open311.reading.pages(wanted)
        # whatever cannot be read is refused before the answer begins
        first = await anext(pages)
        told = shapes.Shapes(here.endpoint, here.catalogue, deps.links)
        return StreamingResponse(
            written.pieces(told, first, pages),
            headers={
                "Content-Type": written.content_type,
                "Content-Disposition": f'attachment; filename="requests.{form}"',
            },
        )

    @routes.get("/requests/{ticket}.{form}", dependencies=[allow(public)], response_class=Response)
    async def one(request: Asking, ticket: str, form: str) -> Response:
        """One public complaint."""
        here = _here(deps, request)
        asked = forms.of_query(forms.RequestsAsked, request.query_params.items())
        found = [await deps.open311.reading.one(ticket)]
        return await _requests(deps, here, form, found, extended=asked.extensions)

    @routes.get("/tokens/{token}.{form}", dependencies=[allow(public)], response_class=Response)
    async def token(request: Asking, token: str, form: str) -> Response:
        """The id that a token stands for."""
        _here(deps, request)
        ticket = await deps.open311.reading.ticket_of(token)
        value: Value = [{"service_request_id": ticket, "token": token}]
        return answer(_form(form), "service_requests", value)

    @routes.post("/requests.{form}", dependencies=[allow(form_key)], response_class=Response)
    async def post(request: Asking, form: str) -> Response:
        """Keep a complaint; the same body within a short while is the same complaint."""
        kind = _form(form)
        sent = await forms.sent(request)
        who = await _client(request, sent)
        here = _here(deps, request, sent)
        new = _new_request(here, sent)
        acceptance = await deps.open311.posting.open(
            new,
            client=who.client or who.actor,
            body=sent.identity(),
            traceparent=child_traceparent(),
        )
        return answer(kind, "service_requests", shapes.posted(new, acceptance))


def _about_updates(routes: APIRouter, deps: Deps) -> None:
    path = "/servicerequestupdates.{form}"

    @routes.get(path, dependencies=[allow(public)], response_class=Response)
    async def updates(request: Asking, form: str) -> Response:
        """What became of public complaints; hand-offs between agencies never show."""
        here = _here(deps, request)
        asked = forms.of_query(forms.UpdatesAsked, request.query_params.items())
        found = await deps.open311.reading.updates(asked.start_date, asked.end_date)
        told = shapes.Shapes(here.endpoint, here.catalogue, deps.links)
        value = [told.update(update) for update in found]
        return answer(_form(form), "service_request_updates", value)

    @routes.post(path, dependencies=[allow(form_key)], response_class=Response)
    async def post(request: Asking, form: str) -> Response:
        """Keep what somebody adds to a complaint; known by the sender's own id of it."""
        kind = _form(form)
        sent = await forms.sent(request)
        who = await _client(request, sent)
        here = _here(deps, request, sent)
        read = forms.of_form(forms.UpdateForm, sent)
        await deps.open311.reading.one(read.service_request_id)
        acceptance = await deps.open311.posting.add(
            _new_update(read, sent),
            client=who.client or who.actor,
            language=here.endpoint.language,
            traceparent=child_traceparent(),
        )
        value: Value = [{"update_id": str(acceptance.mention_id), "account_id": None}]
        return answer(kind, "service_request_updates", value)


def _form(suffix: str) -> Form:
    try:
        return Form(suffix)
    except ValueError:
        raise NotFound("There is nothing at this address; .xml and .json are.") from None


def _here(deps: Deps, request: Asking, sent: forms.Sent | None = None) -> _Here:
    city = deps.cities.in_force()
    if city is None:
        raise NoCity
    here = _Here(city, deps.open311.services.catalogue(city.open311.language))
    for jurisdiction in sent.values.get("jurisdiction_id", ()) if sent else ():
        here.check(jurisdiction.strip())
    here.check(request.query_params.get("jurisdiction_id", "").strip() or None)
    return here


async def _client(request: Asking, sent: forms.Sent) -> Principal:
    """Who posts, by the key in the form; Unauthenticated or Forbidden (both 403 here)."""
    keys = {value.strip() for value in sent.values.get("api_key", ())}
    if len(keys) != 1:
        raise Unauthenticated("api_key was not provided." if not keys else "One api_key, please.")
    try:
        who: Principal = await request.app.state.authenticator.authenticate(keys.pop())
    except Unauthenticated:
        raise Unauthenticated("api_key is not valid.") from None
    request.app.state.quota.spend(who.client or who.actor, request.scope)
    if Scope.MENTIONS_WRITE not in who.scopes:
        raise Forbidden("This api_key may not post.")
    return who


def _wanted(deps: Deps, here: _Here, asked: forms.RequestsAsked) -> Wanted:
    if asked.service_request_id:
        # it overrides every other filter; what is no ticket is not found
        tickets = [parse_ticket(text) for text in asked.service_request_id[:MOST]]
        named = tuple(dict.fromkeys(ticket for ticket in tickets if ticket))
        return Wanted(tickets=named)
    size = min(asked.page_size, MOST)
    return Wanted(
        window=window(asked.start_date, asked.end_date, deps.work.clock()),
        categories=asked.categories,
        states=_states(here, asked),
        limit=size,
        offset=(asked.page - 1) * size,
    )


def _states(here: _Here, asked: forms.Filters) -> frozenset[State] | None:
    words = asked.open_or_closed
    if len(words) > 1:
        return None
    closed = closed_states(resolved_reads_closed=here.endpoint.resolved_reads_closed)
    return closed if "closed" in words else frozenset(State) - closed


async def _requests(
    deps: Deps, here: _Here, form: str, found: list[Request], *, extended: bool
) -> Response:
    told = shapes.Shapes(here.endpoint, here.catalogue, deps.links)
    updates = await deps.open311.reading.updates_of(found) if extended else {}
    value = [told.request(one, updates.get(one.ticket)) for one in found]
    return answer(_form(form), "service_requests", value)


def _new_request(here: _Here, sent: forms.Sent) -> NewRequest:
    if "service_code" in sent.values:
        here.service(sent.values["service_code"][0].strip())
    read = forms.of_form(forms.RequestForm, sent)
    return NewRequest(
        service=here.service(read.service_code),
        title=read.title,
        description=read.description,
        place=_place(read),
        author=_author(read),
        answers=sent.answers(),
        media_urls=read.media_url,
        uploads=tuple(sent.uploads),
        secret=read.non_public,
    )


def _new_update(read: forms.UpdateForm, sent: forms.Sent) -> NewUpdate:
    ticket = parse_ticket(read.service_request_id)
    if ticket is None:
        raise NotFound("service_request_id was not found.")
    return NewUpdate(
        ticket=ticket,
        update_id=read.update_id,
        status=read.status,
        title=read.title,
        description=read.description,
        at=read.updated_datetime,
        author=_author(read),
        media_urls=read.media_url,
        uploads=tuple(sent.uploads),
    )


def _place(read: forms.RequestForm) -> Place:
    if (read.lat is None) != (read.long is None):
        missing = "long" if read.long is None else "lat"
        raise Invalid("", [FieldError(f"/{missing}", "half_a_point", "lat and long together")])
    address = ", ".join(part for part in (read.address_string, read.address_id) if part)
    if read.lat is None and not address:
        expected = "lat and long, address_string or address_id"
        raise Invalid("", [FieldError("/location", "required", expected)])
    return Place(read.lat, read.long, address or None)


def _author(read: forms.Person) -> Author:
    return Author(
        name=read.name,
        phone=read.phone,
        email=read.email,
        platform_id=read.account_id or read.device_id or read.deviceid,
    )
