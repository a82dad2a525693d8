"""One complaint by the form, and what the agencies do about it: for the tests of the citizen pages."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx2

from ingest.consumer import follow_status
from lintas.contracts.events import complaints, statements
from lintas.contracts.events.complaints import Deadline
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.records import Record
from lintas.messaging.handling import Received
from lintas.testing.builders import complaint_id
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas.vocabulary.terms import MentionClass, Purpose, Role, StatementKind
from lintas_local.pack import directory_documents, load_pack

PACK = Path(__file__).parents[3] / "deploy" / "packs" / "bogor"
START = datetime(2030, 3, 18, 2, 0, tzinfo=UTC)
STATEMENT = uuid5(NAMESPACE, "answer")
RECORD = Record("lintas.complaints.v1", 0, 0, 0, b"k", b"{}")


class Story:
    """One complaint by the form, and what the agencies do about it."""

    def __init__(
        self,
        ingest: Any,
        link: str,
        complaint: UUID,
        *,
        start: datetime = START,
        hour: timedelta = timedelta(hours=1),
    ) -> None:
        self.ingest = ingest
        self.ticket = link.split("/")[2].partition("?")[0]
        self.secret = re.findall(r"k=([^&]+)", link)[0]
        self.complaint = complaint
        self._start = start
        #: what passes between two facts; a day has 24 of them
        self._hour = hour
        self._seq = 0

    async def tell(self, kind: type, **fields: Any) -> None:
        """The next fact of the lifecycle."""
        self._seq += 1
        at = self._start + self._hour * self._seq
        event = kind(
            event_id=derived_id(self.complaint, "fact", self._seq),
            occurred_at=at,
            recorded_at=at,
            complaint_id=self.complaint,
            seq=self._seq,
            previous_hash="0" * 64,
            hash="0" * 64,
            **fields,
        )
        await follow_status(self.ingest.app.state.deps)([Received(event, RECORD)])

    async def register(self) -> None:
        """It becomes a complaint with a promise."""
        await self.tell(
            complaints.ComplaintRegistered,
            ticket=self.ticket,
            mention_id=UUID(int=1),
            channel="web",
            account="lapor",
            mention_class=MentionClass.COMPLAINT,
            received_at=self._start,
            rules_version="1",
            text_commitment="0" * 64,
            category="bridge",
            kelurahan="32.71.03.1007",
            kecamatan="32.71.03",
            deadlines=(
                Deadline(
                    stage="resolution",
                    due_at=self._start + timedelta(days=7),
                    policy="p",
                    policy_version="1",
                    calendar="office",
                    calendar_version="1",
                ),
            ),
        )

    async def assign(self, agency: str) -> None:
        """An agency leads from now on."""
        await self.tell(
            complaints.ComplaintAssigned,
            assignment_id=UUID(int=self._seq),
            agency=agency,
            role=Role.LEAD,
        )

    async def accept(self, agency: str) -> None:
        """An agency takes its part."""
        await self.tell(
            complaints.AssignmentAccepted, assignment_id=UUID(int=self._seq), agency=agency
        )

    async def answer(self, version: int, event: type = statements.StatementPublished) -> None:
        """A version of the answer is out, corrected or withdrawn."""
        if version == 1 and event is statements.StatementPublished:
            await self.tell(
                complaints.ComplaintAnswered,
                statement_id=STATEMENT,
                version=1,
                sha256="0" * 64,
                agency="dpupr",
            )
        at = self._start + self._hour * 24 * version
        more = {"text": "Jawaban", "reason": "salah tanggal", "corrects": 1}
        fact = event(
            event_id=derived_id(STATEMENT, event.type, version),
            occurred_at=at,
            recorded_at=at,
            statement_id=STATEMENT,
            version=version,
            kind=StatementKind.ANSWER,
            purpose=Purpose.LISTENING,
            agency="dpupr",
            complaint_ids=(self.complaint,),
            sha256="0" * 64,
            **{name: value for name, value in more.items() if name in event.model_fields},
        )
        await follow_status(self.ingest.app.state.deps)([Received(fact, RECORD)])

    async def page(self, *, link: bool = True, lang: str = "en") -> str:
        """The page, by the link or by the ticket alone."""
        query = f"k={self.secret}&lang={lang}" if link else f"lang={lang}"
        answer = await self.ingest.http.get(f"/lacak/{self.ticket}?{query}")
        assert answer.status_code == 200
        return answer.text

    async def act(self, act: str, **typed: str) -> httpx2.Response:
        """Send one of the page's forms."""
        data = {"k": self.secret, "act": act, "token": "t" * 24} | typed
        return await self.ingest.http.post(f"/lacak/{self.ticket}?lang=en", data=data)


def published_pack() -> list[DirectoryPublished]:
    """The city pack as the directory tells it."""
    return [
        DirectoryPublished(
            event_id=complaint_id(),
            occurred_at=document["known_from"],
            recorded_at=document["known_from"],
            correlation_id=complaint_id(),
            **document,
        )
        for document in directory_documents(load_pack(PACK))
    ]
