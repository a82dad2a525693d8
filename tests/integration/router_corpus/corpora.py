"""A running router with its corpus, and what it is told."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
from tests.routers import eventually, running

from lintas.contracts.codec import encode
from lintas.contracts.events import complaints, mentions
from lintas.contracts.events.routing import MentionForwarded
from lintas.contracts.topics import COMPLAINTS, ROUTING
from lintas.messaging.producer import KafkaProducer
from lintas.testing.builders import complaint_id, complaint_routed, mention
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import MentionClass, Role
from lintas_local.stack import Stack

#: nothing else of this suite was received then
DAY = datetime(2026, 6, 1, tzinfo=UTC)
HASH = "0" * 64


@dataclass
class Place:
    """A running router, what it reads from, and a look into its database."""

    stack: Stack
    producer: KafkaProducer
    database: asyncpg.Connection
    running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        self.router = await self.running.enter_async_context(running(self.stack))
        self.client = self.router.client

    async def stop(self) -> None:
        await self.running.aclose()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def say(self, *events: Any) -> None:
        """Put routing events and lifecycle events on their topics."""
        await self.producer.send(
            [
                encode(
                    event,
                    COMPLAINTS if isinstance(event, complaints.LifecycleEvent) else ROUTING,
                    "tests",
                )
                for event in events
            ]
        )

    async def row(self, number: int) -> asyncpg.Record | None:
        return await self.database.fetchrow(
            "SELECT * FROM corpus WHERE complaint_id = $1", UUID(str(complaint_id(number)))
        )

    async def text(self, number: int) -> str | None:
        row = await self.row(number)
        return row and row["text"]

    async def ending(self, number: int) -> asyncpg.Record | None:
        return await self.database.fetchrow(
            "SELECT * FROM corpus_ending WHERE complaint_id = $1", UUID(str(complaint_id(number)))
        )

    async def read_up_to_here(self) -> None:
        """Return once everything that was said before is in the corpus, on every partition."""
        numbers = [fresh() for _ in range(60)]
        await self.say(*(complaint_routed(n, received_at=DAY) for n in numbers))
        await self.say(*(registered(n) for n in numbers))
        for number in numbers:
            await eventually(lambda number=number: self.row(number))
            await eventually(lambda number=number: self.ending(number))

    async def backtest(self, body: dict[str, Any], **headers: str) -> httpx2.Response:
        given = {"Idempotency-Key": f'"{uuid4()}"', **headers}
        return await self.client.post("/v1/backtests", json=body, headers=given)

    async def found(self, address: str) -> dict[str, Any]:
        """What a backtest found, once it is over."""

        async def over() -> dict[str, Any] | None:
            shown = (await self.client.get(address)).json()
            return shown if shown["finished_at"] else None

        return await eventually(over)


def fresh() -> int:
    """The number of a complaint that no other test has."""
    return int(uuid4()) % 10**9


def forwarded(number: int, kind: type, turn: int = 1, **payload: Any) -> MentionForwarded:
    """A later event of a complaint's mentions, as the router passes it on."""
    identity = complaint_id(number)
    return MentionForwarded(
        event_id=derived_id(identity, f"forwarded/{kind.type}", turn),
        occurred_at=DAY,
        recorded_at=DAY,
        complaint_id=identity,
        event_type=kind.type,
        payload={"complaint_id": str(identity), **payload},
    )


def edited(number: int, text: str, **changes: Any) -> MentionForwarded:
    said = mention(number, text=text, **changes).model_dump(mode="json")
    return forwarded(number, mentions.MentionEdited, mention=said)


def fact(number: int, seq: int, kind: type, **more: Any) -> Any:
    identity = complaint_id(number)
    return kind(
        event_id=derived_id(identity, "fact", seq),
        occurred_at=DAY,
        recorded_at=DAY,
        complaint_id=identity,
        seq=seq,
        previous_hash=HASH,
        hash=HASH,
        **more,
    )


def registered(number: int, **changes: Any) -> complaints.ComplaintRegistered:
    said = mention(number)
    values = {
        "ticket": said.ticket,
        "mention_id": said.mention_id,
        "channel": "x",
        "account": "kotabogor",
        "mention_class": MentionClass.COMPLAINT,
        "received_at": DAY,
        "rules_version": "1",
        "text_commitment": HASH,
    }
    return fact(number, 1, complaints.ComplaintRegistered, **(values | changes))


def assigned(number: int, seq: int, agency: str, role: Role = Role.LEAD) -> Any:
    return fact(
        number,
        seq,
        complaints.ComplaintAssigned,
        assignment_id=derived_id(complaint_id(number), agency),
        agency=agency,
        role=role,
    )


def moved(number: int, seq: int, agency: str, kind: type, **more: Any) -> Any:
    identity = derived_id(complaint_id(number), agency)
    return fact(number, seq, kind, assignment_id=identity, agency=agency, reason="other", **more)


def life(number: int) -> list[Any]:
    """Returned once, handed on once, resolved by the third agency; helped by a fourth."""
    return [
        registered(number),
        assigned(number, 2, "dpupr"),
        assigned(number, 3, "satpol-pp", Role.CONTRIBUTOR),
        moved(number, 4, "dpupr", complaints.AssignmentReturned),
        assigned(number, 5, "dlh"),
        moved(number, 6, "satpol-pp", complaints.AssignmentReturned),
        moved(number, 7, "dlh", complaints.AssignmentTransferred, to_agency="pln"),
        assigned(number, 8, "pln"),
        fact(number, 9, complaints.ComplaintResolved),
        fact(number, 10, complaints.ComplaintClosed),
    ]
