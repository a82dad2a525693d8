"""Rows to domain values and back, for complaints and their assignments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter

from agency_gateway.domain.complaint import Assignment, Case, Complaint, Deadline
from agency_gateway.domain.records import Said
from agency_gateway.store.sets import columns_of
from lintas.vocabulary.terms import (
    Anonymity,
    AssignmentState,
    ComplaintState,
    MentionClass,
    Origin,
    Role,
    Stakeholder,
    Stance,
    Urgency,
)

_SAID = TypeAdapter(Said)
#: stands for “no policy limits it”, so that order needs no rule for nulls
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

CASE_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "ticket": "text",
    "mention_id": "uuid",
    "channel": "text",
    "account": "text",
    "mention_class": "text",
    "category": "text",
    "kecamatan": "text",
    "kelurahan": "text",
    "urgency": "text",
    "subject": "text",
    "stance": "text",
    "stakeholder": "text",
    "anonymity": "text",
    "origin": "text",
    "posted_at": "timestamptz",
    "received_at": "timestamptz",
    "rules_version": "text",
    "model_version": "text",
    "places_version": "text",
    "text_commitment": "text",
    "deadlines": "jsonb",
}
ASSIGNMENT_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "agency": "text",
    "complaint_id": "uuid",
    "place": "integer",
    "role": "text",
    "state": "text",
    "round": "integer",
    "assigned_at": "timestamptz",
    "accepted_at": "timestamptz",
    "deadlines": "jsonb",
    "due_at": "timestamptz",
    "category": "text",
    "channel": "text",
}


class Placed(NamedTuple):
    """An assignment with its place among those of its complaint."""

    case: Case
    place: int
    share: Assignment


def case_columns(cases: Sequence[Case]) -> dict[str, list[Any]]:
    """The columns of CASE_COLUMNS, one value per case."""
    columns = columns_of(CASE_COLUMNS, cases)
    columns["deadlines"] = list(map(deadlines_text, columns["deadlines"]))
    return columns


def assignment_columns(placed: Sequence[Placed]) -> dict[str, list[Any]]:
    """The columns of ASSIGNMENT_COLUMNS, one value per assignment."""
    shares = [one.share for one in placed]
    cases = [one.case for one in placed]
    own = ("id", "agency", "role", "state", "round", "assigned_at", "accepted_at")
    return {
        **columns_of(own, shares),
        "complaint_id": [case.id for case in cases],
        "place": [one.place for one in placed],
        "deadlines": [deadlines_text(share.deadlines) for share in shares],
        "due_at": [share.due_at or NEVER for share in shares],
        "category": [case.category for case in cases],
        "channel": [case.channel for case in cases],
    }


def placed(complaint: Complaint) -> list[Placed]:
    """A complaint's assignments with their places."""
    return [
        Placed(complaint.case, place, share) for place, share in enumerate(complaint.assignments)
    ]


def to_complaint(row: Any, assignments: Iterable[Any]) -> Complaint:
    """The aggregate of a complaint row and its assignment rows in order of `place`."""
    return Complaint(
        case=_to_case(row),
        state=ComplaintState(row.state),
        round=row.round,
        awaiting_round=row.awaiting_round,
        assignments=tuple(to_assignment(share) for share in assignments),
    )


def to_assignment(row: Any) -> Assignment:
    """A share from its row."""
    return Assignment(
        id=row.id,
        agency=row.agency,
        role=Role(row.role),
        state=AssignmentState(row.state),
        round=row.round,
        assigned_at=row.assigned_at,
        accepted_at=row.accepted_at,
        deadlines=to_deadlines(row.deadlines),
    )


def to_deadlines(rows: Iterable[Mapping[str, Any]]) -> tuple[Deadline, ...]:
    """Deadlines from their JSON."""
    return tuple(
        Deadline(**{**row, "due_at": datetime.fromisoformat(row["due_at"])}) for row in rows
    )


def deadlines_text(deadlines: Iterable[Deadline]) -> str:
    """Deadlines as JSON."""
    return orjson.dumps(list(deadlines)).decode()


def said_text(said: Said | None) -> str | None:
    """How something was said, as JSON."""
    return None if said is None else orjson.dumps(said).decode()


def to_said(row: Mapping[str, Any] | None) -> Said | None:
    """How something was said, from its JSON."""
    return None if row is None else _SAID.validate_python(row, strict=False)


def _to_case(row: Any) -> Case:
    values = {name: getattr(row, name) for name in CASE_COLUMNS}
    values.update(
        mention_class=MentionClass(row.mention_class),
        urgency=Urgency(row.urgency),
        stance=Stance(row.stance),
        stakeholder=Stakeholder(row.stakeholder),
        anonymity=Anonymity(row.anonymity),
        origin=Origin(row.origin),
        deadlines=to_deadlines(row.deadlines),
    )
    return Case(**values)
