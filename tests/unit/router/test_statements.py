from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.contracts.codec import encode
from lintas.contracts.events.routing import StatementSuggested
from lintas.contracts.events.statements import (
    StatementConfirmed,
    StatementCorrected,
    StatementEvent,
    StatementPublished,
    StatementRetracted,
)
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import STATEMENTS
from lintas.telemetry import metric_value
from lintas.testing.builders import NOON, complaint_routed, decision
from lintas.vocabulary.ids import NAMESPACE, AgencyCode, StatementId
from lintas.vocabulary.terms import Origin, Purpose, StatementKind
from router.domain import Fact, Language, Ledger, Shelf, Statement, compile_document
from router.domain.statements import MOST_SHARING
from router.usecases.statements import Statements, wanted

WATER = (
    "Perbaikan pipa induk di Tajur: aliran air ledeng berhenti sampai Jumat malam."
    " Warga dapat mengambil air di tangki pasar Tajur."
)
SCHOOL = "Pendaftaran sekolah dasar dibuka Senin. Bawa kartu keluarga dan akta kelahiran asli."
FROM = 0.3


def statement(text: str, name: str = "a", version: int = 1) -> Statement:
    id_ = StatementId(uuid5(NAMESPACE, f"statement/{name}"))
    return Statement.read(id_, version, AgencyCode("tirta"), text, Language())


def near(text: str, *statements: Statement) -> list[tuple[UUID, float]]:
    found = Shelf(statements).near(text, Language(), FROM)
    return [(one.statement.id, one.score) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "kapan air ledeng Tajur nyala, pipa belum beres?", ["water"], id="same subject"
        ),
        pytest.param("Bawa akta apa untuk pendaftaran sekolah dasar?", ["school"], id="the other"),
        pytest.param("jalan berlubang di depan pasar", [], id="one word in common"),
        pytest.param("mohon info untuk warga, terima kasih", [], id="everyday words only"),
        pytest.param("", [], id="no words"),
        pytest.param("air", [], id="a word alone"),
    ],
)
def test_a_text_finds_the_statement_that_says_the_same(text, expected):
    named = {"water": statement(WATER, "water"), "school": statement(SCHOOL, "school")}
    assert [id_ for id_, _ in near(text, *named.values())] == [named[name].id for name in expected]


def test_a_suggestion_tells_which_words_both_say_and_where():
    text = "🙏🏽 Kapan air LEDENG Tajur mengalir, perbaikannya lama"
    (found,) = Shelf([statement(WATER)]).near(text, Language(), FROM)
    assert [text[span.start : span.end] for span in found.spans] == [s.words for s in found.spans]
    # in the words of the statement, whatever their ending in the text
    assert {"air", "ledeng", "tajur", "aliran", "perbaikan"} == {s.term for s in found.spans}


def test_everyday_spellings_of_the_rules_in_force_are_read(document, rule):
    language = {"spellings": {"pdam": "ledeng"}}
    compiled = compile_document(document(rule("r", "jalan"), language=language))
    text = "air pdam Tajur, pipa"
    assert not Shelf([statement(WATER)]).near(text, Language(), 0.5)
    assert Shelf([statement(WATER)]).near(text, compiled.language, 0.5)


@given(
    st.lists(st.sampled_from([WATER, SCHOOL, "air pipa Tajur mati", "sekolah dibuka"]), max_size=6),
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from([*WATER.split(), *SCHOOL.split(), "dan"]), max_size=30).map(" ".join),
)
def test_the_order_in_which_statements_came_changes_nothing(texts, random, said):
    statements = [statement(text, str(number)) for number, text in enumerate(texts)]
    mixed = random.sample(statements, len(statements))
    assert near(said, *statements) == near(said, *mixed)
    assert len(near(said, *statements)) <= 3
    assert all(FROM <= score <= 1 for _, score in near(said, *statements))


class Counted(dict[str, list[int]]):
    """Postings that tell how many entries were looked at."""

    looked_at = 0

    def get(self, stem: str, default: Any = None) -> Any:
        found = super().get(stem, default)
        self.looked_at += len(found)
        return found


def test_a_text_costs_no_more_where_there_are_many_statements():
    def looked_at(number: int) -> int:
        shelf = Shelf([statement(f"{WATER} kata{n} lain{n}", str(n)) for n in range(number)])
        shelf._postings = Counted(shelf._postings)  # type: ignore[assignment]
        shelf.near(f"{WATER} kata3", Language(), FROM)
        return shelf._postings.looked_at  # type: ignore[attr-defined,no-any-return]

    assert looked_at(40) > 100
    assert looked_at(2_000) <= looked_at(MOST_SHARING)


def test_a_ledger_shows_what_was_known_a_notice_ago():
    first, second = statement(WATER), statement(SCHOOL, version=2)
    ledger = Ledger(notice_ms=10)
    ledger.add([Fact(200, first.id, 2, second), Fact(100, first.id, 1, first)])
    ledger.add([Fact(300, first.id, 2, None), Fact(305, first.id, 2, second)])
    shown = {at: len(ledger.at(at)) for at in (109, 110, 210, 309, 310, 400)}
    assert shown == {109: 0, 110: 1, 210: 1, 309: 1, 310: 0, 400: 0}
    # an older record, read again later, is held against the same
    assert ledger.at(120).near(WATER, Language(), FROM)
    assert ledger.at(220).near(SCHOOL, Language(), FROM)
    assert not ledger.at(220).near(WATER, Language(), FROM)


