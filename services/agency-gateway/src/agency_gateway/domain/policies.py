"""Which deadlines a complaint and each share of it get: policy and calendar documents as rules."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Self

from agency_gateway.domain.complaint import Deadline
from lintas.vocabulary.errors import Invalid
from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import MentionClass, Role
from lintas.worktime import Calendar, DeadlinePolicy, FirstDay, Unit, due_at

#: promises to the citizen, counted from receipt
COMPLAINT_STAGES = ("verify", "first_response", "resolution")
#: an agency's own clock, counted from its assignment
SHARE_STAGES: Mapping[Role, tuple[str, ...]] = {
    Role.LEAD: ("first_response", "resolution"),
    Role.CONTRIBUTOR: ("first_response",),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a city document."""

    kind: str
    id: str
    version: str
    effective_from: datetime | None
    effective_to: datetime | None
    known_from: datetime
    body: Mapping[str, Any]

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is in force at `moment`."""
        return (self.effective_from is None or self.effective_from <= moment) and (
            self.effective_to is None or moment < self.effective_to
        )


# compared by identity, so that they can be looked up fast
@dataclass(frozen=True, slots=True, eq=False)
class _Policy:
    document: Document
    rule: DeadlinePolicy
    calendar: str


@dataclass(frozen=True, slots=True, eq=False)
class _Hours:
    document: Document
    calendar: Calendar


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    """What limits one stage: a policy with the calendar it counts by."""

    stage: str
    policy: _Policy
    hours: _Hours


@dataclass(frozen=True, slots=True)
class Directory:
    """The city's documents, read for deciding; the newest known version in force counts."""

    #: what the gateway's cache compares
    revision: int = 0
    agencies: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    policies: Mapping[tuple[str, str], tuple[_Policy, ...]] = field(default_factory=dict)
    calendars: Mapping[str, tuple[_Hours, ...]] = field(default_factory=dict)
    #: when documents come into force or go out of it, in order; seconds since 1970
    turns: tuple[float, ...] = ()
    #: rules found earlier: between two turns they are the same
    _found: dict[tuple[object, ...], tuple[_Rule, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, documents: Iterable[Document], revision: int) -> Self:
        """The directory of `documents`, given in the order they were published.

        A policy or calendar that cannot be read limits nothing, rather than stopping registration;
        it is refused when it is published.
        """
        agencies: dict[str, list[Document]] = {}
        policies: dict[tuple[str, str], list[_Policy]] = {}
        calendars: dict[str, list[_Hours]] = {}
        turns: set[datetime] = set()
        # later known wins; of equals, later published
        for document in sorted(documents, key=lambda document: document.known_from):
            turns.update(filter(None, (document.effective_from, document.effective_to)))
            try:
                if document.kind == "agency":
                    agencies.setdefault(document.id, []).append(document)
                elif document.kind == "calendar":
                    hours = _Hours(document, Calendar.from_document(document.body))
                    calendars.setdefault(document.id, []).append(hours)
                elif document.kind == "policy":
                    policy = read_policy(document)
                    place = (str(document.body["class"]), str(document.body["stage"]))
                    policies.setdefault(place, []).append(policy)
            except Invalid:
                continue
        return cls(
            revision,
            {code: tuple(versions) for code, versions in agencies.items()},
            {place: tuple(versions) for place, versions in policies.items()},
            {code: tuple(versions) for code, versions in calendars.items()},
            tuple(sorted(turn.timestamp() for turn in turns)),
        )

    def knows(self, agency: str) -> bool:
        """Whether the city has such an agency."""
        return agency in self.agencies

    def promises(self, of: MentionClass, received_at: datetime) -> tuple[Deadline, ...]:
        """What the citizen is promised, by the policies in force at receipt."""
        return self._deadlines(of, COMPLAINT_STAGES, received_at, received_at, None)

    def clock(
        self,
        of: MentionClass,
        role: Role,
        agency: AgencyCode,
        received_at: datetime,
        assigned_at: datetime,
    ) -> tuple[Deadline, ...]:
        """A share's own deadlines: policies in force at receipt, counted from the assignment.

        Working days are the agency's own, where it has a calendar.
        """
        held = _in_force(self.agencies.get(agency, ()), assigned_at)
        calendar = str(held.body["calendar"]) if held and held.body.get("calendar") else None
        return self._deadlines(of, SHARE_STAGES[role], received_at, assigned_at, calendar)

    def _deadlines(
        self,
        of: MentionClass,
        stages: Sequence[str],
        received_at: datetime,
        start: datetime,
        own_calendar: str | None,
    ) -> tuple[Deadline, ...]:
        period = (of, stages, own_calendar, bisect_right(self.turns, received_at.timestamp()))
        rules = self._found.get(period)
        if rules is None:
            rules = tuple(self._rules(of, stages, received_at, own_calendar))
            self._found[period] = rules
        return tuple([_deadline(rule, start) for rule in rules])

    def _rules(
        self,
        of: MentionClass,
        stages: Sequence[str],
        received_at: datetime,
        own_calendar: str | None,
    ) -> Iterator[_Rule]:
        for stage in stages:
            for policy in _newest_each(self.policies.get((of.value, stage), ()), received_at):
                hours = self._hours(policy.calendar, received_at)
                if own_calendar and policy.rule.unit is Unit.WORKING_DAYS:
                    hours = self._hours(own_calendar, received_at) or hours
                if hours is not None:
                    yield _Rule(stage, policy, hours)

    def _hours(self, code: str, moment: datetime) -> _Hours | None:
        versions = reversed(self.calendars.get(code, ()))
        return next((one for one in versions if one.document.holds_at(moment)), None)


def read_policy(document: Document) -> _Policy:
    """The rule of a policy document; Invalid names the field that cannot be read."""
    body = document.body
    for name in ("class", "stage", "calendar"):
        if not isinstance(body.get(name), str):
            raise Invalid(f"The policy needs its {name}.")
    # the pack says `start` where worktime says `first_day`
    rule = DeadlinePolicy.from_document({"first_day": body.get("start", "next_day"), **body})
    return _Policy(document, rule, str(body["calendar"]))


def _newest_each(policies: Iterable[_Policy], moment: datetime) -> Iterable[_Policy]:
    newest: dict[str, _Policy] = {}
    for policy in policies:
        if policy.document.holds_at(moment):
            newest[policy.document.id] = policy
    return newest.values()


def _in_force(versions: Sequence[Document], moment: datetime) -> Document | None:
    return next((version for version in reversed(versions) if version.holds_at(moment)), None)


def _deadline(rule: _Rule, start: datetime) -> Deadline:
    policy = rule.policy.rule
    if policy.first_day is FirstDay.NEXT_DAY and policy.unit in _DAYS:
        # every receipt of a day has the same deadline
        return _of_day(rule, rule.hours.calendar.day_of(start))
    return _computed(rule, start)


@lru_cache(maxsize=4_096)
def _of_day(rule: _Rule, day: date) -> Deadline:
    midnight = datetime.combine(day, time.min, UTC)
    return _computed(rule, midnight - timedelta(seconds=rule.hours.calendar.offset_s))


@lru_cache(maxsize=4_096)
def _computed(rule: _Rule, start: datetime) -> Deadline:
    policy, hours = rule.policy, rule.hours
    return Deadline(
        stage=rule.stage,
        due_at=due_at(policy.rule, start, hours.calendar),
        policy=policy.document.id,
        policy_version=policy.document.version,
        calendar=hours.document.id,
        calendar_version=hours.document.version,
    )


_DAYS = frozenset({Unit.WORKING_DAYS, Unit.CALENDAR_DAYS})
