"""Complaints as Open311 requests: folded, listed, put into words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from ingest.domain.open311.requests import (
    Given,
    Hidden,
    Progress,
    Request,
    SealedWords,
    State,
    Told,
    Update,
    Wanted,
    Window,
    Words,
)
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId, StatementId
from lintas.vocabulary.terms import Anonymity, PublicStatus
from lintas.vocabulary.ticket import Ticket


async def here(
    tx: Transaction, complaints: Sequence[ComplaintId]
) -> Mapping[ComplaintId, datetime]:
    """Those of the complaints that came in here, with when."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id, received_at FROM complaint"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": list(complaints)},
    )
    return {ComplaintId(row.complaint_id): row.received_at for row in rows}


async def progress(
    tx: Transaction, complaints: Sequence[ComplaintId]
) -> dict[ComplaintId, Progress]:
    """What the lifecycle has made of these so far, locked until the transaction ends."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id, requested_at, changed_at, category, hidden, state, disposition,"
            "  lead, agency FROM open311_request"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id FOR UPDATE"
        ),
        {"ids": list(complaints)},
    )
    return {ComplaintId(row.complaint_id): _progress(row) for row in rows}


async def keep_progress(tx: Transaction, changed: Sequence[Progress]) -> None:
    """Store these; a category that is known already is never lost, and what began in private stays so."""
    changed = sorted(changed, key=lambda one: one.complaint_id)
    await tx.connection.execute(
        text(
            "INSERT INTO open311_request (complaint_id, requested_at, changed_at, category, hidden,"
            "  state, disposition, lead, agency)"
            " SELECT complaint_id, requested_at, changed_at, category,"
            "  coalesce(n.hidden, CASE WHEN c.unlisted THEN CAST(:private AS text) END),"
            "  state, disposition, lead, agency"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:requested AS timestamptz[]),"
            "  CAST(:changed AS timestamptz[]), CAST(:categories AS text[]),"
            "  CAST(:hidden AS text[]), CAST(:states AS text[]), CAST(:dispositions AS text[]),"
            "  CAST(:leads AS text[]), CAST(:agencies AS text[])) WITH ORDINALITY"
            "  AS n(complaint_id, requested_at, changed_at, category, hidden, state, disposition,"
            "   lead, agency, place) JOIN complaint c USING (complaint_id) ORDER BY place"
            " ON CONFLICT (complaint_id) DO UPDATE SET changed_at = excluded.changed_at,"
            "  category = coalesce(excluded.category, open311_request.category),"
            "  hidden = excluded.hidden, state = excluded.state,"
            "  disposition = excluded.disposition, lead = excluded.lead, agency = excluded.agency"
        ),
        {
            "ids": [one.complaint_id for one in changed],
            "requested": [one.requested_at for one in changed],
            "changed": [one.changed_at for one in changed],
            "categories": [one.category for one in changed],
            "hidden": [one.hidden for one in changed],
            "states": [one.state for one in changed],
            "dispositions": [one.disposition for one in changed],
            "leads": [one.lead for one in changed],
            "agencies": [one.agency for one in changed],
            "private": Hidden.PRIVATE,
        },
    )


async def unlisted(tx: Transaction, limit: int) -> dict[ComplaintId, int]:
    """Complaints whose lifecycle was followed before it was kept for lists, each with its `seq`."""
    # one look over all complaints at each start; every other statement is bounded by an index
    await tx.connection.execute(text("SET LOCAL statement_timeout = '60s'"))
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id, seq FROM public_status WHERE seq > 0 AND NOT EXISTS"
            " (SELECT FROM open311_request r WHERE r.complaint_id = public_status.complaint_id)"
            " LIMIT :limit"
        ),
        {"limit": limit},
    )
    return {ComplaintId(row.complaint_id): row.seq for row in rows}


async def still_unlisted(
    tx: Transaction, expected: Mapping[ComplaintId, int]
) -> frozenset[ComplaintId]:
    """Those still not listed and still at this `seq`; no fact is folded before the commit."""
    rows = await tx.connection.execute(
        text(
            "SELECT s.complaint_id FROM public_status s"
            " JOIN unnest(CAST(:ids AS uuid[]), CAST(:seqs AS int[])) AS e(complaint_id, seq)"
            "  ON e.complaint_id = s.complaint_id AND e.seq = s.seq"
            " WHERE NOT EXISTS"
            "  (SELECT FROM open311_request r WHERE r.complaint_id = s.complaint_id)"
            " ORDER BY s.complaint_id FOR UPDATE OF s"
        ),
        {"ids": list(expected), "seqs": list(expected.values())},
    )
    return frozenset(ComplaintId(row.complaint_id) for row in rows)


async def keep_posted(
    tx: Transaction,
    complaint: ComplaintId,
    category: str | None,
    hidden: Hidden | None,
    given: Sequence[Given],
) -> None:
    """What a posted request says of itself; what the lifecycle says of it stands above."""
    await tx.connection.execute(
        text(
            "INSERT INTO open311_request"
            " (complaint_id, requested_at, changed_at, category, hidden, state, given)"
            " SELECT complaint_id, received_at, received_at, :category, :hidden, :state,"
            "  CAST(:given AS jsonb) FROM complaint WHERE complaint_id = :complaint"
            " ON CONFLICT (complaint_id) DO UPDATE SET given = excluded.given,"
            "  category = coalesce(open311_request.category, excluded.category)"
        ),
        {
            "complaint": complaint,
            "category": category,
            "hidden": hidden,
            "state": State.REGISTERED,
            "given": orjson.dumps([[one.code, *one.values] for one in given]).decode(),
        },
    )


async def add_updates(tx: Transaction, told: Sequence[Told]) -> None:
    """One update each, under its own id; seen again, it changes nothing."""
    await tx.connection.execute(
        text(
            "INSERT INTO open311_update (update_id, complaint_id, state, disposition, happened_at)"
            " SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:complaints AS uuid[]),"
            "  CAST(:states AS text[]), CAST(:dispositions AS text[]),"
            "  CAST(:times AS timestamptz[])) ON CONFLICT DO NOTHING"
        ),
        {
            "ids": [one.update_id for one in told],
            "complaints": [one.complaint_id for one in told],
            "states": [one.state for one in told],
            "dispositions": [one.happened.disposition for one in told],
            "times": [one.happened.at for one in told],
        },
    )


async def add_answer(
    tx: Transaction,
    updates: Mapping[ComplaintId, UUID],
    statement: StatementId,
    version: int,
    words: str,
    at: datetime,
) -> None:
    """A published answer as an update of those complaints that are known here."""
    await tx.connection.execute(
        text(
            "INSERT INTO open311_update"
            " (update_id, complaint_id, state, statement_id, version, text, happened_at)"
            " SELECT u.update_id, u.complaint_id, :state, :statement, :version, :words, :at"
            " FROM unnest(CAST(:updates AS uuid[]), CAST(:complaints AS uuid[]))"
            "  AS u(update_id, complaint_id) JOIN open311_request USING (complaint_id)"
            " ON CONFLICT DO NOTHING"
        ),
        {
            "updates": list(updates.values()),
            "complaints": list(updates),
            "state": State.ANSWERED,
            "statement": statement,
            "version": version,
            "words": words,
            "at": at,
        },
    )


async def retract_answer(tx: Transaction, statement: StatementId, version: int) -> None:
    """Show no version of the statement up to this one any more."""
    await tx.connection.execute(
        text("DELETE FROM open311_update WHERE statement_id = :statement AND version <= :version"),
        {"statement": statement, "version": version},
    )


_LISTED = """
SELECT r.complaint_id, r.requested_at, r.changed_at, r.category, r.hidden, r.state, r.disposition,
       r.lead, r.agency, r.given, c.ticket, c.anonymity, k.key_id, s.status, s.promised_at,
       greatest(s.updated_at, r.changed_at) AS updated_at, a.statement_id,
       m.mention_id, m.revision, m.channel, k.wrapped IS NULL OR m.withdrawn_at IS NOT NULL AS gone,
       w.description, w.address, w.lat, w.lon,
       CASE WHEN w.complaint_id IS NULL THEN m.sealed ELSE '' END AS sealed
