import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from lintas.contracts.codec import encode
from lintas.contracts.events.reference import RulesetPublished
from lintas.contracts.records import Record
from lintas.contracts.topics import RULES
from lintas.telemetry import metric_value
from lintas.vocabulary.ids import NAMESPACE, derived_id
from router.usecases.following import Rules

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Topic:
    """The rules topic, and a clock that stands still."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.now_ms = 10_000
        self.reads = 0

    def publish(self, version: str, effective_ms: int, document: dict[str, object]) -> None:
        event = RulesetPublished(
            event_id=derived_id(NAMESPACE, "ruleset", version),
            occurred_at=EPOCH,
            recorded_at=EPOCH,
            version=version,
            effective_at=EPOCH + timedelta(milliseconds=effective_ms),
            ruleset=document,
        )
        out = encode(event, RULES, "router")
        self.append(out.key, out.value, out.headers)

    def append(self, key: bytes | None, value: bytes | None, headers=()) -> None:
        self.records.append(Record(RULES, 0, len(self.records), self.now_ms, key, value, headers))

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


@pytest.mark.parametrize("fault", ["unusable", "another name", "not json", "future", "empty"])
async def test_a_version_that_cannot_be_used_leaves_the_one_in_force(
    fault, topic, rules, rule, document
):
    topic.publish("good", 1, document(rule("r", "x"), version="good"))
    if fault == "unusable":
        topic.publish("bad", 2, {"version": "bad"})
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
