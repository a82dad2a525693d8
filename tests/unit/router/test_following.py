import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from lintas.contracts.codec import encode
from lintas.contracts.events import Event
from lintas.contracts.events.reference import RulesetPublished, RulesetWithdrawn
from lintas.contracts.records import Record
from lintas.contracts.topics import RULES
from lintas.telemetry import metric_value
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.ids import NAMESPACE, derived_id
from router.domain import decide
from router.usecases.following import Rules

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FACT = {
    "event_id": derived_id(NAMESPACE, "ruleset", "any"),
    "occurred_at": EPOCH,
    "recorded_at": EPOCH,
}


class Topic:
    """The rules topic, and a clock that stands still."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.now_ms = 10_000
        #: when the broker writes down what is told
        self.written_ms = 0
        self.reads = 0

    def publish(
        self, version: str, effective_ms: int, document: dict[str, object], **more: int
    ) -> None:
        self.tell(
            RulesetPublished(
                **FACT,
                version=version,
                effective_at=EPOCH + timedelta(milliseconds=effective_ms),
                ruleset=document,
                **more,
            )
        )

    def withdraw(self, version: str, until_ms: int) -> None:
        until = EPOCH + timedelta(milliseconds=until_ms)
        self.tell(RulesetWithdrawn(**FACT, version=version, number=1, until=until))

    def tell(self, event: Event) -> None:
        out = encode(event, RULES, "router")
        self.append(out.key, out.value, out.headers)

    def append(self, key: bytes | None, value: bytes | None, headers=()) -> None:
        place = len(self.records)
        self.records.append(Record(RULES, 0, place, self.written_ms, key, value, headers))

    async def read(self) -> Sequence[Record]:
        self.reads += 1
        return list(self.records)


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
def rules(topic) -> Rules:
    return Rules(topic.read, notice=timedelta(seconds=5), clock_ms=lambda: topic.now_ms)


async def test_nothing_is_known_before_the_topic_was_read(rules):
    assert not rules.known
    assert not await rules.wait_for(0, timeout_s=0)
    await rules.refresh()
    assert rules.known
    assert rules.in_force().version == "none"


async def test_versions_apply_from_their_announced_moments(topic, rules, rule, document):
    topic.publish("a", 9_000, document(rule("r", "x"), version="a"))
    topic.publish("b", 12_000, document(rule("r", "x"), version="b"))
    await rules.refresh()
    assert [rules.at(moment).version for moment in (8_999, 9_000, 11_999, 12_000)] == [
        *("none", "a", "a", "b")
    ]
    assert rules.in_force().version == "a"


async def test_what_is_taken_in_is_settled_once_and_nothing_else_is(topic, rule, document):
    settled: list[int] = []
    rules = Rules(
        topic.read,
        notice=timedelta(seconds=5),
        clock_ms=lambda: topic.now_ms,
        settle=lambda: settled.append(topic.reads),
    )
    await rules.refresh()
    topic.publish("a", 9_000, document(rule("r", "x"), version="a"))
    topic.publish("b", 9_500, document(rule("r", "y"), version="b"))
    await rules.refresh()
    topic.publish("bad", 9_900, {"version": "bad"})
    await rules.refresh()
    assert settled == [2]


async def test_a_moment_within_a_millisecond_applies_from_the_next(topic, rules, rule, document):
    topic.publish("a", 9_000.4, document(rule("r", "x"), version="a"))
    await rules.refresh()
    assert [rules.at(moment).version for moment in (9_000, 9_001)] == ["none", "a"]


async def test_deciding_waits_while_the_topic_was_not_read_for_the_notice(
    topic, rules, rule, document
):
    topic.publish("a", 1, document(rule("r", "x"), version="a"))
    await rules.refresh()
    assert await rules.wait_for(14_999, timeout_s=0)
    assert not await rules.wait_for(15_000, timeout_s=0)
    waiting = asyncio.create_task(rules.wait_for(15_000, timeout_s=60))
    await asyncio.sleep(0)
    topic.now_ms = 11_000
    await rules.refresh()
    assert await waiting


async def test_before_the_first_version_a_record_waits_for_a_look_that_came_after_it(topic, rules):
    await rules.refresh()
    assert await rules.wait_for(9_999, timeout_s=0)
    assert not await rules.wait_for(10_000, timeout_s=0)


@pytest.mark.parametrize(
    "fault", ["unusable", "uncompilable", "another name", "not json", "future", "empty"]
)
async def test_a_version_that_cannot_be_used_leaves_the_one_in_force(
    fault, topic, rules, rule, document
):
    topic.publish("good", 1, document(rule("r", "x"), version="good"))
    if fault == "unusable":
        topic.publish("bad", 2, {"version": "bad"})
    elif fault == "uncompilable":
        topic.publish("bad", 2, document(rule("r", {"regex": "("}), version="bad"))
    elif fault == "another name":
        topic.publish("bad", 2, document(rule("r", "x"), version="good"))
    elif fault == "not json":
        topic.append(b"bad", b"{", topic.records[0].headers)
    elif fault == "future":
        topic.append(b"bad", b"{}", (("ce_type", b"lintas.rules.published.v9"),))
    else:
        topic.append(b"bad", None, topic.records[0].headers)
    await rules.refresh()
    assert rules.known
    assert rules.in_force().version == "good"


async def test_each_version_is_taken_in_once(topic, rules, rule, document):
    before = metric_value("lintas_rules_refused_total")
    topic.publish("bad", 2, {"version": "bad"})
    for _ in range(3):
        await rules.refresh()
    assert metric_value("lintas_rules_refused_total") == before + 1


async def test_the_switch_shows_in_the_metrics(topic, rules, rule, document):
    topic.publish("m1", 1, document(rule("r", "x"), version="m1"))
    topic.publish("m2", 11_000, document(rule("r", "x"), version="m2"))
    await rules.refresh()
    assert metric_value("lintas_rules_in_force", version="m1") == 1
    topic.now_ms = 11_000
    await rules.refresh()
    assert metric_value("lintas_rules_in_force", version="m1") == 0
    assert metric_value("lintas_rules_in_force", version="m2") == 1


async def test_an_outage_leaves_what_is_known(topic, rule, document):
    down = False

    async def read() -> Sequence[Record]:
        if down:
            raise ConnectionError
        return await topic.read()

    rules = Rules(read, notice=timedelta(seconds=5), clock_ms=lambda: topic.now_ms)
    topic.publish("a", 1, document(rule("r", "x"), version="a"))
    await rules.refresh()
    down = True
    with pytest.raises(ConnectionError):
        await rules.refresh()
    assert rules.in_force().version == "a"


async def test_whatever_else_compiling_meets_leaves_the_one_in_force(
    monkeypatch, topic, rules, rule, document
):
    topic.publish("good", 1, document(rule("r", "x"), version="good"))
    await rules.refresh()

    def broken(_document: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("router.usecases.following.compile_document", broken)
    topic.publish("bad", 2, document(rule("r", "x"), version="bad"))
    await rules.refresh()
    assert rules.in_force().version == "good"


async def test_an_older_version_published_again_applies_again(topic, rules, rule, document):
    old, new = (document(rule("r", "x"), version=version) for version in ("old", "new"))
    topic.publish("old", 1_000, old)
    topic.publish("new", 2_000, new)
    topic.publish("old", 3_000, old, number=2)
    # what compaction leaves: the last record of each key
    topic.records = list({record.key: record for record in topic.records}.values())
    await rules.refresh()
    assert [rules.at(moment).version for moment in (999, 1_000, 2_000, 2_999, 3_000)] == [
        *("none", "old", "new", "new", "old")
    ]
    assert rules.at(1_000) is rules.at(3_000)


async def test_a_version_told_late_applies_late_so_that_all_decide_alike(
    topic, rules, rule, document
):
    topic.written_ms = 7_000
    topic.publish("a", 4_000, document(rule("r", "x"), version="a"), notice_ms=500)
    await rules.refresh()
    assert [rules.at(moment).version for moment in (4_000, 7_499, 7_500)] == ["none", "none", "a"]


@pytest.mark.parametrize(
    ("written_ms", "applies"), [(6_000, "old"), (6_001, "new")], ids=["in time", "too late"]
)
@pytest.mark.parametrize("order", [1, -1], ids=["after", "before"])
async def test_what_is_withdrawn_in_time_never_applies(
    order, written_ms, applies, topic, rules, rule, document
):
    topic.publish("old", 1, document(rule("r", "x"), version="old"))
    topic.publish("new", 8_000, document(rule("r", "x"), version="new"))
    topic.written_ms = written_ms
    topic.withdraw("new", until_ms=6_000)
    topic.records.sort(key=lambda record: order * record.offset)
    await rules.refresh()
    assert rules.at(9_000).version == applies


class Shelf:
    """Where models are kept; the database may be away."""

    def __init__(self) -> None:
        self.models: dict[str, bytes] = {}
        self.away = False
        self.asked = 0

    async def fetch(self, sha256: str) -> bytes | None:
        self.asked += 1
        if self.away:
            raise Unavailable("The database is not available.")
        return self.models.get(sha256)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def advised(topic, shelf) -> Rules:
    return Rules(
        topic.read, fetch=shelf.fetch, notice=timedelta(seconds=5), clock_ms=lambda: topic.now_ms
    )


@pytest.fixture
def named(suggester) -> tuple[bytes, dict[str, object]]:
    """A model, and how a rule set names it."""
    model = suggester()
    data = model.to_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    return data, {"version": model.version, "sha256": sha256, "threshold": 0.5}


async def test_a_version_decides_with_the_model_it_names(
    topic, shelf, advised, named, rule, document, said
):
    data, reference = named
    shelf.models[reference["sha256"]] = data
    topic.publish("a", 1, document(rule("r", "x"), version="a", model=reference))
    topic.publish("b", 2, document(rule("r", "y"), version="b", model=reference))
    await advised.refresh()
    decision = decide(said("jembatan roboh"), advised.in_force())
    assert (decision.lead, decision.model_version) == ("dpupr", reference["version"])
    assert shelf.asked == 1


async def test_while_the_database_is_away_the_old_version_decides_up_to_the_announced_moment(
    topic, shelf, advised, named, rule, document
):
    data, reference = named
    shelf.models[reference["sha256"]], shelf.away = data, True
    topic.publish("old", 1, document(rule("r", "x"), version="old"))
    topic.publish("new", 12_000, document(rule("r", "x"), version="new", model=reference))
    await advised.refresh()
    assert advised.at(11_999).version == "old"
    assert await advised.wait_for(11_999, timeout_s=0)
    assert not await advised.wait_for(12_000, timeout_s=0)
    assert metric_value("lintas_rules_waiting") == 1
    assert not advised.halted
    topic.now_ms = 12_000
    assert advised.halted
    shelf.away = False
    await advised.refresh()
    assert not advised.halted
    assert await advised.wait_for(12_000, timeout_s=0)
    assert advised.at(12_000).version == "new"
    assert metric_value("lintas_rules_waiting") == 0


@pytest.mark.parametrize("fault", ["not there", "other bytes", "another version", "no model"])
async def test_a_version_whose_model_is_not_the_one_leaves_the_old_one_and_is_tried_again(
    fault, topic, shelf, advised, named, rule, document
):
    data, reference = named
    if fault == "other bytes":
        shelf.models[reference["sha256"]] = data + b"x"
    elif fault == "another version":
        reference = {**reference, "version": "0" * 16}
        shelf.models[reference["sha256"]] = data
    elif fault == "no model":
        reference = {**reference, "sha256": hashlib.sha256(b"x").hexdigest()}
        shelf.models[reference["sha256"]] = b"x"
    before = metric_value("lintas_rules_refused_total")
    topic.publish("old", 1, document(rule("r", "x"), version="old"))
    topic.publish("new", 2, document(rule("r", "x"), version="new", model=reference))
    for _ in range(3):
        await advised.refresh()
    assert advised.in_force().version == "old"
    assert await advised.wait_for(topic.now_ms, timeout_s=0)
    assert metric_value("lintas_rules_refused_total") == before + 1
    assert shelf.asked == 3
    if fault in {"not there", "other bytes"}:
        shelf.models[reference["sha256"]] = data
        await advised.refresh()
        assert advised.in_force().version == "new"


async def test_what_waits_for_its_model_can_be_withdrawn(
    topic, shelf, advised, named, rule, document
):
    shelf.away = True
    topic.publish("old", 1, document(rule("r", "x"), version="old"))
    topic.publish("new", 12_000, document(rule("r", "x"), version="new", model=named[1]))
    topic.withdraw("new", until_ms=7_000)
    await advised.refresh()
    assert await advised.wait_for(12_000, timeout_s=0)
    assert advised.at(12_000).version == "old"
