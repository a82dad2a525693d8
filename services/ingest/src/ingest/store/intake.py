"""What accepting reads and writes: one statement each way, however large the set.

Every statement is a round trip, and the commit of a small set is mostly round trips.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ingest.domain.identity import secret_hash
from ingest.domain.mentions import Known, NewComplaint, ReporterKey
from lintas.database import outbox
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Joined, PublicStatus
from lintas.vocabulary.ticket import Ticket

#: a ticket that is taken; a complaint whose reporter's key another transaction has replaced
_OVERTAKEN_STATES = frozenset({"23505", "23503"})


class Overtaken(Exception):
    """Somebody else wrote one of these rows meanwhile, or drew the same ticket: look again."""


@contextmanager
def overtaken() -> Iterator[None]:
    """Tells a lost race from other refusals of the database."""
    try:
        yield
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) in _OVERTAKEN_STATES:
            raise Overtaken from error
        raise


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the vault already holds of a set of arrivals."""

    mentions: Mapping[MentionId, Known]
    #: by the keyed hash of the request
    fingerprints: Mapping[bytes, bytes]
    #: living data keys, by the keyed hash of the reporter
    keys: Mapping[bytes, ReporterKey]


_REMEMBERED = text("""
SELECT 'mention' AS what, m.mention_id AS id, c.complaint_id AS about, c.ticket, c.client, m.joined,
       NULL::bytea AS hash, NULL::bytea AS value
FROM mention m JOIN complaint c USING (complaint_id)
WHERE m.mention_id = ANY(CAST(:mentions AS uuid[]))
UNION ALL
SELECT 'request', NULL, NULL, NULL, NULL, NULL, request, fingerprint
FROM request WHERE request = ANY(CAST(:requests AS bytea[]))
UNION ALL
SELECT 'key', key_id, NULL, NULL, NULL, NULL, reporter, wrapped
FROM reporter_key WHERE reporter = ANY(CAST(:reporters AS bytea[])) AND wrapped IS NOT NULL
""")


async def remembered(
    tx: Transaction,
    mentions: Sequence[MentionId],
    requests: Sequence[bytes],
    reporters: Sequence[bytes],
) -> Remembered:
    """What is known of these mentions, requests and reporters."""
    rows = await tx.connection.execute(
        _REMEMBERED,
        {
            "mentions": list(mentions),
            "requests": list(requests),
            "reporters": list(reporters),
        },
    )
    known: dict[MentionId, Known] = {}
    fingerprints: dict[bytes, bytes] = {}
    keys: dict[bytes, ReporterKey] = {}
    for what, identity, about, ticket, client, joined, hashed, value in rows:
        if what == "mention":
            # into the standard library's class, as the driver's own is not written as JSON
            known[MentionId(identity)] = Known(
                ComplaintId(UUID(int=about.int)),
                Ticket(ticket),
                client,
                Joined(joined) if joined else None,
            )
        elif what == "request":
            fingerprints[hashed] = value
        else:
            keys[hashed] = ReporterKey(identity, hashed, value)
    return Remembered(known, fingerprints, keys)


_WRITE = text(f"""
WITH bound AS (
    INSERT INTO request (request, fingerprint, received_at)
    SELECT request, fingerprint, :at
    FROM unnest(CAST(:requests AS bytea[]), CAST(:fingerprints AS bytea[]))
        AS r(request, fingerprint)
    ON CONFLICT DO NOTHING RETURNING 1
), kept AS (
    INSERT INTO reporter_key (key_id, reporter, wrapped)
    SELECT * FROM unnest(
        CAST(:new_keys AS uuid[]), CAST(:reporters AS bytea[]), CAST(:wrapped AS bytea[]))
    ON CONFLICT (reporter) WHERE wrapped IS NOT NULL DO NOTHING RETURNING 1
), incoming AS (
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:tickets AS text[]), CAST(:secrets AS bytea[]),
        CAST(:clients AS text[]), CAST(:anonymities AS text[]), CAST(:keys AS uuid[]),
        CAST(:mentions AS uuid[]), CAST(:channels AS text[]), CAST(:accounts AS text[]),
        CAST(:sealed AS bytea[]), CAST(:received AS timestamptz[]), CAST(:revisions AS text[]),
        CAST(:unlisted AS boolean[])
    ) AS i(complaint_id, ticket, secret_hash, client, anonymity, key_id,
           mention_id, channel, account, sealed, received_at, revision, unlisted)
), opened AS (
    INSERT INTO complaint
        (complaint_id, ticket, secret_hash, client, anonymity, key_id, received_at, unlisted)
    SELECT complaint_id, ticket, secret_hash, client, anonymity, key_id, received_at, unlisted
    FROM incoming ON CONFLICT (complaint_id) DO NOTHING RETURNING complaint_id
), said AS (
    INSERT INTO mention
        (mention_id, complaint_id, revision, channel, account, sealed, received_at)
    SELECT mention_id, complaint_id, revision, channel, account, sealed, received_at
    FROM incoming JOIN opened USING (complaint_id)
), shown AS (
    INSERT INTO public_status (complaint_id, seq, status, updated_at)
    SELECT complaint_id, 0, :status, received_at FROM incoming JOIN opened USING (complaint_id)
), published AS (
    {outbox.ADD}
)
SELECT (SELECT count(*) FROM bound) + (SELECT count(*) FROM kept) + (SELECT count(*) FROM opened)
""")  # noqa: S608  # no value of anybody's is in it


async def write(
    tx: Transaction,
    fingerprints: Mapping[bytes, bytes],
    keys: Sequence[ReporterKey],
    complaints: Sequence[NewComplaint],
    publishing: Mapping[str, Sequence[object]],
    at: datetime,
) -> None:
    """Bind requests to their bodies, keep new data keys, open complaints with their first mention.

    `publishing` is what `Transaction.publishing` gave for the events of the set.

    Raises:
        Overtaken: one of these is there already, or a ticket is taken; nothing of the set counts.
    """
    # in one order everywhere, so that two sets never wait for each other
    requests = sorted(fingerprints)
    keys = sorted(keys, key=lambda key: key.reporter)
    complaints = sorted(complaints, key=lambda complaint: complaint.complaint_id)
    values = {
        "requests": requests,
        "fingerprints": [fingerprints[request] for request in requests],
        "new_keys": [key.key_id for key in keys],
        "reporters": [key.reporter for key in keys],
        "wrapped": [key.wrapped for key in keys],
        "at": at,
        "status": PublicStatus.RECEIVED,
        **_columns(complaints),
        **publishing,
    }
    with overtaken():
        written = await tx.connection.scalar(_WRITE, values)
    if written != len(requests) + len(keys) + len(complaints):
        raise Overtaken


def _columns(complaints: Sequence[NewComplaint]) -> dict[str, object]:
    return {
        "ids": [new.complaint_id for new in complaints],
        "tickets": [new.ticket for new in complaints],
        "secrets": [secret_hash(new.secret) for new in complaints],
        "clients": [new.client for new in complaints],
        "anonymities": [new.anonymity for new in complaints],
        "keys": [new.key_id for new in complaints],
        "mentions": [new.mention_id for new in complaints],
        "channels": [new.channel for new in complaints],
        "accounts": [new.account for new in complaints],
        "sealed": [new.sealed for new in complaints],
        "received": [new.received_at for new in complaints],
        "revisions": [new.revision for new in complaints],
        "unlisted": [new.unlisted for new in complaints],
    }
