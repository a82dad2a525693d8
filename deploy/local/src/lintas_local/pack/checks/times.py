"""Do dates, hours and deadlines fit together?"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lintas_local.pack.models.calendars import WEEKDAYS, Calendar, Week
from lintas_local.pack.models.fields import Versioned
from lintas_local.pack.models.pack import Pack
from lintas_local.pack.models.policies import Policy
from lintas_local.pack.problems import Finding, ValuePath

_SECTIONS = {
    "policies": {"verify", "first_response", "resolution", "auto_close"},
    "escalation": {"assign", "escalation"},
}
_CLASSES = ("complaint", "complaint_with_inspection", "aspiration", "information_request")


def time_findings(pack: Pack) -> Iterator[Finding]:
    """Periods that end before they begin or overlap, and hours and days in the wrong place."""
    yield from _zone("city.yaml", ("zone",), pack.city.zone)
    agencies = pack.agencies.agencies
    yield from _versions("agencies.yaml", "agencies", agencies, [item.code for item in agencies])
    yield from _calendars(pack)
    yield from _holidays(pack)
    yield from _policies(pack)
    for section, rules in (("rules", pack.rules.rules), ("classes", pack.rules.classes)):
        for position, rule in enumerate(rules):
            first, last = rule.effective_from, rule.effective_until
            if first is not None and last is not None and last < first:
                path = (section, position, "effective_until")
                yield Finding("rules.yaml", path, "expected a day not before effective_from")


def _versions(
    file: str, section: str, entries: Sequence[Versioned], names: Sequence[str]
) -> Iterator[Finding]:
    for position, entry in enumerate(entries):
        if entry.effective_to is not None and entry.effective_to < entry.effective_from:
            path = (section, position, "effective_to")
            yield Finding(file, path, "expected a day not before effective_from")
    for (earlier, first), (position, second) in combinations(enumerate(entries), 2):
        # another known_from is a correction of the same period, which may overlap
        if (
            names[position] == names[earlier]
            and first.known_from == second.known_from
            and _overlap(first, second)
        ):
            expected = f"expected a period apart from the other entry of `{names[position]}`"
            yield Finding(file, (section, position, "effective_from"), expected)


def _overlap(first: Versioned, second: Versioned) -> bool:
    starts_late = max(first.effective_from, second.effective_from)
    ends_early = min(first.effective_to or date.max, second.effective_to or date.max)
    return starts_late <= ends_early


def _calendars(pack: Pack) -> Iterator[Finding]:
    calendars = pack.calendars.calendars
    names = [calendar.code for calendar in calendars]
    yield from _versions("calendars.yaml", "calendars", calendars, names)
    for position, calendar in enumerate(calendars):
        yield from _hours(("calendars", position), calendar)


def _hours(path: ValuePath, calendar: Calendar) -> Iterator[Finding]:
    yield from _zone("calendars.yaml", (*path, "zone"), calendar.zone)
    yield from _week((*path, "weekly"), calendar.weekly)
    if not any(getattr(calendar.weekly, day) for day in WEEKDAYS):
        expected = "expected at least one open day, or no deadline would ever come"
        yield Finding("calendars.yaml", (*path, "weekly"), expected)
    for index, exception in enumerate(calendar.exceptions):
        here = (*path, "exceptions", index)
        yield from _week((*here, "weekly"), exception.weekly)
        if exception.last_day < exception.first_day:
            yield Finding("calendars.yaml", (*here, "to"), "expected a day not before `from`")
        for earlier in calendar.exceptions[:index]:
            apart = earlier.last_day < exception.first_day or exception.last_day < earlier.first_day
            if not apart and earlier.known_from == exception.known_from:
                expected = "expected days apart from the other exceptions"
                yield Finding("calendars.yaml", (*here, "from"), expected)


def _week(path: ValuePath, week: Week) -> Iterator[Finding]:
    for day in WEEKDAYS:
        closed_until = ""
        for index, (opens, closes) in enumerate(getattr(week, day)):
            if not closed_until <= opens < closes:
                expected = "expected spans in order, each opening before it closes"
                yield Finding("calendars.yaml", (*path, day, index), expected)
            closed_until = closes


def _zone(file: str, path: ValuePath, name: str) -> Iterator[Finding]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Finding(file, path, "expected an IANA time zone, such as Asia/Jakarta")


def _holidays(pack: Pack) -> Iterator[Finding]:
    for outer, year in enumerate(pack.calendars.holidays):
        seen: set[tuple[date, str, date]] = set()
        for inner, holiday in enumerate(year.days):
            path = ("holidays", outer, "days", inner, "date")
            row = (holiday.day, holiday.name, holiday.known_from or year.known_from)
            if holiday.day.year != year.year:
                yield Finding("calendars.yaml", path, f"expected a day of {year.year}")
            if row in seen:
                yield Finding("calendars.yaml", path, "expected this day only once")
            seen.add(row)


def _policies(pack: Pack) -> Iterator[Finding]:
    for section, policies in (
        ("policies", pack.policies.policies),
        ("escalation", pack.policies.escalation),
    ):
        names = [policy.id for policy in policies]
        yield from _versions("policies.yaml", section, policies, names)
        rungs: dict[tuple[str, str, int | None], str] = {}
        for position, policy in enumerate(policies):
            path: ValuePath = (section, position)
            yield from _policy(section, path, policy)
            rung = (policy.policy_class, policy.stage, policy.level)
            if rungs.setdefault(rung, policy.id) != policy.id:
                expected = f"expected `{rungs[rung]}`, which already holds this class and stage"
                yield Finding("policies.yaml", (*path, "id"), expected)
    stages = {(policy.policy_class, policy.stage) for policy in pack.policies.policies}
    for name in _CLASSES:
        for stage in ("first_response", "resolution"):
            if (name, stage) not in stages:
                expected = f"expected a `{stage}` deadline for class `{name}`"
                yield Finding("policies.yaml", ("policies",), expected)


def _policy(section: str, path: ValuePath, policy: Policy) -> Iterator[Finding]:
    if policy.stage not in _SECTIONS[section]:
        expected = f"expected one of {', '.join(sorted(_SECTIONS[section]))} under `{section}`"
        yield Finding("policies.yaml", (*path, "stage"), expected)
    if policy.unit in {"hours", "minutes"} and policy.start != "same_day":
        expected = "expected same_day, as hours and minutes run at once"
        yield Finding("policies.yaml", (*path, "start"), expected)
    if (policy.stage == "escalation") != (policy.level is not None):
        expected = "expected a `level` for an escalation, and for no other stage"
        yield Finding("policies.yaml", path, expected)
    if (section == "escalation") != (policy.to is not None):
        yield Finding("policies.yaml", path, "expected `to` under `escalation`, and only there")
