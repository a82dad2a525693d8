"""Which rows a complaint has in each service's database."""

from tests.bench.lab import twin
from tests.bench.rows import Source

from lintas.contracts.topics import COMPLAINTS, MENTIONS

_OF_COMPLAINTS = "r.complaint_id = ANY($1)"
_OF_KEY = "convert_from(r.key, 'UTF8')::uuid"


def _outbox(topic: str) -> Source:
    return Source(
        "outbox",
        # other keys are no uuids
        "r.key IN (SELECT convert_to(id::text, 'UTF8') FROM unnest($1::uuid[]) AS k(id))",
        _OF_KEY,
        instead={"topic": twin(topic)},
        without=("published_at",),
    )


#: tables in the order in which foreign keys allow them
SOURCES = {
    "ingest": (
        Source(
            "reporter_key",
            "r.key_id IN (SELECT key_id FROM complaint WHERE complaint_id = ANY($1))",
            "(SELECT complaint_id FROM complaint c WHERE c.key_id = r.key_id)",
            unique=("reporter",),
        ),
        Source("complaint", _OF_COMPLAINTS, unique=("ticket",)),
        Source("mention", _OF_COMPLAINTS),
        Source("public_status", _OF_COMPLAINTS),
        _outbox(MENTIONS),
    ),
    "agency-gateway": (
        Source("inbox", "r.event_id = ANY($1)", "r.event_id"),
        Source("complaint", "r.id = ANY($1)", "r.id"),
        Source("assignment", _OF_COMPLAINTS),
        Source("access", _OF_COMPLAINTS),
        Source("history", _OF_COMPLAINTS),
        _outbox(COMPLAINTS),
    ),
    "metrics": (
        Source("fact", _OF_COMPLAINTS),
        Source("complaint_fact", _OF_COMPLAINTS),
        Source("assignment_fact", _OF_COMPLAINTS),
    ),
}
