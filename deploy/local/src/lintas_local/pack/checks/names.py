"""Does every name exist, and exist once?"""

from collections.abc import Iterable, Iterator, Sequence

from lintas_local.pack.models.pack import Pack
from lintas_local.pack.models.places import Place
from lintas_local.pack.problems import Finding, ValuePath

#: dots in a place code of each kind
_DEPTH = {"city": 1, "kecamatan": 2, "kelurahan": 3}


def name_findings(pack: Pack) -> Iterator[Finding]:
    """Names given twice, and references to nothing."""
    yield from _twice(pack)
    yield from _agencies(pack)
    yield from _categories(pack)
    yield from _places(pack)
    yield from _rules(pack)
    yield from _policies(pack)


def _twice(pack: Pack) -> Iterator[Finding]:
    groups: Sequence[tuple[str, str, Iterable[str]]] = (
        ("places.yaml", "places", (place.code for place in pack.places.places)),
        ("categories.yaml", "groups", (group.code for group in pack.categories.groups)),
        ("categories.yaml", "categories", (item.code for item in pack.categories.categories)),
        ("rules.yaml", "rules", (rule.id for rule in pack.rules.rules)),
        ("rules.yaml", "classes", (rule.id for rule in pack.rules.classes)),
        ("rules.yaml", "subjects", (subject.code for subject in pack.rules.subjects)),
        ("calendars.yaml", "holidays", (str(item.year) for item in pack.calendars.holidays)),
    )
    for file, section, names in groups:
        seen: set[str] = set()
        for position, name in enumerate(names):
            if name in seen:
                path = (section, position)
                yield Finding(file, path, f"expected another name, `{name}` is taken")
            seen.add(name)


def _agencies(pack: Pack) -> Iterator[Finding]:
    calendars = {calendar.code for calendar in pack.calendars.calendars}
    places = {place.code for place in pack.places.places}
    for position, agency in enumerate(pack.agencies.agencies):
        path: ValuePath = ("agencies", position)
        if agency.calendar not in calendars:
            yield Finding("agencies.yaml", (*path, "calendar"), _known("calendar", calendars))
        if agency.place is not None and agency.place not in places:
            yield Finding("agencies.yaml", (*path, "place"), "expected a code of places.yaml")
        if (agency.kind == "district") != (agency.place is not None):
            expected = "expected a `place` for a district office, and for no other kind"
            yield Finding("agencies.yaml", path, expected)


def _categories(pack: Pack) -> Iterator[Finding]:
    groups = {group.code for group in pack.categories.groups}
    agencies = _agency_codes(pack)
    for position, category in enumerate(pack.categories.categories):
        path: ValuePath = ("categories", position)
        if category.group not in groups:
            yield Finding("categories.yaml", (*path, "group"), _known("group", groups))
        if category.agency not in agencies:
            yield Finding("categories.yaml", (*path, "agency"), _known("agency", agencies))


def _places(pack: Pack) -> Iterator[Finding]:
    codes = {place.code for place in pack.places.places}
    if pack.city.place not in codes:
        yield Finding("city.yaml", ("place",), "expected a code of places.yaml")
    for position, place in enumerate(pack.places.places):
        yield from _place(pack, codes, ("places", position), place)


def _place(pack: Pack, codes: set[str], path: ValuePath, place: Place) -> Iterator[Finding]:
    if place.code.count(".") != _DEPTH[place.kind]:
        parts = _DEPTH[place.kind] + 1
        expected = f"expected a code of {parts} parts for a {place.kind}"
        yield Finding("places.yaml", (*path, "code"), expected)
    elif place.parent is not None and place.parent not in codes:
        expected = f"expected the area around it, `{place.parent}`, in this file"
        yield Finding("places.yaml", (*path, "code"), expected)
    if not f"{place.code}.".startswith(f"{pack.city.place}."):
        expected = f"expected a place inside the city, `{pack.city.place}`"
        yield Finding("places.yaml", (*path, "code"), expected)


def _rules(pack: Pack) -> Iterator[Finding]:
    agencies = _agency_codes(pack)
    categories = {category.code for category in pack.categories.categories}
    for position, rule in enumerate(pack.rules.rules):
        path: ValuePath = ("rules", position)
        if rule.category not in categories:
            yield Finding("rules.yaml", (*path, "category"), _known("category", categories))
        if rule.lead not in agencies:
            yield Finding("rules.yaml", (*path, "lead"), _known("agency", agencies))
        helpers = [helper.agency for helper in rule.contributors]
        for index, helper in enumerate(helpers):
            here = (*path, "contributors", index, "agency")
            if helper not in agencies:
                yield Finding("rules.yaml", here, _known("agency", agencies))
            elif helper == rule.lead or helper in helpers[:index]:
                yield Finding("rules.yaml", here, "expected an agency not yet in this rule")


def _policies(pack: Pack) -> Iterator[Finding]:
    calendars = {calendar.code for calendar in pack.calendars.calendars}
    for section, policies in (
        ("policies", pack.policies.policies),
        ("escalation", pack.policies.escalation),
    ):
        for position, policy in enumerate(policies):
            if policy.calendar not in calendars:
                path = (section, position, "calendar")
                yield Finding("policies.yaml", path, _known("calendar", calendars))


def _agency_codes(pack: Pack) -> set[str]:
    return {agency.code for agency in pack.agencies.agencies}


def _known(kind: str, names: set[str]) -> str:
    return f"expected a known {kind}, one of {', '.join(sorted(names))}"