FROM ({chosen}) AS r
JOIN complaint c USING (complaint_id)
JOIN public_status s USING (complaint_id)
JOIN LATERAL (
    SELECT mention_id, revision, channel, sealed, key_id, withdrawn_at FROM mention
    WHERE mention.complaint_id = r.complaint_id
    ORDER BY joined IS NOT NULL, received_at, mention_id LIMIT 1
) AS m ON true
JOIN reporter_key k ON k.key_id = coalesce(m.key_id, c.key_id)
LEFT JOIN open311_words w ON w.mention_id = m.mention_id AND w.revision = m.revision
    AND w.complaint_id = r.complaint_id
LEFT JOIN LATERAL (
    SELECT statement_id FROM published_answer
    WHERE published_answer.complaint_id = r.complaint_id AND NOT retracted
    ORDER BY published_at DESC LIMIT 1
) AS a ON true
ORDER BY r.requested_at DESC, r.complaint_id
"""
_BY_TICKET = """
SELECT open311_request.* FROM open311_request JOIN complaint USING (complaint_id)
WHERE hidden IS NULL AND ticket = ANY(CAST(:tickets AS text[]))
LIMIT :limit
"""
_BY_TIME = """
SELECT * FROM open311_request
WHERE hidden IS NULL AND requested_at BETWEEN :start AND :end
  AND (CAST(:categories AS text[]) IS NULL OR coalesce(category, '') = ANY(:categories))
  AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
  AND (CAST(:after AS uuid) IS NULL OR requested_at < :end OR complaint_id > :after)
