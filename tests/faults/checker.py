"""Judges a run by what its clients were told and by everything that can be read afterwards.

Knows no fault: the same invariants hold after every one of them. A check returns violations, each
under the name of the invariant it breaks (I1 no loss, I2 no double effect, I3 order, I4 equal
figures, I5 isolation, I6 recovery, I7 honest answers).
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zlib import crc32

from tests.faults.clients import canaries_in
from tests.faults.figures import differences
from tests.faults.history import History, Operation, Outcome
from tests.faults.observe import QUARANTINES, Final

from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING, STATEMENTS

#: a record the harness wrote raw, which nobody can read
POISON = "x-poison"
#: who must put an unreadable record of a topic aside
READERS: Mapping[str, tuple[str, ...]] = {
    MENTIONS: ("router",),
    ROUTING: ("agency-gateway",),
    COMPLAINTS: ("ingest", "metrics"),
    STATEMENTS: ("ingest", "metrics"),
}
_EXAMPLES = 4
_GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Violation:
    """One promise that was not kept."""

    invariant: str
    what: str
    number: int = 1
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = f" (such as {', '.join(self.examples)})" if self.examples else ""
        return f"{self.invariant}: {self.number} × {self.what}{shown}"


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its record tells it, read without our own event models."""

    id: str
    type: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    record: Record

    @property
    def complaint(self) -> str:
        """Which complaint it is about."""
        return str(self.body["complaint_id"])


class Evidence:
    """A history and a final state, with the questions the checks ask of them."""

    def __init__(self, history: History, final: Final) -> None:
        self.history = history
        self.final = final
        self.mentions = list(_events(final.of(MENTIONS)))
        self.routing = list(_events(final.of(ROUTING)))
        self.complaints = list(_events(final.of(COMPLAINTS)))
        self.statements = list(_events(final.of(STATEMENTS)))

    def by_topic(self) -> Mapping[str, list[Told]]:
        """Every readable event by its topic."""
        return {
            MENTIONS: self.mentions,
            ROUTING: self.routing,
            COMPLAINTS: self.complaints,
            STATEMENTS: self.statements,
        }

    def accepted(self) -> list[Operation]:
        """Mentions whose client was told that they are kept."""
        return [one for one in self.history.of("mention") if one.ok]

    def column(self, service: str, table: str, name: str) -> set[Any]:
        """The values of a column."""
        return {row[name] for row in self.final.rows(service, table)}


Check = Callable[[Evidence], Iterator[Violation]]


def check(history: History, final: Final) -> list[Violation]:
    """Every violation of a run; empty if all promises were kept."""
    evidence = Evidence(history, final)
    return [violation for one in CHECKS for violation in one(evidence)]


def no_loss(evidence: Evidence) -> Iterator[Violation]:
    """I1: what was accepted is at every stage, or in quarantine with its reason."""
    accepted = {one.told["complaint_id"] for one in evidence.accepted()}
    stages = {
        "the log of mentions": {event.complaint for event in evidence.mentions},
        "the log of decisions": {event.complaint for event in evidence.routing},
        "the gateway": evidence.column("agency-gateway", "complaint", "id"),
        "the log of lifecycles": {event.complaint for event in evidence.complaints},
        "the figures": evidence.column("metrics", "complaint_fact", "complaint_id"),
        "the public pages": {
            row["complaint_id"]
            for row in evidence.final.rows("ingest", "public_status")
            if row["seq"] > 0
        },
    }
    for place, there in stages.items():
        yield from _some("I1", f"accepted, and not in {place}", accepted - there)
        accepted &= there
    kept = evidence.column("ingest", "complaint", "complaint_id")
    known = {event.complaint for event in evidence.mentions}
    yield from _some("I1", "committed at intake, and never published", kept - known)
    yield from _outboxes(evidence)
    yield from _acts_kept(evidence)


def quarantine(evidence: Evidence) -> Iterator[Violation]:
    """I1: what cannot be read is put aside by all who read it; what can be read is not."""
    aside: dict[str, Counter[tuple[str, int, int]]] = {}
    ours: list[str] = []
    for topic in QUARANTINES:
        found: Counter[tuple[str, int, int]] = Counter()
        for record in evidence.final.of(topic):
            headers = _headers(record)
            place = _origin(headers)
            found[place] += 1
            if POISON not in headers:
                why = headers["lintas_error_class"]
                ours.append(f"{place[0]}/{place[1]}@{place[2]} {why}")
        aside[topic] = found
    yield from _some("I1", "of our own records in quarantine", ours)
    missing = []
    for moment in evidence.history.moments:
        if moment.name != "poison":
            continue
        place = (
            moment.details["topic"],
            moment.details["partition"],
            moment.details["offset"],
        )
        missing += [
            f"{place[0]}/{place[1]}@{place[2]} by {service}"
            for service in READERS[place[0]]
            if not aside[f"lintas.quarantine.{service}.v1"][place]
        ]
    yield from _some("I1", "unreadable records not in quarantine", missing)


