"""I1, no loss: what was accepted is at every stage, or in quarantine with its reason."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.faults.checker.told import POISON, Evidence, headers_of, is_of
from tests.faults.checker.violations import Violation, some
from tests.faults.observe import QUARANTINES

from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING, STATEMENTS

#: who must put an unreadable record of a topic aside
READERS: Mapping[str, tuple[str, ...]] = {
    MENTIONS: ("router",),
    ROUTING: ("agency-gateway",),
    COMPLAINTS: ("ingest", "metrics"),
    STATEMENTS: ("ingest", "metrics"),
}


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
        yield from some("I1", f"accepted, and not in {place}", accepted - there)
        accepted &= there
    kept = evidence.column("ingest", "complaint", "complaint_id")
    known = {event.complaint for event in evidence.mentions}
    yield from some("I1", "committed at intake, and never published", kept - known)
    yield from _outboxes(evidence)
    yield from _acts_kept(evidence)


def quarantine(evidence: Evidence) -> Iterator[Violation]:
    """I1: what cannot be read is put aside by all who read it; what can be read is not."""
    aside: dict[str, Counter[tuple[str, int, int]]] = {}
    ours: list[str] = []
    for topic in QUARANTINES:
        found: Counter[tuple[str, int, int]] = Counter()
        for record in evidence.final.of(topic):
            headers = headers_of(record)
            place = origin_of(headers)
            found[place] += 1
            if POISON not in headers:
                why = headers["lintas_error_class"]
                ours.append(f"{place[0]}/{place[1]}@{place[2]} {why}")
        aside[topic] = found
    yield from some("I1", "of our own records in quarantine", ours)
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
    yield from some("I1", "unreadable records not in quarantine", missing)


def _outboxes(evidence: Evidence) -> Iterator[Violation]:
    """Every committed event is in its topic, and no lifecycle is there that was not committed."""
    published = {event.id for events in evidence.by_topic().values() for event in events}
    for service in ("ingest", "agency-gateway"):
        committed = {
            row["event_id"]
            for row in evidence.final.rows(service, "outbox")
            if row["topic"] in evidence.by_topic()
        }
        yield from some(
            "I1", f"events that {service} committed and nobody can read", committed - published
        )
    facts = evidence.column("agency-gateway", "history", "event_id")
    told = {event.id for event in evidence.complaints}
    yield from some("I1", "facts that are in no log", facts - told)
    yield from some("I2", "facts in the log that were never committed", told - facts)
    unknown = {event.complaint for event in evidence.mentions} - evidence.column(
        "ingest", "complaint", "complaint_id"
    )
    yield from some("I2", "mentions in the log that were never committed", unknown)


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
        if is_of(event, "statement.published")
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
    yield from some("I1", "acts that were confirmed and are not there", lost)


def origin_of(headers: Mapping[str, str]) -> tuple[str, int, int]:
    return (
        headers["lintas_origin_topic"],
        int(headers["lintas_origin_partition"]),
        int(headers["lintas_origin_offset"]),
    )