ORDER BY requested_at DESC, complaint_id
LIMIT :limit OFFSET :offset
"""


async def listed(tx: Transaction, wanted: Wanted) -> list[Request]:
    """The requests asked for, the newest first."""
    rows = await tx.connection.execute(_chosen(wanted), _values(wanted))
    return [_request(row) for row in rows]


def _chosen(wanted: Wanted) -> Any:
    return text(_LISTED.format(chosen=_BY_TIME if wanted.tickets is None else _BY_TICKET))


def _values(wanted: Wanted) -> dict[str, Any]:
    if wanted.tickets is not None:
        return {"tickets": list(wanted.tickets), "limit": wanted.limit}
    if wanted.window is None:
        raise ValueError("requests are asked for by ticket or by time")
    categories, states = wanted.categories, wanted.states
    return {
        "start": wanted.window.start,
        "end": wanted.window.end,
        "categories": None if categories is None else [code or "" for code in categories],
        "states": None if states is None else sorted(states),
        "limit": wanted.limit,
        "offset": wanted.offset,
        "after": wanted.after,
    }


async def ticket_of(tx: Transaction, mention: MentionId) -> Ticket | None:
    """The ticket of the listed complaint that this mention opened."""
    ticket = await tx.connection.scalar(
        text(
            "SELECT ticket FROM mention JOIN complaint USING (complaint_id)"
            " JOIN open311_request USING (complaint_id)"
            " WHERE mention_id = :mention AND hidden IS NULL"
        ),
        {"mention": mention},
    )
    return None if ticket is None else Ticket(ticket)


async def keep_words(
    tx: Transaction, made: Sequence[tuple[ComplaintId, SealedWords, Words]]
) -> None:
    """Keep words for the next time, unless the reporter's key was destroyed meanwhile."""
    await tx.connection.execute(
        text(
            "INSERT INTO open311_words (complaint_id, mention_id, revision, key_id, description,"
            "  address, lat, lon)"
            " SELECT complaint_id, mention_id, revision, key_id, description, address, lat, lon"
            " FROM unnest(CAST(:complaints AS uuid[]), CAST(:mentions AS uuid[]),"
            "  CAST(:revisions AS text[]), CAST(:keys AS uuid[]), CAST(:descriptions AS text[]),"
            "  CAST(:addresses AS text[]), CAST(:lats AS float8[]), CAST(:lons AS float8[]))"
            "  AS n(complaint_id, mention_id, revision, key_id, description, address, lat, lon)"
            # locked, so that a key that is being destroyed takes these along
            " WHERE key_id IN (SELECT key_id FROM reporter_key"
            "  WHERE key_id = ANY(:keys) AND wrapped IS NOT NULL ORDER BY key_id FOR SHARE)"
            " ORDER BY complaint_id"
            " ON CONFLICT (complaint_id) DO UPDATE SET mention_id = excluded.mention_id,"
            "  revision = excluded.revision, key_id = excluded.key_id,"
            "  description = excluded.description, address = excluded.address,"
            "  lat = excluded.lat, lon = excluded.lon"
        ),
        {
            "complaints": [complaint for complaint, _, _ in made],
            "mentions": [sealed.mention_id for _, sealed, _ in made],
            "revisions": [sealed.revision for _, sealed, _ in made],
            "keys": [sealed.key_id for _, sealed, _ in made],
            "descriptions": [words.description for _, _, words in made],
            "addresses": [words.address for _, _, words in made],
            "lats": [words.lat for _, _, words in made],
            "lons": [words.lon for _, _, words in made],
        },
    )