def no_double_effect(evidence: Evidence) -> Iterator[Violation]:
    """I2: one complaint per mention, each event applied once, one open claim per assignment."""
    by_identity: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for one in evidence.accepted():
        answer = (one.told["complaint_id"], one.told["mention_id"], one.told["ticket"])
        by_identity[one.asked["identity"]].add(answer)
    yield from _some(
        "I2",
        "mentions that were told of several complaints",
        (identity for identity, answers in by_identity.items() if len(answers) > 1),
    )
    shared = Counter(answer[0] for answers in by_identity.values() for answer in answers)
    yield from _some("I2", "complaints of several mentions", _repeated(shared))
    opened: dict[str, set[str]] = defaultdict(set)
    for event in evidence.mentions:
        for canary in canaries_in(event.body.get("mention", {}).get("text", "")):
            opened[canary].add(event.complaint)
    yield from _some(
        "I2",
        "mentions that opened several complaints",
        (canary for canary, complaints in opened.items() if len(complaints) > 1),
    )
    for topic, events in evidence.by_topic().items():
        bodies: dict[str, set[bytes]] = defaultdict(set)
        for event in events:
            bodies[event.id].add(event.record.value or b"")
        yield from _some(
            "I2",
            f"event ids with several contents in {topic}",
            (id_ for id_, contents in bodies.items() if len(contents) > 1),
        )
    decided = _distinct(event for event in evidence.routing if _is(event, "complaint.routed"))
    yield from _some(
        "I2",
        "complaints decided twice in one round",
        _repeated(Counter((one.complaint, one.body["decision"]["round"]) for one in decided)),
    )
    yield from _facts_once(evidence)
    yield from _claims(evidence)


def order(evidence: Evidence) -> Iterator[Violation]:
    """I3: `seq` is 1..n per complaint, in the log, in the database and at each reader."""
    yield from _log_order(evidence.complaints)
    for topic, events in evidence.by_topic().items():
        yield from _some("I3", f"keys on a partition not their own in {topic}", _strays(events))
    for topic, service in ((MENTIONS, "router"), (ROUTING, "agency-gateway")):
        places: dict[str, set[int]] = defaultdict(set)
        for event in evidence.by_topic()[topic]:
            places[event.complaint].add(event.record.partition)
        yield from _some(
            "I3",
            f"complaints spread over partitions for {service}",
            (complaint for complaint, partitions in places.items() if len(partitions) > 1),
        )
    rows: dict[str, list[int]] = defaultdict(list)
    for row in evidence.final.rows("agency-gateway", "history"):
        rows[row["complaint_id"]].append(row["seq"])
    yield from _some(
        "I3",
        "histories with a gap",
        (one for one, seqs in rows.items() if seqs != list(range(1, len(seqs) + 1))),
    )
    heads = {row["id"]: row["seq"] for row in evidence.final.rows("agency-gateway", "complaint")}
    for service, table in (("ingest", "public_status"), ("metrics", "complaint_fact")):
        behind = (
            row["complaint_id"]
            for row in evidence.final.rows(service, table)
            if row["complaint_id"] in heads and heads[row["complaint_id"]] != row["seq"]
        )
        yield from _some("I3", f"complaints that {service} has at another `seq`", behind)
    yield from _some(
        "I3",
        "complaints left behind a gap in the figures",
        evidence.column("metrics", "waiting", "complaint_id"),
    )


def figures(evidence: Evidence) -> Iterator[Violation]:
    """I4: the figures shown = those of the log = those of the gateway's rows, to the second."""
    yield from _some("I4", "figures that differ", differences(evidence.final))


