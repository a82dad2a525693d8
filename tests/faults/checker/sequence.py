"""I3, order: `seq` is 1..n per complaint, in the log, in the database and at each reader."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from tests.faults.checker.told import Evidence, Told
from tests.faults.checker.violations import Violation, some

from lintas.contracts.topics import MENTIONS, ROUTING

_GENESIS = "0" * 64


def order(evidence: Evidence) -> Iterator[Violation]:
    """I3: `seq` is 1..n per complaint, in the log, in the database and at each reader."""
    yield from _log_order(evidence.complaints)
    for topic, events in evidence.by_topic().items():
        yield from some("I3", f"keys on a partition not their own in {topic}", _strays(events))
    for topic, service in ((MENTIONS, "router"), (ROUTING, "agency-gateway")):
        places: dict[str, set[int]] = defaultdict(set)
        for event in evidence.by_topic()[topic]:
            places[event.complaint].add(event.record.partition)
        yield from some(
            "I3",
            f"complaints spread over partitions for {service}",
            (complaint for complaint, partitions in places.items() if len(partitions) > 1),
        )
    rows: dict[str, list[int]] = defaultdict(list)
    for row in evidence.final.rows("agency-gateway", "history"):
        rows[row["complaint_id"]].append(row["seq"])
    yield from some(
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
        yield from some("I3", f"complaints that {service} has at another `seq`", behind)
    yield from some(
        "I3",
        "complaints left behind a gap in the figures",
        evidence.column("metrics", "waiting", "complaint_id"),
    )


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
    yield from some("I3", "lifecycle facts out of order in the log", wrong)
    yield from some("I3", "lifecycle facts that do not follow their predecessor's hash", broken)


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
        if is_statement(event):
            key = str(event.body["statement_id"]).encode()
        if crc32(key) % partitions != event.record.partition:
            yield f"{key.decode('utf-8', 'replace')} on {event.record.partition}"


def is_statement(event: Told) -> bool:
    return event.type.startswith("lintas.statement.")