async def forget_words(tx: Transaction, complaints: Sequence[ComplaintId]) -> None:
    """Keep no words of these any more."""
    await tx.connection.execute(
        text("DELETE FROM open311_words WHERE complaint_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(complaints)},
    )


_UPDATES = """
SELECT u.update_id, c.ticket, u.state, u.disposition, u.happened_at, u.text, u.statement_id
FROM open311_update u JOIN open311_request r USING (complaint_id) JOIN complaint c USING (complaint_id)
WHERE r.hidden IS NULL AND {condition}
ORDER BY u.happened_at, u.update_id LIMIT :limit
"""


async def updates(tx: Transaction, window: Window, limit: int) -> list[Update]:
    """What became of listed requests in this time, the oldest first."""
    rows = await tx.connection.execute(
        text(_UPDATES.format(condition="u.happened_at BETWEEN :start AND :end")),
        {"start": window.start, "end": window.end, "limit": limit},
    )
    return [_update(row) for row in rows]


async def updates_of(tx: Transaction, tickets: Sequence[Ticket], limit: int) -> list[Update]:
    """What became of these requests, the oldest first."""
    rows = await tx.connection.execute(
        text(_UPDATES.format(condition="c.ticket = ANY(CAST(:tickets AS text[]))")),
        {"tickets": list(tickets), "limit": limit},
    )
    return [_update(row) for row in rows]


async def nonce_of(
    tx: Transaction, post: bytes, fresh: UUID, at: datetime, within: timedelta
) -> UUID:
    """What this body is known by: as last time if that is not long ago, else `fresh`."""
    nonce = await tx.connection.scalar(
        text(
            "INSERT INTO open311_post AS p (post, nonce, posted_at) VALUES (:post, :fresh, :at)"
            " ON CONFLICT (post) DO UPDATE SET"
            "  nonce = CASE WHEN p.posted_at < :since THEN excluded.nonce ELSE p.nonce END,"
            "  posted_at = CASE WHEN p.posted_at < :since THEN excluded.posted_at"
            "   ELSE p.posted_at END"
            " RETURNING nonce"
        ),
        {"post": post, "fresh": fresh, "at": at, "since": at - within},
    )
    return UUID(str(nonce))


async def forget_posts(tx: Transaction, before: datetime, at_most: int) -> None:
    """Remove what was posted before, as it identifies nothing any more."""
    await tx.connection.execute(
        text(
            "DELETE FROM open311_post WHERE post IN"
            " (SELECT post FROM open311_post WHERE posted_at < :before"
            "  LIMIT :at_most FOR UPDATE SKIP LOCKED)"
        ),
        {"before": before, "at_most": at_most},
    )


def _progress(row: Any) -> Progress:
    return Progress(
        complaint_id=ComplaintId(row.complaint_id),
        requested_at=row.requested_at,
        changed_at=row.changed_at,
        category=row.category,
        hidden=Hidden(row.hidden) if row.hidden else None,
        state=State(row.state),
        disposition=row.disposition,
        lead=row.lead,
        agency=row.agency,
    )


def _request(row: Any) -> Request:
    words = None
    if row.gone:
        words = Words("")
    elif row.description is not None:
        words = Words(row.description, row.address, row.lat, row.lon)
    return Request(
        ticket=Ticket(row.ticket),
        progress=_progress(row),
        status=PublicStatus(row.status),
        channel=row.channel,
        anonymity=Anonymity(row.anonymity),
        promised_at=row.promised_at,
        updated_at=row.updated_at,
        given=tuple(Given(code, tuple(values)) for code, *values in row.given),
        statement_id=None if row.statement_id is None else StatementId(row.statement_id),
        words=words,
        sealed=SealedWords(MentionId(row.mention_id), row.revision, row.key_id, row.sealed),
    )


def _update(row: Any) -> Update:
    return Update(
        update_id=row.update_id,
        ticket=Ticket(row.ticket),
        state=State(row.state),
        disposition=row.disposition,
        at=row.happened_at,
        text=row.text,
        statement_id=None if row.statement_id is None else StatementId(row.statement_id),
    )
