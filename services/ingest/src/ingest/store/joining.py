"""What an arrival may continue, and the mentions that continue something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from ingest.domain.joining import Candidate
from ingest.domain.mentions import Continued, NewMention
from ingest.store.intake import Overtaken, overtaken
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Anonymity, Joined, PublicStatus
from lintas.vocabulary.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Named:
    """Complaints by what names them; those whose reporter is erased are not among them."""

    mentions: Mapping[MentionId, Candidate]
    threads: Mapping[bytes, Candidate]
    tickets: Mapping[Ticket, Candidate]


_NAMED = text("""
WITH named AS (
    SELECT 'reply' AS joined, mention_id, NULL::bytea AS thread, complaint_id
    FROM mention WHERE mention_id = ANY(CAST(:mentions AS uuid[]))
    UNION ALL
    SELECT 'conversation', NULL, thread, complaint_id
    FROM conversation WHERE thread = ANY(CAST(:threads AS bytea[]))
    UNION ALL
    SELECT 'ticket', NULL, NULL, complaint_id
    FROM complaint WHERE ticket = ANY(CAST(:tickets AS text[]))
)
SELECT n.joined, n.mention_id, n.thread, c.complaint_id, c.ticket, c.client, c.anonymity,
       coalesce(a.same_as, k.reporter) AS reporter, s.status,
       (SELECT max(m.received_at) FROM mention m WHERE m.complaint_id = c.complaint_id) AS last
FROM named n
JOIN complaint c USING (complaint_id)
JOIN reporter_key k ON k.key_id = c.key_id AND k.wrapped IS NOT NULL
JOIN public_status s USING (complaint_id)
LEFT JOIN same_reporter a ON a.reporter = k.reporter
""")


async def named(
    tx: Transaction,
    mentions: Sequence[MentionId],
    threads: Sequence[bytes],
    tickets: Sequence[Ticket],
) -> Named:
    """The complaints that these mentions, threads and tickets name."""
    rows = await tx.connection.execute(
        _NAMED, {"mentions": list(mentions), "threads": list(threads), "tickets": list(tickets)}
    )
    by_mention: dict[MentionId, Candidate] = {}
    by_thread: dict[bytes, Candidate] = {}
    by_ticket: dict[Ticket, Candidate] = {}
    for row in rows:
        continued = Continued(
            complaint_id=ComplaintId(UUID(int=row.complaint_id.int)),
            ticket=Ticket(row.ticket),
            client=row.client,
            anonymity=Anonymity(row.anonymity),
            joined=Joined(row.joined),
        )
        candidate = Candidate(continued, row.reporter, PublicStatus(row.status), row.last)
        match continued.joined:
            case Joined.REPLY:
                by_mention[MentionId(row.mention_id)] = candidate
            case Joined.CONVERSATION:
                by_thread[row.thread] = candidate
            case Joined.TICKET:
                by_ticket[continued.ticket] = candidate
    return Named(by_mention, by_thread, by_ticket)


async def lock(tx: Transaction, complaints: Sequence[ComplaintId]) -> None:
    """Nobody else adds to these until the transaction ends, so their events keep one order."""
    await tx.connection.execute(
        text(
            "SELECT FROM complaint WHERE complaint_id = ANY(CAST(:ids AS uuid[]))"
            " ORDER BY complaint_id FOR NO KEY UPDATE"
        ),
        {"ids": list(complaints)},
    )


async def add(tx: Transaction, mentions: Sequence[NewMention]) -> None:
    """Keep mentions that continue a complaint.

    Raises:
        Overtaken: one of them is there already; nothing of the set counts.
    """
    mentions = sorted(mentions, key=lambda new: new.mention_id)
    with overtaken():
        added = await tx.connection.execute(
            text(
                "INSERT INTO mention (mention_id, complaint_id, revision, channel, account,"
                "  sealed, received_at, key_id, joined)"
                " SELECT * FROM unnest(CAST(:mentions AS uuid[]), CAST(:complaints AS uuid[]),"
                "  CAST(:revisions AS text[]), CAST(:channels AS text[]),"
                "  CAST(:accounts AS text[]), CAST(:sealed AS bytea[]),"
                "  CAST(:received AS timestamptz[]), CAST(:keys AS uuid[]),"
                "  CAST(:joined AS text[]))"
                " ON CONFLICT DO NOTHING RETURNING 1"
            ),
            {
                "mentions": [new.mention_id for new in mentions],
                "complaints": [new.continued.complaint_id for new in mentions],
                "revisions": [new.revision for new in mentions],
                "channels": [new.channel for new in mentions],
                "accounts": [new.account for new in mentions],
                "sealed": [new.sealed for new in mentions],
                "received": [new.received_at for new in mentions],
                "keys": [new.key_id for new in mentions],
                "joined": [new.continued.joined for new in mentions],
            },
        )
    if len(added.all()) != len(mentions):
        raise Overtaken


async def follow_threads(
    tx: Transaction,
    now_about: Mapping[bytes, ComplaintId],
    seen: Mapping[bytes, ComplaintId],
) -> None:
    """Say what threads are about from now on; `seen` is what they were about when looked at.

    Raises:
        Overtaken: one of them is about something else meanwhile.
    """
    threads = sorted(now_about)
    said = await tx.connection.execute(
        text(
            "INSERT INTO conversation AS kept (thread, complaint_id)"
            " SELECT thread, complaint_id FROM unnest(CAST(:threads AS bytea[]),"
            "  CAST(:complaints AS uuid[])) AS n(thread, complaint_id)"
            " ON CONFLICT (thread) DO UPDATE SET complaint_id = excluded.complaint_id"
            " WHERE kept.complaint_id = excluded.complaint_id"
            "  OR kept.complaint_id = ANY(CAST(:seen AS uuid[])) RETURNING 1"
        ),
        {
            "threads": threads,
            "complaints": [now_about[thread] for thread in threads],
            "seen": [seen[thread] for thread in threads if thread in seen],
        },
    )
    if len(said.all()) != len(threads):
        raise Overtaken


async def same_as(tx: Transaction, reporters: Sequence[bytes]) -> Mapping[bytes, bytes]:
    """Those of `reporters` who were known by another id before, and as whom."""
    rows = await tx.connection.execute(
        text(
            "SELECT reporter, same_as FROM same_reporter"
            " WHERE reporter = ANY(CAST(:reporters AS bytea[]))"
        ),
        {"reporters": list(reporters)},
    )
    return {row.reporter: row.same_as for row in rows}