def isolation(evidence: Evidence) -> Iterator[Violation]:
    """I5: nobody sees what belongs to others, in answers or in logs."""
    texts = {
        canary: row["id"]
        for row in evidence.final.rows("agency-gateway", "complaint")
        for canary in canaries_in(row["text"] or "")
    }
    access = {
        (row["agency"], row["complaint_id"])
        for row in evidence.final.rows("agency-gateway", "access")
    }
    seen = []
    for operation in evidence.history.operations:
        agency = operation.asked.get("agency")
        if agency is None:
            continue
        seen += [
            f"{operation.kind} by {agency}: {canary}"
            for canary in operation.told.get("canaries", ())
            if (agency, texts.get(canary)) not in access
        ]
        if operation.kind == "pry" and operation.ok:
            complaint = operation.asked["complaint"]
            if (agency, complaint) not in access:
                seen.append(f"{complaint} by {agency}")
    yield from _some("I5", "answers that show another agency's complaint", seen)
    yield from _some("I5", "logs with what people wrote", evidence.final.leaks)


def recovery(evidence: Evidence) -> Iterator[Violation]:
    """I6: everything was drained in time, and nothing fell that nobody pushed."""
    yield from _some("I6", "stages that did not drain", evidence.final.undrained)
    yield from _some("I6", "processes that ended by themselves", evidence.final.exits)


def honest_answers(evidence: Evidence) -> Iterator[Violation]:
    """I7: 2xx means kept, an outage is 503 with Retry-After, what was refused never appears."""
    operations = evidence.history.operations
    kept = evidence.column("ingest", "complaint", "complaint_id")
    yield from _some(
        "I7",
        "accepted, and not kept at intake",
        (
            one.asked["identity"]
            for one in evidence.accepted()
            if one.told["complaint_id"] not in kept
        ),
    )
    yield from _some(
        "I7",
        "server errors that are no outage",
        (
            f"{one.kind} {one.status}"
            for one in operations
            if one.status is not None and one.status >= 500 and one.status != 503
        ),
    )
    yield from _some(
        "I7",
        "outages without Retry-After",
        (one.kind for one in operations if one.status == 503 and not one.told.get("retry_after")),
    )
    possible: dict[str, bool] = {}
    for one in evidence.history.of("mention"):
        canary = one.asked["canary"]
        possible[canary] = possible.get(canary, False) or one.outcome is not Outcome.FAIL
    refused = {canary for canary, may_be_there in possible.items() if not may_be_there}
    present = {canary for event in evidence.mentions for canary in canaries_in(_text(event))}
    yield from _some("I7", "refused mentions that appear", refused & present)
    yield from _some(
        "I7",
        "tickets that were given and show nothing",
        (
            *(ticket for ticket, status in evidence.final.tickets.items() if status != 200),
            *(
                one.asked["ticket"]
                for one in evidence.history.of("look")
                if one.outcome is Outcome.FAIL
            ),
        ),
    )


CHECKS: Sequence[Check] = (
    no_loss,
    quarantine,
    no_double_effect,
    order,
    figures,
    isolation,
    recovery,
    honest_answers,
)


def _outboxes(evidence: Evidence) -> Iterator[Violation]:
    """Every committed event is in its topic, and no lifecycle is there that was not committed."""
    published = {event.id for events in evidence.by_topic().values() for event in events}
    for service in ("ingest", "agency-gateway"):
        committed = {
            row["event_id"]
            for row in evidence.final.rows(service, "outbox")
            if row["topic"] in evidence.by_topic()
        }
        yield from _some(
            "I1", f"events that {service} committed and nobody can read", committed - published
        )
    facts = evidence.column("agency-gateway", "history", "event_id")
    told = {event.id for event in evidence.complaints}
    yield from _some("I1", "facts that are in no log", facts - told)
    yield from _some("I2", "facts in the log that were never committed", told - facts)
    unknown = {event.complaint for event in evidence.mentions} - evidence.column(
        "ingest", "complaint", "complaint_id"
    )
    yield from _some("I2", "mentions in the log that were never committed", unknown)