class Topic:
    """The statements topic, and who follows it."""

    def __init__(self, threshold: float = FROM) -> None:
        self.records: list[Record] = []
        self.now_ms = 1_000
        self.statements = Statements(
            self.read,
            notice=timedelta(milliseconds=10),
            threshold=threshold,
            clock_ms=lambda: self.now_ms,
        )

    async def read(self) -> list[Record]:
        found, self.records = self.records, []
        return [record for record in found if wanted(record)]

    def write(self, event: StatementEvent) -> None:
        out = encode(event, STATEMENTS, "agency-gateway")
        self.append(out)

    def append(self, out: OutRecord) -> None:
        number = len(self.records)
        self.records.append(
            Record(out.topic, 0, number, self.now_ms, out.key, out.value, out.headers)
        )

    def suggested(
        self, compiled: Any, text: str = WATER, **changes: Any
    ) -> StatementSuggested | None:
        decided = changes.pop("decided", decision())
        event = complaint_routed(1, decided, text=text, **changes)
        return self.statements.suggested(event, compiled, self.now_ms)


def told(event: type[Any], text: str = WATER, **changes: Any) -> Any:
    values: Mapping[str, Any] = {
        "event_id": uuid5(NAMESPACE, f"{event.type}/{changes}"),
        "occurred_at": NOON,
        "recorded_at": NOON,
        "statement_id": uuid5(NAMESPACE, "statement/a"),
        "version": 1,
        "kind": StatementKind.ANNOUNCEMENT,
        "purpose": Purpose.SOCIALISATION,
        "agency": "tirta",
        "sha256": "0" * 64,
    } | ({} if event is StatementRetracted else {"text": text})
    return event(**(values | changes))


@pytest.fixture(scope="module")
def rules(compiled, rule):
    return compiled(rule("r", "jalan"))


@pytest.mark.parametrize(
    ("events", "found"),
    [
        pytest.param([told(StatementPublished)], 1, id="announcement"),
        pytest.param([told(StatementPublished, kind=StatementKind.GUIDE)], 1, id="guide"),
        pytest.param([told(StatementPublished, kind=StatementKind.ANSWER)], None, id="answer"),
        pytest.param([told(StatementConfirmed)], None, id="not yet published"),
        pytest.param(
            [
                told(StatementPublished, text=SCHOOL),
                told(StatementCorrected, version=2, corrects=1),
            ],
            2,
            id="corrected",
        ),
        pytest.param(
            [told(StatementPublished), told(StatementRetracted, reason="x")], None, id="retracted"
        ),
    ],
)
async def test_only_what_is_published_as_announcement_or_guide_is_suggested(events, found, rules):
    topic = Topic()
    for event in events:
        topic.write(event)
    topic.now_ms += 50
    await topic.statements.refresh()
    event = topic.suggested(rules)
    assert (event.statements[0].version if event else None) == found


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"origin": Origin.IMPORT}, id="history"),
        pytest.param({"decided": decision(outcome="no_action", lead=None)}, id="nothing to do"),
    ],
)
async def test_nothing_is_suggested_where_nobody_will_answer(changes, rules):
    topic = Topic()
    topic.write(told(StatementPublished))
    topic.now_ms += 50
    await topic.statements.refresh()
    assert topic.suggested(rules) is not None
    assert topic.suggested(rules, **changes) is None


async def test_the_same_mention_and_statements_give_the_same_event(rules):
    events = []
    for _ in range(2):
        topic = Topic()
        topic.write(told(StatementPublished))
        topic.now_ms += 50
        await topic.statements.refresh()
        # what became known later counts for later mentions only
        topic.write(told(StatementRetracted, reason="x"))
        await topic.statements.refresh()
        events.append(topic.suggested(rules))
    assert events[0] is not None
    assert events[0] == events[1]
    assert events[0].encoded_body() == events[1].encoded_body()


async def test_who_could_not_look_for_so_long_suggests_nothing_and_says_so(rules):
    topic = Topic()
    topic.write(told(StatementPublished))
    await topic.statements.refresh()
    before = metric_value("lintas_suggestions_total", outcome="unknown")
    topic.now_ms += 10
    assert topic.suggested(rules) is None
    assert metric_value("lintas_suggestions_total", outcome="unknown") == before + 1


async def test_a_statement_that_cannot_be_read_is_passed_over(rules):
    topic = Topic()
    out = encode(told(StatementPublished), STATEMENTS, "agency-gateway")
    topic.append(out._replace(value=b"{"))
    topic.write(told(StatementPublished))
    topic.now_ms += 50
    await topic.statements.refresh()
    assert topic.suggested(rules) is not None


async def test_the_first_look_is_waited_for_once():
    topic = Topic()
    await topic.statements.look_once(0.0)
    await topic.statements.look_once(3_600)
