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

from ingest.domain.errors import KeyReused
from ingest.domain.words import STATUS_TEXT
from ingest.pages.forms import form_of, new_token
from ingest.pages.front import city_zone, other_language, visit, written, written_day
from ingest.schemas import FORM_TOKEN, LinkSecret, MoreIn
from ingest.usecases.deps import Deps
from ingest.usecases.tracking import TicketView, everything, open_file, track
from lintas.vocabulary.errors import Malformed, NotFound
from lintas.vocabulary.terms import PublicStatus
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
#: in these the reporter may say whether it helped
_ANSWERED = frozenset({PublicStatus.ANSWERED, PublicStatus.RESOLVED, PublicStatus.CLOSED})
#: what the reporter can do; the page says afterwards that it is done
_ACTS = frozenset({"add", "unsolved", "solved", "rate", "withdraw"})
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

    @routes.get("/lacak/{ticket}", dependencies=[allow(public)], response_class=HTMLResponse)
    async def tracking(
        request: Request, ticket: str, secret: LinkSecret = None, baru: str = "", catatan: str = ""
    ) -> Response:
        """Where a complaint stands, in plain words; with the link's secret text and actions."""
        async with visit(deps, request):
            try:
                view = await track(deps.work, deps.vault, ticket, secret)
            except NotFound:
                return pages.render(request, "not_found.html", status=404)
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
            typed("rating"),
            "sure" in form,
            token if FORM_TOKEN.fullmatch(token) else new_token(),
        )


async def _done(deps: Deps, ticket: str, wish: Wish) -> str | None:
    """Do what is asked; what is wrong with it, as the key of the words that say so."""
    if wish.act == "add":
        try:
            more = MoreIn.model_validate({"text": wish.text})
        except ValidationError:
            return "more"
        try:
            await deps.reporting.add(ticket, wish.secret, more.text, wish.token)
        except KeyReused:
            return "sent_before"
    elif wish.act == "rate":
        if wish.rating not in _RATINGS:
            return "rating"
        await deps.feedback.give(ticket, wish.secret, solved=None, rating=int(wish.rating))
    elif wish.act in ("solved", "unsolved"):
        solved = wish.act == "solved"
        await deps.feedback.give(ticket, wish.secret, solved=solved, rating=None)
    elif wish.act == "withdraw":
        if not wish.sure:
            return "sure"
        await deps.feedback.take_back(ticket, wish.secret)
    else:
        raise Malformed("The form asks for nothing that can be done here.")
    return None


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
        typed=wish.text if wish else "",
        token=wish.token if wish and wrong != "sent_before" else new_token(),
        may_judge=view.status in _ANSWERED,
        may_withdraw=view.status is not PublicStatus.WITHDRAWN,
        secret=secret if view.opened else None,
        is_new=is_new and view.opened,
        city=city.name(language) if city else None,
        when=when,
        day=day,
        status_text={status: words[language] for status, words in STATUS_TEXT.items()},
        statement=deps.links.statement,
        answering=reference.name("agency", about.answering, language),
        category=reference.name("category", about.category, language),
        area=area.name if area else None,
        working_days=_working_days_left(deps, view),
        other=other_language(language),
        address=deps.links.status(view.ticket, secret) if view.opened else None,
    )


def _working_days_left(deps: Deps, view: TicketView) -> int | None:
    """Working days until the promised day, 0 on the day itself; None where nothing is promised."""
    calendar = deps.reference.calendar(view.about.calendar)
    if calendar is None or view.promised_at is None or view.status in _SETTLED:
        return None
    today, promised = calendar.day_of(deps.work.clock()), calendar.day_of(view.promised_at)
    return calendar.working_days_between(today, promised) if promised >= today else None
