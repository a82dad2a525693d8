"""The page behind a ticket, its attachments, and all that is stored; works without scripts."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import orjson
from fastapi import APIRouter
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ingest.domain.errors import KeyReused, TooLate
from ingest.domain.public import ANSWERED, answered_at
from ingest.domain.words import STATUS_TEXT
from ingest.pages.forms import form_of, new_token
from ingest.pages.front import city_zone, other_language, visit, written, written_day
from ingest.schemas.complaints import LinkSecret
from ingest.schemas.pages import FORM_TOKEN, MoreIn, PlaceIn
from ingest.usecases.deps import Deps
from ingest.usecases.tracking import TicketView, everything, open_file, track
from lintas.vocabulary.errors import Malformed, NotFound
from lintas.vocabulary.terms import Anonymity, PublicStatus
from lintas.vocabulary.ticket import parse_ticket
from lintas.web import Pages, allow, link, network_of, public

#: after these nothing is promised any more
_SETTLED = frozenset(
    {
        PublicStatus.RESOLVED,
        PublicStatus.CLOSED,
        PublicStatus.NO_ACTION,
        PublicStatus.REJECTED,
        PublicStatus.WITHDRAWN,
    }
)
#: what the reporter can do; the page says afterwards that it is done
_ACTS = frozenset({"add", "place", "unsolved", "solved", "rate", "withdraw", "follow"})
_RATINGS = frozenset("12345")
_SEE_OTHER = 303
#: whatever a file is, a browser neither shows nor runs it
_FILE_POLICY = "default-src 'none'; sandbox"
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
}


def router(deps: Deps, pages: Pages) -> APIRouter:
    """`/lacak/{ticket}` and what it links to."""
    routes = APIRouter(tags=["pages"])

    @routes.get("/lacak", dependencies=[allow(public)], response_class=HTMLResponse)
    async def find(request: Request, nomor: str = "") -> Response:
        """Where a number is typed that somebody wrote down; the answer is the address of its page."""
        async with visit(deps, request):
            if not nomor.strip():
                return _find(deps, pages, request)
            ticket = parse_ticket(nomor)
            if ticket is None:
                return _find(deps, pages, request, missing=True)
            return RedirectResponse(f"/lacak/{ticket}?lang={pages.language(request)}", _SEE_OTHER)

    @routes.get("/lacak/{ticket}", dependencies=[allow(public)], response_class=HTMLResponse)
    async def tracking(
        request: Request, ticket: str, secret: LinkSecret = None, baru: str = "", catatan: str = ""
    ) -> Response:
        """Where a complaint stands, in plain words; with the link's secret text and actions."""
        async with visit(deps, request):
            try:
                view = await track(deps.work, deps.vault, ticket, secret)
            except NotFound:
                return _find(deps, pages, request, missing=True)
            note = catatan if catatan in _ACTS else None
            return _page(deps, pages, request, view, secret=secret, is_new=bool(baru), note=note)

    @routes.post("/lacak/{ticket}", dependencies=[allow(link)], response_class=HTMLResponse)
    async def act(request: Request, ticket: str) -> Response:
        """What the reporter does about their complaint, with the link's secret in the form."""
        deps.front.reports.spend(network_of(request), request.scope)
        async with visit(deps, request):
            form = await form_of(request)
            wish = Wish.of(form)
            wrong = await _done(deps, ticket, wish)
            if wrong is None:
                language = pages.language(request)
                page = f"/lacak/{quote(ticket)}?k={quote(wish.secret)}&lang={language}"
                return RedirectResponse(f"{page}&catatan={wish.act}", _SEE_OTHER)
            view = await track(deps.work, deps.vault, ticket, wish.secret)
            return _page(deps, pages, request, view, secret=wish.secret, wish=wish, wrong=wrong)

    @routes.get(
        "/lacak/{ticket}/lampiran/{reference}",
        dependencies=[allow(link)],
        response_class=Response,
    )
    async def attachment(
        request: Request, ticket: str, reference: str, secret: LinkSecret = None
    ) -> Response:
        """A file the reporter attached, as a download, for whoever holds the link."""
        async with visit(deps, request):
            content, media_type = await open_file(
                deps.work, deps.vault, deps.media, ticket, secret, reference
            )
        return _download(content, media_type, f"{ticket}-{reference[-8:]}.{_ENDINGS[media_type]}")

    @routes.get("/lacak/{ticket}/data", dependencies=[allow(link)], response_class=Response)
    async def stored(request: Request, ticket: str, secret: LinkSecret = None) -> Response:
        """All that is stored about a complaint and its reporter, for whoever holds the link."""
        async with visit(deps, request):
            found = await everything(deps.work, deps.vault, ticket, secret)
        content = orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2)
        return _download(content, "application/json", f"{found['ticket']}.json")

    return routes


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reporter asks for, as the form sent it."""

    act: str
    secret: str
    text: str
    address: str
    rating: str
    sure: bool
    token: str

    @classmethod
    def of(cls, form: FormData) -> "Wish":
        """The fields of the form."""

        def typed(name: str) -> str:
            value = form.get(name)
            return value.replace("\r\n", "\n") if isinstance(value, str) else ""

        token = typed("token")
        return cls(
            typed("act"),
            typed("k")[:64],
            typed("text"),
            typed("address"),
            typed("rating"),
            "sure" in form,
            token if FORM_TOKEN.fullmatch(token) else new_token(),
        )


async def _done(deps: Deps, ticket: str, wish: Wish) -> str | None:
    """Do what is asked; what is wrong with it, as the key of the words that say so."""
    if wish.act in ("add", "place"):
        return await _said_more(deps, ticket, wish)
    if wish.act in ("rate", "solved", "unsolved"):
        return await _judged(deps, ticket, wish)
    if wish.act != "withdraw":
        raise Malformed("The form asks for nothing that can be done here.")
    if not wish.sure:
        return "sure"
    await deps.feedback.take_back(ticket, wish.secret)
    return None


async def _said_more(deps: Deps, ticket: str, wish: Wish) -> str | None:
    reporting, secret, token = deps.reporting, wish.secret, wish.token
    try:
        if wish.act == "place":
            place = PlaceIn.model_validate({"address": wish.address})
            await reporting.correct_place(ticket, secret, place.address, token)
        else:
            more = MoreIn.model_validate({"text": wish.text})
            await reporting.add(ticket, secret, more.text, token)
    except ValidationError:
        return "address" if wish.act == "place" else "more"
    except KeyReused:
        return "sent_before"
    return None


async def _judged(deps: Deps, ticket: str, wish: Wish) -> str | None:
    if wish.act == "rate":
        if wish.rating not in _RATINGS:
            return "rating"
        view = await track(deps.work, deps.vault, ticket, wish.secret)
        opinion = view.own.opinion if view.own else None
        if opinion and opinion.rating not in (None, int(wish.rating)):
            return "rated"
        await deps.feedback.give(ticket, wish.secret, solved=None, rating=int(wish.rating))
        return None
    try:
        await deps.feedback.give(ticket, wish.secret, solved=wish.act == "solved", rating=None)
    except TooLate:
        return "late"
    return None


def _find(deps: Deps, pages: Pages, request: Request, *, missing: bool = False) -> Response:
    city, language = deps.cities.in_force(), pages.language(request)
    return pages.render(
        request,
        "find.html",
        404 if missing else 200,
        missing=missing,
        prefix=city.ticket_prefix if city else "BGR",
        other=other_language(language),
        city=city.name(language) if city else None,
    )


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": _FILE_POLICY,
        },
    )


def _page(
    deps: Deps,
    pages: Pages,
    request: Request,
    view: TicketView,
    *,
    secret: str | None,
    is_new: bool = False,
    note: str | None = None,
    wish: Wish | None = None,
    wrong: str | None = None,
) -> Response:
    city, language, zone = deps.cities.in_force(), pages.language(request), city_zone(deps)
    reference, about = deps.reference, view.about
    area = reference.areas().get(about.kelurahan or about.kecamatan or "")
    # what a secret complaint is about is its reporter's, and not only how they put it
    tells_about = view.opened or view.anonymity is not Anonymity.SECRET
    last_word_at = reference.last_word_at(
        about.mention_class, view.received_at, answered_at(view.status, view.steps, view.answers)
    )

    def when(moment: datetime) -> str:
        return written(moment.astimezone(zone), language)

    def day(moment: datetime) -> str:
        return written_day(moment.astimezone(zone), language)

    return pages.render(
        request,
        "tracking.html",
        422 if wrong else 200,
        view=view,
        note=note,
        wrong=wrong,
        acted=wish.act if wish else "",
        typed=wish.text if wish else "",
        token=wish.token if wish and wrong != "sent_before" else new_token(),
        may_judge=view.status in ANSWERED,
        last_word_at=last_word_at,
        last_word_days=_working_days(deps, view, last_word_at),
        late=last_word_at is not None and deps.work.clock() > last_word_at,
        contact=city.open311.contact.removeprefix("https://") if city else "",
        typed_address=wish.address if wish else "",
        may_withdraw=view.status is not PublicStatus.WITHDRAWN,
        secret=secret if view.opened else None,
        is_new=is_new and view.opened,
        city=city.name(language) if city else None,
        when=when,
        day=day,
        status_text={status: words[language] for status, words in STATUS_TEXT.items()},
        statement=deps.links.statement,
        answering=reference.name("agency", about.answering, language),
        category=reference.name("category", about.category, language) if tells_about else None,
        area=area.name if area and tells_about else None,
        working_days=(
            None if view.status in _SETTLED else _working_days(deps, view, view.promised_at)
        ),
        other=other_language(language),
        address=deps.links.status(view.ticket, secret) if view.opened else None,
    )


def _working_days(deps: Deps, view: TicketView, until: datetime | None) -> int | None:
    """Working days until the day of `until`, 0 on the day itself; None where it is past or unknown."""
    calendar = deps.reference.calendar(view.about.calendar)
    if calendar is None or until is None:
        return None
    today, day = calendar.day_of(deps.work.clock()), calendar.day_of(until)
    return calendar.working_days_between(today, day) if day >= today else None
