"""The corpus: one statement for as many rows as there are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from lintas.database.work import Transaction
from lintas.vocabulary.terms import MentionClass
from router.domain import Case, Ending, Kept, Mention

#: column → type, of what a reporter said and may take back
_SAID: Mapping[str, str] = {
    "text": "text",
    "channel": "text",
    "address": "text",
    "latitude": "float8",
    "longitude": "float8",
    "stated_class": "text",
    "own_post": "boolean",
    "stakeholder": "text",
    "suspected": "text",
}
_DECIDED: Mapping[str, str] = {
    "decided_class": "text",
    "decided_category": "text",
    "decided_lead": "text",
    "rules_version": "text",
}
_KEY: Mapping[str, str] = {"complaint_id": "uuid", "mention_id": "uuid"}
_ALL = {**_KEY, "received_at": "timestamptz", **_SAID, **_DECIDED}
_ENDING: Mapping[str, str] = {
    "complaint_id": "uuid",
    "received_at": "timestamptz",
    "seq": "int",
    "lead": "text",
    "settled_by": "text",
    "bounces": "int",
}


def _rows(columns: Mapping[str, str]) -> str:
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
    return f"unnest({arrays}) AS r({', '.join(columns)})"


def _same(names: Collection[str], source: str) -> str:
    return ", ".join(f"{name} = {source}.{name}" for name in names)


_NAMES, _ENDING_NAMES = ", ".join(_ALL), ", ".join(_ENDING)
# column names of this room, no values
_ADD = text(
    f"INSERT INTO corpus ({_NAMES}) SELECT {_NAMES} FROM {_rows(_ALL)}"  # noqa: S608
    " ON CONFLICT DO NOTHING"
)
_EDIT = text(
    f"UPDATE corpus c SET {_same(_SAID, 'r')} FROM {_rows({**_KEY, **_SAID})}"  # noqa: S608
    " WHERE c.complaint_id = r.complaint_id AND c.mention_id = r.mention_id"
    "  AND c.text IS NOT NULL"
)
_FORGET = text(
    f"UPDATE corpus SET {', '.join(f'{name} = NULL' for name in (*_SAID, *_DECIDED))}"  # noqa: S608
    f" FROM {_rows(_KEY)} WHERE corpus.complaint_id = r.complaint_id"
    "  AND (r.mention_id IS NULL OR r.mention_id = corpus.mention_id)"
)
_ENDINGS = text(
    f"SELECT {_ENDING_NAMES} FROM corpus_ending"  # noqa: S608
    " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id FOR UPDATE"
)
_SAVE = text(
    f"INSERT INTO corpus_ending ({_ENDING_NAMES})"  # noqa: S608
    f" SELECT {_ENDING_NAMES} FROM {_rows(_ENDING)} ON CONFLICT (complaint_id) DO UPDATE"
    f" SET {_same(list(_ENDING)[2:], 'EXCLUDED')} WHERE corpus_ending.seq < EXCLUDED.seq"
)
_PARTITION: Mapping[str, str] = {"topic": "text", "partition": "int"}
_POSITION: Mapping[str, str] = {**_PARTITION, "next": "bigint"}
_POSITIONS = text(
    f"SELECT p.topic, p.partition, p.next FROM {_rows(_PARTITION)}"  # noqa: S608
    " JOIN corpus_position p USING (topic, partition)"
)
_MOVE = text(
    f"INSERT INTO corpus_position SELECT topic, partition, next FROM {_rows(_POSITION)}"  # noqa: S608
    " ON CONFLICT (topic, partition)"
    " DO UPDATE SET next = GREATEST(corpus_position.next, EXCLUDED.next)"
)
_IN_SPAN = (
    "text IS NOT NULL AND received_at < :until"
    " AND received_at >= COALESCE(CAST(:since AS timestamptz), '-infinity')"
)
_PAGE = text(
    "SELECT c.complaint_id, c.received_at, c.text, c.channel, c.address, c.latitude, c.longitude,"  # noqa: S608
    " c.stated_class, c.own_post, c.stakeholder, c.suspected, c.decided_lead,"
    " e.settled_by, e.bounces"
    f" FROM (SELECT * FROM corpus WHERE {_IN_SPAN}"
    "  AND (received_at, complaint_id) > (CAST(:at AS timestamptz), CAST(:id AS uuid))"
    "  ORDER BY received_at, complaint_id LIMIT :limit) c"
    " LEFT JOIN corpus_ending e ON e.complaint_id = c.complaint_id"
    " ORDER BY c.received_at, c.complaint_id"
)
_BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_COUNT = text(f"SELECT count(*) FROM corpus WHERE {_IN_SPAN}")  # noqa: S608
_TEXTS = text(
    "SELECT complaint_id, text FROM corpus"
    " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) AND text IS NOT NULL"
)


async def add(tx: Transaction, kept: Sequence[Kept]) -> None:
    """Keep first mentions. What is known stays as it is: edited, or forgotten."""
    await _write(tx, _ADD, _ALL, [{**_said(one), **_decided(one)} for one in kept])


async def edit(tx: Transaction, kept: Sequence[tuple[UUID, UUID, Mention]]) -> None:
    """Replace what was said in these mentions of complaints, each at most once."""
    rows = [
        {"complaint_id": complaint, "mention_id": mention_id, **_words(mention)}
        for complaint, mention_id, mention in kept
    ]
    await _write(tx, _EDIT, {**_KEY, **_SAID}, rows)


async def forget(tx: Transaction, gone: Collection[tuple[UUID, UUID | None]]) -> None:
    """Let go of all that was said in complaints, or in one mention of each."""
    rows = [{"complaint_id": complaint, "mention_id": mention} for complaint, mention in gone]
    await _write(tx, _FORGET, _KEY, rows)


async def endings(tx: Transaction, complaints: Collection[UUID]) -> dict[UUID, Ending]:
    """What became of those complaints of which anything is known; nobody else writes it now."""
    rows = await tx.connection.execute(_ENDINGS, {"ids": list(complaints)})
    return {row.complaint_id: Ending(*row) for row in rows}


async def save(tx: Transaction, endings_: Sequence[Ending]) -> None:
    """Write what became of complaints."""
    # by id, so that two writers never wait for each other in a circle
    ordered = sorted(endings_, key=lambda one: one.complaint_id)
    await _write(
        tx, _SAVE, _ENDING, [{name: getattr(one, name) for name in _ENDING} for one in ordered]
    )


async def positions(
    tx: Transaction, partitions: Collection[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """The next offset of each partition that was read before."""
    rows = await tx.connection.execute(_POSITIONS, _columns(sorted(partitions), _PARTITION))
    return {(row.topic, row.partition): row.next for row in rows}


async def move(tx: Transaction, positions_: Mapping[tuple[str, int], int]) -> None:
    """Everything before these offsets is in the corpus; never back."""
    rows = [(*partition, offset) for partition, offset in sorted(positions_.items())]
    await tx.connection.execute(_MOVE, _columns(rows, _POSITION))


async def drop_before(tx: Transaction, moment: datetime, limit: int) -> int:
    """Delete up to `limit` rows of each table that were received before; how many were."""
    dropped = 0
    for table in ("corpus", "corpus_ending"):
        gone = await tx.connection.execute(
            text(
                f"DELETE FROM {table} WHERE complaint_id = ANY(ARRAY("  # noqa: S608
                f"SELECT complaint_id FROM {table} WHERE received_at < :moment LIMIT :limit))"
            ),
            {"moment": moment, "limit": limit},
        )
        dropped += gone.rowcount
    return dropped


async def count(tx: Transaction, since: datetime | None, until: datetime) -> int:
    """How many complaints of the corpus were received then."""
    return int(await tx.connection.scalar(_COUNT, {"since": since, "until": until}) or 0)


async def page(
    tx: Transaction,
    since: datetime | None,
    until: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Case]:
    """The next complaints received then, in the order of receipt; None is before the first."""
    at, last = after or _BEGINNING
    values = {"since": since, "until": until, "at": at, "id": last, "limit": limit}
    return [_case(row) for row in await tx.connection.execute(_PAGE, values)]


async def texts(tx: Transaction, complaints: Collection[UUID]) -> dict[UUID, str]:
    """The texts of those complaints that have one still."""
    rows = await tx.connection.execute(_TEXTS, {"ids": list(complaints)})
    return {row.complaint_id: row.text for row in rows}


def _columns(rows: Sequence[Sequence[Any]], names: Collection[str]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


async def _write(
    tx: Transaction, statement: Any, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    if rows:
        values = {name: [row[name] for row in rows] for name in columns}
        await tx.connection.execute(statement, values)


def _said(kept: Kept) -> dict[str, Any]:
    return {
        "complaint_id": kept.complaint_id,
        "mention_id": kept.mention_id,
        "received_at": kept.mention.received_at,
        **_words(kept.mention),
    }


def _words(mention: Mention) -> dict[str, Any]:
    return {name: getattr(mention, name) for name in _SAID}


def _decided(kept: Kept) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in _DECIDED}


def _case(row: Row[Any]) -> Case:
    return Case(
        complaint_id=row.complaint_id,
        mention=Mention(
            text=row.text,
            received_at=row.received_at,
            channel=row.channel,
            address=row.address,
            stated_class=MentionClass(row.stated_class) if row.stated_class else None,
            own_post=row.own_post,
            latitude=row.latitude,
            longitude=row.longitude,
            stakeholder=row.stakeholder,
            suspected=row.suspected,
        ),
        decided_lead=row.decided_lead,
        final=row.settled_by,
        bounces=row.bounces or 0,
    )
