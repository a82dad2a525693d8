"""An ingest whose city has services; the lifecycle is told without Kafka."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.open311 import as_text, spark

from ingest.consumer import DirectoryLoop, follow_status
from lintas.contracts.codec import encode
from lintas.contracts.events import Event, complaints
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.records import Record
from lintas.contracts.topics import DIRECTORY
from lintas.messaging.handling import Received
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas.vocabulary.terms import Anonymity, MentionClass, Role
from lintas_local.pack import directory_documents, load_pack

PACK = Path(__file__).parents[4] / "deploy" / "packs" / "bogor"
RECORD = Record("lintas.complaints.v1", 0, 0, 0, b"k", b"{}")
ROAD = {"service_code": "road_damage", "attribute[damage]": "pothole"}
PLACE = {"address_string": "Jalan Pajajaran 12, Bogor Tengah, Kota Bogor"}


@dataclass
class City:
    """The server, a client's key, and the hand that moves complaints on."""

    http: httpx2.AsyncClient
    key: str
    database: Any
    app: Any
    #: what was told so far
    history: list[Event] = field(default_factory=list)

    async def get(self, call: str, form: str = "json", **query: str) -> httpx2.Response:
        return await self.http.get(f"/open311/v2/{call}.{form}", params=query)

    async def both(self, call: str, **query: str) -> Any:
        """The JSON answer of a call, once its XML is known to say the same."""
        plain, xml = await self.get(call, "json", **query), await self.get(call, "xml", **query)
        assert plain.status_code == xml.status_code, (plain.text, xml.text)
        assert spark(xml.content) == as_text(plain.json())
        return plain.json()

    async def post(
        self, form: str = "json", call: str = "requests", files: Any = None, **fields: Any
    ) -> httpx2.Response:
        return await self.http.post(
            f"/open311/v2/{call}.{form}", data={"api_key": self.key} | fields, files=files
        )

    async def posted(self, **fields: Any) -> str:
        """The id of a new request."""
        answer = await self.post(**(ROAD | PLACE | {"description": "Jalan berlubang"} | fields))
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["service_request_id"])

    async def answers_with(self, code: str, answer: str) -> None:
        """Let a service answer with an `id`, a `token` or `nothing`, from now on."""
        services = self.app.state.deps.open311.services
        for document in [*services._documents.values()]:
            if (document.kind, document.id) == ("category", code):
                body = {**document.body, "answer": answer}
                # told later, so it is the one in force
                later = document.published_at + timedelta(days=1)
                services.learn([replace(document, version="2", published_at=later, body=body)])

    async def told(self, ticket: str, *steps: Any) -> None:
        """Let these facts happen to a request, after those that have."""
        row = await self.database.fetchrow(
            "SELECT complaint_id, seq, complaint.received_at, anonymity, channel"
            " FROM complaint JOIN public_status USING (complaint_id) JOIN mention USING (complaint_id)"
            " WHERE ticket = $1",
            ticket,
        )
        events = [
            _fact(row, ticket, row["seq"] + number, step) for number, step in enumerate(steps, 1)
        ]
        await self.tell(*events)

    async def tell(self, *events: Event) -> None:
        """Let these events be read."""
        self.history += events
        await follow_status(self.app.state.deps)([Received(event, RECORD) for event in events])


def _fact(row: Any, ticket: str, seq: int, step: Any) -> Event:
    kind, fields = step if isinstance(step, tuple) else (step, {})
    at = row["received_at"] + timedelta(milliseconds=seq)
    common = {
        "event_id": derived_id(row["complaint_id"], "fact", seq),
        "occurred_at": at,
        "recorded_at": at,
        "complaint_id": row["complaint_id"],
        "seq": seq,
        "previous_hash": "0" * 64,
        "hash": "0" * 64,
    }
    if kind is complaints.ComplaintRegistered:
        fields = {
            "ticket": ticket,
            "mention_id": UUID(int=1),
            "channel": row["channel"],
            "account": "city",
            "mention_class": MentionClass.COMPLAINT,
            "category": "road_damage",
            "anonymity": Anonymity(row["anonymity"]),
            "received_at": row["received_at"],
            "rules_version": "1",
            "text_commitment": "0" * 64,
        } | fields
    elif "assignment_id" in kind.model_fields:
        fields = {"assignment_id": UUID(int=7), "agency": "dpupr"} | fields
    if kind is complaints.ComplaintAssigned:
        fields = {"role": Role.LEAD} | fields
    return kind(**common, **fields)


@pytest.fixture
def learned(database, start) -> Callable[..., AbstractAsyncContextManager[City]]:
    """Runs Kota Bogor, as its pack describes it, for the length of a block."""

    @asynccontextmanager
    async def run(**changes: str) -> AsyncIterator[City]:
        async with start(**changes) as ingest:
            await learn(ingest.app)
            yield City(ingest.http, ingest.keys["front-door"], ingest.database, ingest.app)

    return run


@pytest.fixture
async def city(learned) -> AsyncIterator[City]:
    """Kota Bogor, as its pack describes it."""
    # asked in a row here, over minutes elsewhere
    async with learned(LINTAS_QUOTA_OPEN311="6000") as city:
        yield city


async def learn(app: Any) -> None:
    loop = DirectoryLoop(app.state.deps, lambda: None)
    published = [
        DirectoryPublished(
            event_id=derived_id(NAMESPACE, "document", f"{one['kind']}/{one['id']}"),
            occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
            recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
            **{name: _read(name, value) for name, value in one.items()},
        )
        for one in directory_documents(load_pack(PACK))
    ]
    await loop.learn([_record(event) for event in published])


def _read(name: str, value: Any) -> Any:
    times = {"effective_from", "effective_to", "known_from"}
    return datetime.fromisoformat(value) if name in times and value else value


def _record(event: DirectoryPublished) -> Record:
    out = encode(event, DIRECTORY, "agency-gateway")
    return Record(DIRECTORY, 0, 0, 0, out.key, out.value, out.headers)
