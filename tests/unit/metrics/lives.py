"""Complaints' lives as events, for every test of metrics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from lintas.contracts.codec import decode, encode
from lintas.contracts.events import Event
from lintas.contracts.events import complaints as facts
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.events.statements import StatementPublished
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, STATEMENTS
from lintas.messaging.handling import Received
from lintas.messaging.ports import partition_of
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas.vocabulary.terms import MentionClass, Purpose, Role, StatementKind
from metrics.domain.calendars import Calendars
from metrics.domain.cases import Published
from metrics.domain.directory import Directory
from metrics.domain.facts import Document, Step
from metrics.domain.folding import Story, advance, as_of
from metrics.domain.kpis import figures
from metrics.domain.questions import Metric, Question
from metrics.domain.rows import Figures
from metrics.usecases.reading import to_case, to_document, to_fact

#: Tuesday, 12:00 in Bogor
NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
OFFICE = {
    "zone": "Asia/Jakarta",
    "weekly": {
        day: [["08:00", "12:00"], ["13:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
    },
    "exceptions": [],
    "holidays": [{"date": "2026-03-19"}],
}
HASH = "0" * 64


def deadline(stage: str, due_at: datetime, **changes: Any) -> facts.Deadline:
    """A deadline counted in version 1 of the office calendar."""
    return facts.Deadline(
        **{
            "stage": stage,
            "due_at": due_at,
            "policy": f"complaint-{stage}",
            "policy_version": "1",
            "calendar": "office",
            "calendar_version": "1",
            **changes,
        }
    )


@dataclass
class Life:
    """One complaint; each call adds the next fact, so many seconds after receipt."""

    number: int = 1
    received_at: datetime = NOON
    events: list[facts.LifecycleEvent] = field(default_factory=list)

    @property
    def complaint_id(self) -> UUID:
        return uuid5(NAMESPACE, f"life/{self.number}")

    def share(self, agency: str, n: int = 0) -> UUID:
        return uuid5(NAMESPACE, f"share/{self.number}/{agency}/{n}")

    def add(self, kind: type[facts.LifecycleEvent], after_s: float = 0, **values: Any) -> "Life":
        at = self.received_at + timedelta(seconds=after_s)
        seq = len(self.events) + 1
        self.events.append(
            kind(
                event_id=derived_id(self.complaint_id, kind.type, seq),
                occurred_at=at,
                recorded_at=at,
                complaint_id=self.complaint_id,
                seq=seq,
                previous_hash=HASH,
                hash=HASH,
                **values,
            )
        )
        return self

    def registered(self, after_s: float = 0, **changes: Any) -> "Life":
        values = {
            "ticket": f"BGR-{self.number:08d}-0",
            "mention_id": uuid5(NAMESPACE, f"mention/{self.number}"),
            "channel": "x",
            "account": "kotabogor",
            "mention_class": MentionClass.COMPLAINT,
            "category": "road_damage",
            "received_at": self.received_at,
            "rules_version": "1",
            "text_commitment": HASH,
            **changes,
        }
        return self.add(facts.ComplaintRegistered, after_s, **values)

    def promised(self, response_s: float, resolution_s: float, **changes: Any) -> "Life":
        """Registered with both deadlines."""
        due = [
            deadline("first_response", self.received_at + timedelta(seconds=response_s)),
            deadline("resolution", self.received_at + timedelta(seconds=resolution_s)),
        ]
        return self.registered(deadlines=due, **changes)

    def assigned(
        self, after_s: float, agency: str = "dpupr", role: Role = Role.LEAD, **changes: Any
    ) -> "Life":
        share = changes.pop("assignment_id", self.share(agency))
        return self.add(
            facts.ComplaintAssigned,
            after_s,
            agency=agency,
            role=role,
            assignment_id=share,
            **changes,
        )

    def accepted(self, after_s: float, agency: str = "dpupr") -> "Life":
        return self._share_fact(facts.AssignmentAccepted, after_s, agency)

    def returned(self, after_s: float, agency: str = "dpupr") -> "Life":
        return self._share_fact(facts.AssignmentReturned, after_s, agency, reason="not_ours")

    def transferred(self, after_s: float, agency: str, to_agency: str) -> "Life":
        return self._share_fact(
            facts.AssignmentTransferred, after_s, agency, reason="moved", to_agency=to_agency
        )

    def contributed(self, after_s: float, agency: str) -> "Life":
        return self._share_fact(facts.ContributionMade, after_s, agency)

    def triaged(self, after_s: float = 0) -> "Life":
        return self.add(facts.ComplaintTriaged, after_s)

    def no_action(self, after_s: float = 0) -> "Life":
        return self.add(facts.NoActionNeeded, after_s)

    def answered(self, after_s: float, agency: str = "dpupr") -> "Life":
        return self.add(
            facts.ComplaintAnswered,
            after_s,
            agency=agency,
            statement_id=uuid5(NAMESPACE, f"statement/{self.number}"),
            version=1,
            sha256=HASH,
        )

    def answered_elsewhere(self, after_s: float, agency: str | None = "dpupr") -> "Life":
        return self.add(facts.ComplaintAnsweredElsewhere, after_s, agency=agency)

    def resolved(self, after_s: float) -> "Life":
        return self.add(facts.ComplaintResolved, after_s)

    def closed(self, after_s: float) -> "Life":
        return self.add(facts.ComplaintClosed, after_s)

    def reopened(self, after_s: float) -> "Life":
        return self.add(facts.ComplaintReopened, after_s, reason="not_solved")

    def rejected(self, after_s: float) -> "Life":
        return self.add(facts.ComplaintRejected, after_s, reason="not_competent")

    def withdrawn(self, after_s: float) -> "Life":
        return self.add(facts.ComplaintWithdrawn, after_s)

    def merged(self, after_s: float) -> "Life":
        return self.add(facts.ComplaintMerged, after_s, incident_id=UUID(int=1))

    def replied(self, after_s: float) -> "Life":
        return self.add(facts.ReporterReplied, after_s, mention_id=UUID(int=2))

    def _share_fact(
        self, kind: type[facts.AssignmentEvent], after_s: float, agency: str, **values: Any
    ) -> "Life":
        values = {"assignment_id": self.share(agency), "agency": agency, **values}
        return self.add(kind, after_s, **values)


def document(
    kind: str, name: str, body: dict[str, Any], version: str = "1", **changes: Any
) -> DirectoryPublished:
    """A directory document that has held for ever."""
    values: dict[str, Any] = {
        "known_from": datetime(2020, 1, 1, tzinfo=UTC),
        **changes,
    }
    return DirectoryPublished(
        event_id=derived_id(NAMESPACE, f"{kind}:{name}:{version}"),
        occurred_at=NOON,
        recorded_at=NOON,
        kind=kind,
        id=name,
        version=version,
        body=body,
        **values,
    )


def office(version: str = "1", **changes: Any) -> DirectoryPublished:
    """A version of the office calendar."""
    return document("calendar", "office", {**OFFICE, **changes}, version)


def statement(
    number: int = 1, version: int = 1, after_s: float = 0, agency: str = "dpupr"
) -> Event:
    """A published statement."""
    at = NOON + timedelta(seconds=after_s)
    identity = uuid5(NAMESPACE, f"statement/{number}")
    return StatementPublished(
        event_id=derived_id(identity, "published", version),
        occurred_at=at,
        recorded_at=at,
        statement_id=identity,
        version=version,
        kind=StatementKind.ANSWER,
        purpose=Purpose.LISTENING,
        agency=agency,
        sha256=HASH,
        text="Jalan sudah kami tambal.",
    )


def records(events: Iterable[Event], partitions: int = 6) -> list[Record]:
    """`events` as they would stand in their topics, in this order."""
    ends: dict[tuple[str, int], int] = {}
    found = []
    for number, event in enumerate(events):
        topic = COMPLAINTS
        if isinstance(event, DirectoryPublished):
            topic = DIRECTORY
        elif not isinstance(event, facts.LifecycleEvent):
            topic = STATEMENTS
        out = encode(event, topic, "agency-gateway")
        by = out.partition_key or out.key or b""
        partition = 0 if topic == DIRECTORY else partition_of(by, partitions)
        offset = ends.get((topic, partition), 0)
        ends[topic, partition] = offset + 1
        # long after all of them happened
        timestamp_ms = 1_778_900_400_000 + number
        found.append(
            Record(topic, partition, offset, timestamp_ms, out.key, out.value, out.headers)
        )
    return found


def received(found: Sequence[Record]) -> list[Received[Event]]:
    """Records as a process gets them."""
    return [Received(decode(record), record) for record in found]


def varied(count: int) -> list[Life]:
    """So many complaints of every kind of fate."""
    fates = [
        lambda life: (
            life.promised(3600, 7200).assigned(5).accepted(65).answered(1800).resolved(5400)
        ),
        lambda life: life.promised(3600, 7200).triaged(1).assigned(600, "dishub").accepted(900),
        lambda life: life.registered(mention_class=MentionClass.OTHER).no_action(1),
        lambda life: (
            life.promised(3600, 7200, subject="ganjil-genap", stance="contra")
            .assigned(2)
            .assigned(3, "dishub", Role.CONTRIBUTOR)
            .accepted(50)
            .contributed(90, "dishub")
            .answered(4000)
            .resolved(9000)
            .reopened(90_000)
            .answered(95_000)
            .resolved(99_000)
            .closed(200_000)
        ),
        lambda life: life.promised(3600, 7200).assigned(2).returned(300).triaged(301).rejected(500),
        lambda life: life.promised(60, 86_400).assigned(2).replied(30),
        lambda life: life.registered(channel="instagram").assigned(4, "disdik").withdrawn(40),
        lambda life: (
            life.promised(3600, 7200)
            .assigned(1, "dpupr")
            .accepted(2)
            .transferred(30, "dpupr", "dlh")
            .assigned(31, "dlh")
            .accepted(86_400, "dlh")
        ),
    ]
    lives = []
    for number in range(count):
        life = Life(number, NOON + timedelta(minutes=7 * number))
        lives.append(fates[number % len(fates)](life))
    return lives


class Ledger:
    """What the database keeps, in memory: facts by id, complaints as far as they have no gap."""

    def __init__(self) -> None:
        self.stories: dict[UUID, Story] = {}
        self.documents: list[Document] = []
        self.published: list[Published] = []
        self._facts: dict[UUID, Step] = {}

    def fold(self, events: Iterable[Event]) -> "Ledger":
        """One batch."""
        opened, touched = {}, set()
        for item in received(records(events)):
            event = item.event
            if isinstance(event, DirectoryPublished):
                self.documents.append(to_document(event))
            elif isinstance(event, StatementPublished):
                self.published.append(
                    Published(event.statement_id, event.agency, event.occurred_at)
                )
            elif isinstance(event, facts.LifecycleEvent):
                self._facts.setdefault(event.event_id, to_fact(item).step)
                touched.add(event.complaint_id)
                if isinstance(event, facts.ComplaintRegistered):
                    opened[event.complaint_id] = to_case(event)
        for complaint in touched:
            steps = [step for step in self._facts.values() if step.complaint_id == complaint]
            story = advance(self.stories.get(complaint), steps, opened.get(complaint))
            if story is not None:
                self.stories[complaint] = story
        return self

    def figures(self, ask: Question) -> Figures:
        """The answer to `ask`, however things stand now."""
        stood = []
        for complaint, story in self.stories.items():
            steps = sorted(
                (step for step in self._facts.values() if step.complaint_id == complaint),
                key=lambda step: step.seq,
            )[1 : story.case.seq]
            stood.append(as_of(story, steps, ask.as_of))
        told = [story for story in stood if story is not None]
        return figures(
            ask,
            [story.case for story in told],
            [(share, story.case) for story in told for share in story.shares.values()],
            self.published,
            Calendars(Directory(self.documents)),
        )


def rows(
    lives: Iterable[Life],
    metric: Metric,
    *,
    as_of_s: float = 10**7,
    extra: Iterable[Event] = (),
    **changes: Any,
) -> list[Any]:
    """The rows of one metric about `lives`, asked so many seconds after NOON."""
    ledger = Ledger().fold([office(), *extra, *(event for life in lives for event in life.events)])
    ask = Question(NOON + timedelta(seconds=as_of_s), metrics=(metric,), **changes)
    return list(ledger.figures(ask).rows)


AGENCIES = ("dpupr", "dishub", "dlh")
#: name of a call of `Life` → whether it takes an agency
_AFTERWARDS = {
    "triaged": False,
    "no_action": False,
    "assigned": True,
    "accepted": True,
    "returned": True,
    "contributed": True,
    "answered": True,
    "answered_elsewhere": True,
    "resolved": False,
    "closed": False,
    "reopened": False,
    "rejected": False,
    "merged": False,
    "withdrawn": False,
    "replied": False,
}


@st.composite
def any_life(draw: st.DrawFn, number: int) -> Life:
    """A complaint with any facts in any order, stamps that run backwards among them."""
    received_at = NOON + timedelta(seconds=draw(st.integers(-500_000, 500_000)))
    life = Life(number, received_at)
    choices: dict[str, Any] = {
        "channel": draw(st.sampled_from(["x", "instagram", "web"])),
        "origin": draw(st.sampled_from(["live", "import"])),
        "kecamatan": draw(st.sampled_from([None, "bogor-tengah"])),
        "subject": draw(st.sampled_from([None, "ganjil-genap"])),
    }
    if draw(st.booleans()):
        life.promised(draw(st.integers(1, 400_000)), draw(st.integers(1, 900_000)), **choices)
    else:
        life.registered(**choices)
    for name in draw(st.lists(st.sampled_from(sorted(_AFTERWARDS)), max_size=8)):
        agency = [draw(st.sampled_from(AGENCIES))] if _AFTERWARDS[name] else []
        getattr(life, name)(draw(st.integers(-1000, 900_000)), *agency)
    return life


@st.composite
def any_lives(draw: st.DrawFn, most: int = 6) -> list[Life]:
    """A few complaints with any facts."""
    return [draw(any_life(number)) for number in range(draw(st.integers(1, most)))]


@st.composite
def any_delivery(draw: st.DrawFn, events: Sequence[Event]) -> list[Event]:
    """Every event at least once, in any order, some of them again."""
    again = draw(st.lists(st.sampled_from(list(events)), max_size=5))
    return draw(st.permutations([*events, *again]))
