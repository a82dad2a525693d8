"""I2, no double effect: one complaint per mention, each event applied once, one claim at a time."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.faults.checker.told import Evidence, distinct, is_of
from tests.faults.checker.violations import Violation, repeated, some
from tests.faults.clients import canaries_in

#: a request may wait before its lease is looked at
_CLAIM_SLACK_S = 10.0


def no_double_effect(evidence: Evidence) -> Iterator[Violation]:
    """I2: one complaint per mention, each event applied once, one open claim per assignment."""
    by_identity: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for one in evidence.accepted():
        answer = (one.told["complaint_id"], one.told["mention_id"], one.told["ticket"])
        by_identity[one.asked["identity"]].add(answer)
    yield from some(
        "I2",
        "mentions that were told of several complaints",
        (identity for identity, answers in by_identity.items() if len(answers) > 1),
    )
    shared = Counter(answer[0] for answers in by_identity.values() for answer in answers)
    yield from some("I2", "complaints of several mentions", repeated(shared))
    opened: dict[str, set[str]] = defaultdict(set)
    for event in evidence.mentions:
        for canary in canaries_in(event.body.get("mention", {}).get("text", "")):
            opened[canary].add(event.complaint)
    yield from some(
        "I2",
        "mentions that opened several complaints",
        (canary for canary, complaints in opened.items() if len(complaints) > 1),
    )
    for topic, events in evidence.by_topic().items():
        bodies: dict[str, set[bytes]] = defaultdict(set)
        for event in events:
            bodies[event.id].add(event.record.value or b"")
        yield from some(
            "I2",
            f"event ids with several contents in {topic}",
            (id_ for id_, contents in bodies.items() if len(contents) > 1),
        )
    decided = distinct(event for event in evidence.routing if is_of(event, "complaint.routed"))
    yield from some(
        "I2",
        "complaints decided twice in one round",
        repeated(Counter((one.complaint, one.body["decision"]["round"]) for one in decided)),
    )
    yield from _facts_once(evidence)
    yield from _claims(evidence)


def _facts_once(evidence: Evidence) -> Iterator[Violation]:
    rows = evidence.final.rows("agency-gateway", "history")
    once = {
        "lintas.complaint.registered.v1": ("complaint_id",),
        "lintas.assignment.accepted.v1": ("complaint_id", "assignment_id"),
        "lintas.assignment.contributed.v1": ("complaint_id", "assignment_id"),
        "lintas.complaint.answered.v1": ("complaint_id", "statement_id", "version"),
        "lintas.complaint.resolved.v1": ("complaint_id",),
        "lintas.complaint.closed.v1": ("complaint_id",),
    }
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        if row["type"] in once:
            body = json.loads(row["body"])
            found[row["type"], *(body.get(name) for name in once[row["type"]])] += 1
    yield from some("I2", "facts that happened twice", repeated(found))
    yield from some(
        "I2", "event ids used twice", repeated(Counter(row["event_id"] for row in rows))
    )
    folded = Counter(row["event_id"] for row in evidence.final.rows("metrics", "fact"))
    facts = {row["event_id"] for row in rows}
    yield from some("I2", "facts folded twice", repeated(folded))
    yield from some("I2", "facts folded that never happened", folded.keys() - facts)
    yield from some("I1", "facts that the figures miss", facts - folded.keys())


def _claims(evidence: Evidence) -> Iterator[Violation]:
    """No assignment is given to a second caller while a first one's lease lives."""
    held: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    began_at = next(one.details["at"] for one in evidence.history.moments if one.name == "began")
    for one in evidence.history.of("claim"):
        if not one.ok or not one.told.get("claim_id") or one.ended_s is None:
            continue
        until_s = datetime.fromisoformat(one.told["expires_at"]).timestamp() - began_at
        for item in one.told["items"]:
            held[item["assignment_id"]].append((one.began_s, until_s, one.told["claim_id"]))
    twice = []
    for assignment, leases in held.items():
        leases.sort()
        for (_, until_s, first), (began_s, _, second) in pairwise(leases):
            # the second was surely asked for while the first lived
            if second != first and began_s < until_s - _CLAIM_SLACK_S:
                twice.append(assignment)
    yield from some("I2", "assignments claimed twice at a time", twice)
