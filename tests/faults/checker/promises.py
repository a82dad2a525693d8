"""I4 to I7: equal figures, isolation, recovery, honest answers."""

from collections.abc import Iterator

from tests.faults.checker.told import Evidence, text_of
from tests.faults.checker.violations import Violation, some
from tests.faults.clients import canaries_in
from tests.faults.figures import differences
from tests.faults.history import Outcome


def figures(evidence: Evidence) -> Iterator[Violation]:
    """I4: the figures shown = those of the log = those of the gateway's rows, to the second."""
    yield from some("I4", "figures that differ", differences(evidence.final))


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
    yield from some("I5", "answers that show another agency's complaint", seen)
    yield from some("I5", "logs with what people wrote", evidence.final.leaks)


def recovery(evidence: Evidence) -> Iterator[Violation]:
    """I6: everything was drained in time, and nothing fell that nobody pushed."""
    yield from some("I6", "stages that did not drain", evidence.final.undrained)
    yield from some("I6", "processes that ended by themselves", evidence.final.exits)


def honest_answers(evidence: Evidence) -> Iterator[Violation]:
    """I7: 2xx means kept, an outage is 503 with Retry-After, what was refused never appears."""
    operations = evidence.history.operations
    kept = evidence.column("ingest", "complaint", "complaint_id")
    yield from some(
        "I7",
        "accepted, and not kept at intake",
        (
            one.asked["identity"]
            for one in evidence.accepted()
            if one.told["complaint_id"] not in kept
        ),
    )
    yield from some(
        "I7",
        "server errors that are no outage",
        (
            f"{one.kind} {one.status}"
            for one in operations
            if one.status is not None and one.status >= 500 and one.status != 503
        ),
    )
    yield from some(
        "I7",
        "outages without Retry-After",
        (one.kind for one in operations if one.status == 503 and not one.told.get("retry_after")),
    )
    possible: dict[str, bool] = {}
    for one in evidence.history.of("mention"):
        canary = one.asked["canary"]
        possible[canary] = possible.get(canary, False) or one.outcome is not Outcome.FAIL
    refused = {canary for canary, may_be_there in possible.items() if not may_be_there}
    present = {canary for event in evidence.mentions for canary in canaries_in(text_of(event))}
    yield from some("I7", "refused mentions that appear", refused & present)
    yield from some(
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
