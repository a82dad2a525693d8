"""One quick fault through the whole harness; then what was read is damaged, and the checker must see it."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
from tests.faults.campaign import run_row
from tests.faults.checker import check
from tests.faults.history import History, Outcome
from tests.faults.observe import Final
from tests.faults.rows.f23_killed_before_mark import FAULT
from tests.faults.scene import Load

from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, MENTIONS

pytestmark = pytest.mark.stack

SMALL = replace(
    FAULT,
    load=Load(rate=15, steady_s=3),
    instances={"router": 1, "agency-gateway": 1, "metrics": 1},
)
Kept = tuple[History, Final]


@pytest.fixture(scope="module")
async def folder(tmp_path_factory):
    kept = tmp_path_factory.mktemp("faults")
    [played] = await run_row(SMALL, 1, kept=kept)
    assert not played.violations
    assert played.recovery_s is not None
    assert played.counts["complaints"] > 0
    return kept / SMALL.slug / "1"


@pytest.fixture(scope="module")
def kept(folder) -> Kept:
    return History.read(folder / "history.jsonl"), Final.read(folder / "final.json.gz")


def test_a_kept_run_is_judged_again_as_it_was(kept: Kept):
    assert check(*kept) == []


def _records(final: Final, topic: str) -> list[int]:
    return [place for place, one in enumerate(final.records) if one.topic == topic]


def lose_a_mention(_: History, final: Final) -> None:
    key = final.of(MENTIONS)[0].key
    final.records = [r for r in final.records if (r.topic, r.key) != (MENTIONS, key)]


def lose_a_fact(_: History, final: Final) -> None:
    del final.records[_records(final, COMPLAINTS)[-1]]


def lose_a_folded_complaint(_: History, final: Final) -> None:
    final.rows("metrics", "complaint_fact").pop()


def put_a_record_aside(_: History, final: Final) -> None:
    origin = {"topic": MENTIONS, "partition": "0", "offset": "0"}
    headers = [(f"lintas_origin_{name}", value.encode()) for name, value in origin.items()]
    headers.append(("lintas_error_class", b"not_json"))
    final.records.append(
        Record("lintas.quarantine.router.v1", 0, 0, 0, b"k", b"sealed", tuple(headers))
    )


def tell_a_fact_twice(_: History, final: Final) -> None:
    rows = final.rows("agency-gateway", "history")
    rows.append({**rows[0], "event_id": "another"})


def open_a_second_complaint(history: History, _: Final) -> None:
    first, second, *_ = [one for one in history.of("mention") if one.ok]
    second.asked["identity"] = first.asked["identity"]


def send_a_fact_elsewhere(_: History, final: Final) -> None:
    place = _records(final, COMPLAINTS)[0]
    record = final.records[place]
    final.records[place] = replace(record, partition=(record.partition + 1) % 6)


def swap_two_facts(_: History, final: Final) -> None:
    by_key: dict[bytes | None, int] = {}
    for place in _records(final, COMPLAINTS):
        key = final.records[place].key
        if key in by_key:
            first = by_key[key]
            records = final.records
            records[first], records[place] = records[place], records[first]
            return
        by_key[key] = place


def change_a_fact(_: History, final: Final) -> None:
    place = _records(final, COMPLAINTS)[0]
    record = final.records[place]
    changed = record.value.replace(b'"normal"', b'"urgent"')
    assert changed != record.value
    final.records[place] = replace(record, value=changed)


def show_one_more(_: History, final: Final) -> None:
    counts = next(row for row in final.report["kpis"] if row["metric"] == "counts")
    counts["registered"] += 1


def show_it_to_others(history: History, final: Final) -> None:
    row = final.rows("agency-gateway", "access")[0]
    final.tables["agency-gateway"]["access"].remove(row)
    operation = history.invoke("spy", "pry", agency=row["agency"], complaint=row["complaint_id"])
    history.complete(operation, Outcome.OK, 200)


def leave_work(_: History, final: Final) -> None:
    final.undrained.append("lag of agency-gateway.register")


def fail(history: History, _: Final) -> None:
    history.complete(history.invoke("reader", "figures"), Outcome.INFO, 500)


def refuse_without_a_time(history: History, _: Final) -> None:
    history.complete(history.invoke("reader", "figures"), Outcome.INFO, 503)


def forget_what_was_accepted(_: History, final: Final) -> None:
    final.rows("ingest", "complaint").pop()


@pytest.mark.parametrize(
    ("damage", "invariant"),
    [
        (lose_a_mention, "I1"),
        (lose_a_fact, "I1"),
        (lose_a_folded_complaint, "I1"),
        (put_a_record_aside, "I1"),
        (tell_a_fact_twice, "I2"),
        (open_a_second_complaint, "I2"),
        (send_a_fact_elsewhere, "I3"),
        (swap_two_facts, "I3"),
        (change_a_fact, "I3"),
        (show_one_more, "I4"),
        (show_it_to_others, "I5"),
        (leave_work, "I6"),
        (fail, "I7"),
        (refuse_without_a_time, "I7"),
        (forget_what_was_accepted, "I7"),
    ],
)
def test_the_checker_sees_damage(
    kept: Kept, damage: Callable[[History, Final], None], invariant: str
):
    history, final = deepcopy(kept[0]), deepcopy(kept[1])
    damage(history, final)
    assert invariant in {one.invariant for one in check(history, final)}