def _acts_kept(evidence: Evidence) -> Iterator[Violation]:
    """What an officer was told is done, is done."""
    shares = {
        (row["complaint_id"], row["agency"])
        for row in evidence.final.rows("agency-gateway", "assignment")
        if row["state"] != "queued"
    }
    parts = {
        (row["complaint_id"], row["agency"])
        for row in evidence.final.rows("agency-gateway", "contribution")
    }
    facts = {
        (row["complaint_id"], row["type"])
        for row in evidence.final.rows("agency-gateway", "history")
    }
    statements = {
        (row["id"], row["state"]) for row in evidence.final.rows("agency-gateway", "statement")
    }
    answers = {
        (row["complaint_id"], row["statement_id"])
        for row in evidence.final.rows("ingest", "published_answer")
    }
    told = {
        event.body["statement_id"]
        for event in evidence.statements
        if _is(event, "statement.published")
    }
    lost = []
    for one in evidence.history.operations:
        if not one.ok:
            continue
        complaint, agency = one.asked.get("complaint"), one.asked.get("agency")
        statement = one.asked.get("statement")
        match one.kind:
            case "accept":
                there = (complaint, agency) in shares
            case "contribute":
                there = (complaint, agency) in parts
            case "publish":
                there = (
                    (statement, "published") in statements
                    and statement in told
                    and (complaint, statement) in answers
                    and (complaint, "lintas.complaint.answered.v1") in facts
                )
            case "resolve" | "close":
                kind = "resolved" if one.kind == "resolve" else "closed"
                there = (complaint, f"lintas.complaint.{kind}.v1") in facts
            case _:
                there = True
        if not there:
            lost.append(f"{one.kind} of {complaint} by {agency}")
    yield from _some("I1", "acts that were confirmed and are not there", lost)


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
    yield from _some("I2", "facts that happened twice", _repeated(found))
    yield from _some(
        "I2", "event ids used twice", _repeated(Counter(row["event_id"] for row in rows))
    )
    folded = Counter(row["event_id"] for row in evidence.final.rows("metrics", "fact"))
    facts = {row["event_id"] for row in rows}
    yield from _some("I2", "facts folded twice", _repeated(folded))
    yield from _some("I2", "facts folded that never happened", folded.keys() - facts)
    yield from _some("I1", "facts that the figures miss", facts - folded.keys())


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
    yield from _some("I2", "assignments claimed twice at a time", twice)


#: a request may wait before its lease is looked at
_CLAIM_SLACK_S = 10.0


def _log_order(events: Sequence[Told]) -> Iterator[Violation]:
    """Gapless after dedupe, and each fact chained to the one before."""
    last: dict[str, tuple[int, str]] = {}
    wrong, broken = [], []
    for event in events:
        seq, previous = last.get(event.complaint, (0, _GENESIS))
        if event.body["seq"] <= seq:
            continue  # the relay may repeat
        if event.body["seq"] != seq + 1:
            wrong.append(f"{event.complaint}: {event.body['seq']} after {seq}")
        elif event.body["previous_hash"] != previous or _hash(event) != event.body["hash"]:
            broken.append(f"{event.complaint}: {event.body['seq']}")
        last[event.complaint] = (event.body["seq"], event.body["hash"])
    yield from _some("I3", "lifecycle facts out of order in the log", wrong)
    yield from _some("I3", "lifecycle facts that do not follow their predecessor's hash", broken)


def _hash(event: Told) -> str:
    covered = {name: value for name, value in event.body.items() if name != "hash"}
    for name in ("ce_type", "ce_id", "ce_time", "ce_recordedtime"):
        covered[name] = event.headers[name]
    canonical = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    previous = str(event.body["previous_hash"])
    return hashlib.sha256(previous.encode() + canonical.encode()).hexdigest()


def _strays(events: Iterable[Told]) -> Iterator[str]:
    partitions = 6
    for event in events:
        key = event.record.key or b""
        if _is_statement(event):
            key = str(event.body["statement_id"]).encode()
        if crc32(key) % partitions != event.record.partition:
            yield f"{key.decode('utf-8', 'replace')} on {event.record.partition}"


def _is_statement(event: Told) -> bool:
    return event.type.startswith("lintas.statement.")


def _is(event: Told, name: str) -> bool:
    return event.type == f"lintas.{name}.v1"


def _text(event: Told) -> str:
    return str(event.body.get("mention", {}).get("text", ""))


def _events(records: Iterable[Record]) -> Iterator[Told]:
    for record in records:
        headers = _headers(record)
        if POISON not in headers:
            body = json.loads(record.value or b"null")
            yield Told(headers["ce_id"], headers["ce_type"], body, headers, record)


def _distinct(events: Iterable[Told]) -> list[Told]:
    return list({event.id: event for event in events}.values())


def _headers(record: Record) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in record.headers}


def _origin(headers: Mapping[str, str]) -> tuple[str, int, int]:
    return (
        headers["lintas_origin_topic"],
        int(headers["lintas_origin_partition"]),
        int(headers["lintas_origin_offset"]),
    )


def _repeated(counted: Counter[Any]) -> list[str]:
    return [str(what) for what, times in counted.items() if times > 1]


def _some(invariant: str, what: str, found: Iterable[Any]) -> Iterator[Violation]:
    items = sorted(map(str, found))
    if items:
        yield Violation(invariant, what, len(items), tuple(items[:_EXAMPLES]))
