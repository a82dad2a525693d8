"""A pack as what the services accept over HTTP: directory documents and one rule set."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from lintas_local.pack.language import speech
from lintas_local.pack.models.calendars import Calendar
from lintas_local.pack.models.fields import PackModel
from lintas_local.pack.models.pack import Pack
from lintas_local.pack.models.policies import Policy
from lintas_local.pack.models.rules import ClassRule, Condition, Near, RoutingRule


def directory_documents(pack: Pack) -> list[dict[str, Any]]:
    """Every document of the city: `{kind, id, version, effective_from, effective_to, known_from, body}`.

    The times are midnights of the city's zone with offset; `effective_to` is the midnight after
    the last day, or None. `version` is derived from dates and body, so the same document always
    has the same version and applying a pack twice changes nothing. Bodies by kind:

    * city: `{name, place, ticket_prefix, zone, domain, language, joining: {reply_window_days,
      conversation_pause_hours}, resolved_reads_closed, own_accounts: [{channel, handles}], open311: {contact, keys, type,
      lists_private},
      templates}`
    * agency: `{name, kind, calendar, place, confirmed, source}`
    * place: `{name, kind, parent, lat, lng, aliases, everyday, outline, source, licence}`
    * category: `{name, group: {code, name}, agency, description, keywords, questions: [{code, kind,
      question, hint, required, choices: [{key, name}]}], answer}`
    * calendar: `{name, zone, weekly: {mon: [["07:30", "12:00"], ...], ...}, exceptions: [{from,
      to, weekly, known_from, reason, estimated, source}], holidays: [{date, name, kind,
      estimated, known_from, source}], confirmed, source}`. All seven days are present, a closed
      one is empty; an exception holds from and to the named days, both included, and replaces
      the whole week; "24:00" is the end of a day; only holidays on which it is closed are listed.
    * policy: `{class, stage, level, to, amount, unit, start, calendar, legal_basis, confirmed,
      source}`

    Names are `{id, en}`, except of places, which have one.
    """
    return [*_city(pack), *_places(pack), *_categories(pack), *_calendars(pack), *_agencies(pack),
            *_policies(pack)]  # fmt: skip


def ruleset(pack: Pack) -> dict[str, Any]:
    """The rules as the router reads them, with their word lists written out.

    `{version, city, zone, agencies: [code], categories: [code], rules: [{id, category, any, all,
    none, lead, contributors: [{agency, reason}], weight, class, effective_from,
    effective_until, note}], classes: [{id, class, kind, any, all, none, weight, effective_from,
    effective_until, note}], urgency: {emergency, high}, subjects: [{code, name, any, pro,
    contra}], own_accounts: [{channel, handles}], places: [{code, kind, name, parent, lat, lng,
    aliases, everyday, outline}]}`, with `language`, `conflict` and `model` where the pack says them. Dates are days of `zone`, both included. How terms are found and scores are
    compared is said in `models.rules`. `version` is derived from all the rest.
    """
    rules = pack.rules
    body = {
        "city": pack.city.code,
        "zone": pack.city.zone,
        "agencies": sorted({agency.code for agency in pack.agencies.agencies}),
        "categories": [category.code for category in pack.categories.categories],
        "rules": [_predicate(pack, rule) for rule in rules.rules],
        "classes": [_predicate(pack, rule) for rule in rules.classes],
        "urgency": _plain(rules.urgency),
        "subjects": [
            {**_plain(subject), "any": _written_out(pack, subject.any)}
            for subject in rules.subjects
        ],
        "own_accounts": [_plain(account) for account in pack.city.own_accounts],
        "places": [{**_plain(place), "parent": place.parent} for place in pack.places.places],
    }
    if rules.language is not None:
        body["language"] = speech(rules.language)
    if rules.conflict != "weight":
        body["conflict"] = rules.conflict
    if rules.model is not None:
        body["model"] = _plain(rules.model)
    return {"version": _version(body), **body}


def _city(pack: Pack) -> Iterator[dict[str, Any]]:
    city = pack.city
    body = _plain(city, leave_out={"code", "effective_from", "known_from"})
    body["templates"] = _plain(pack.templates)
    yield _document(pack, "city", city.code, (city.effective_from, None, city.known_from), body)


def _places(pack: Pack) -> Iterator[dict[str, Any]]:
    edition = pack.places
    dates = (edition.effective_from, None, edition.known_from)
    for place in edition.places:
        body = {
            **_plain(place, leave_out={"code"}),
            "parent": place.parent,
            "source": edition.source,
            "licence": edition.licence,
        }
        yield _document(pack, "place", place.code, dates, body)


def _categories(pack: Pack) -> Iterator[dict[str, Any]]:
    groups = {group.code: _plain(group) for group in pack.categories.groups}
    dates = (pack.categories.effective_from, None, pack.categories.known_from)
    for category in pack.categories.categories:
        body = {**_plain(category, leave_out={"code"}), "group": groups[category.group]}
        yield _document(pack, "category", category.code, dates, body)


def _calendars(pack: Pack) -> Iterator[dict[str, Any]]:
    for calendar in pack.calendars.calendars:
        hidden = {"code", "observes", "effective_from", "effective_to", "known_from"}
        body = {
            **_plain(calendar, leave_out=hidden),
            "holidays": [*_holidays(pack, calendar)],
        }
        dates = (calendar.effective_from, calendar.effective_to, calendar.known_from)
        yield _document(pack, "calendar", calendar.code, dates, body)


def _holidays(pack: Pack, calendar: Calendar) -> Iterator[dict[str, Any]]:
    for year in pack.calendars.holidays:
        for holiday in year.days:
            if holiday.kind in calendar.observes:
                yield {
                    **_plain(holiday),
                    "known_from": (holiday.known_from or year.known_from).isoformat(),
                    "source": holiday.source or year.source,
                }


def _agencies(pack: Pack) -> Iterator[dict[str, Any]]:
    for agency in pack.agencies.agencies:
        body = _plain(agency, leave_out={"code", "effective_from", "effective_to", "known_from"})
        dates = (agency.effective_from, agency.effective_to, agency.known_from)
        yield _document(pack, "agency", agency.code, dates, body)


def _policies(pack: Pack) -> Iterator[dict[str, Any]]:
    policies: Sequence[Policy] = (*pack.policies.policies, *pack.policies.escalation)
    for policy in policies:
        body = _plain(policy, leave_out={"id", "effective_from", "effective_to", "known_from"})
        dates = (policy.effective_from, policy.effective_to, policy.known_from)
        yield _document(pack, "policy", policy.id, dates, body)


def _document(
    pack: Pack,
    kind: str,
    name: str,
    dates: tuple[date, date | None, date],
    body: dict[str, Any],
) -> dict[str, Any]:
    effective_from, last_day, known_from = dates
    after = last_day + timedelta(days=1) if last_day else None
    zone = ZoneInfo(pack.city.zone)
    dated = {
        "effective_from": _midnight(effective_from, zone),
        "effective_to": _midnight(after, zone) if after else None,
        "known_from": _midnight(known_from, zone),
        "body": body,
    }
    return {"kind": kind, "id": name, "version": _version(dated), **dated}


def _midnight(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time.min, zone).isoformat()


def _predicate(pack: Pack, rule: RoutingRule | ClassRule) -> dict[str, Any]:
    parts = {
        "any": _conditions(pack, rule.any),
        "all": _conditions(pack, rule.all),
        "none": _conditions(pack, rule.none),
    }
    # what few rules say stands only where it is said: most documents stay what they were
    return {
        name: value for name, value in _plain(rule).items() if name != "urgency" or value
    } | parts


def _conditions(pack: Pack, conditions: Sequence[Condition]) -> list[Any]:
    written: list[Any] = []
    for one in conditions:
        if isinstance(one, str):
            written += (term for term in _written_out(pack, (one,)) if term not in written)
        elif isinstance(one, Near):
            sides = [
                _written_out(pack, (side,) if isinstance(side, str) else side) for side in one.near
            ]
            written.append({"near": sides, "within": one.within})
        else:
            written.append(one.model_dump(mode="json", by_alias=True, exclude_none=True))
    return written


def _written_out(pack: Pack, terms: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for term in terms:
        phrases = pack.rules.lists[term[1:]] if term.startswith("@") else (term,)
        found.update(dict.fromkeys(phrases))
    return list(found)


def _plain(model: PackModel, leave_out: set[str] | None = None) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude=leave_out)


def _version(content: dict[str, Any]) -> str:
    canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()[:16]
