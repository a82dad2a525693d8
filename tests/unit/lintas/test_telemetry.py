import asyncio
import re
import subprocess
import sys
from typing import get_args

import pytest

from lintas.telemetry import (
    METRICS,
    Kind,
    MetricName,
    child_traceparent,
    count,
    current_trace,
    gauge,
    in_trace,
    metric_value,
    new_traceparent,
    observe,
    parse_traceparent,
    render_metrics,
    watch_loop,
)
from lintas.telemetry.loop import EXIT_STATUS, Heart

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_names_and_definitions_agree():
    assert set(get_args(MetricName)) == set(METRICS)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_definition_follows_the_conventions_of_prometheus(name):
    metric = METRICS[name]
    assert re.fullmatch(r"lintas_[a-z_]+", name)
    assert name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert name.endswith("_seconds") or metric.kind is not Kind.HISTOGRAM
    assert metric.help.endswith(".")


def test_values_show_in_the_text_format():
    before = metric_value("lintas_unseals_total", purpose="delivery")
    count("lintas_unseals_total", 2, purpose="delivery")
    gauge("lintas_outbox_pending", 7)
    observe("lintas_transaction_seconds", 0.02, purpose="register")
    text = render_metrics().decode()
    assert metric_value("lintas_unseals_total", purpose="delivery") == before + 2
    assert "lintas_outbox_pending 7.0" in text
    assert 'lintas_transaction_seconds_bucket{le="0.025",purpose="register"}' in text
    assert "_created" not in text


@pytest.mark.parametrize(
    "call",
    [
        lambda: count("lintas_unseals_total"),
        lambda: count("lintas_unseals_total", purpose="x", extra="y"),
        lambda: gauge("lintas_outbox_pending", 1, extra="y"),
    ],
)
def test_other_labels_than_the_defined_are_refused(call):
    with pytest.raises(ValueError, match="has the labels"):
        call()


@pytest.mark.parametrize("call", [count, lambda name: gauge(name, 1)])
def test_an_undefined_metric_is_refused(call):
    with pytest.raises(KeyError):
        call("lintas_made_up_total")


def test_a_traceparent_is_read_and_continued():
    trace = parse_traceparent(VALID)
    assert trace is not None
    assert trace.traceparent == VALID
    child = parse_traceparent(child_traceparent(VALID))
    assert child is not None
    assert child.trace_id == trace.trace_id
    assert child.span_id != trace.span_id
    assert parse_traceparent(new_traceparent()) is not None


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (None, False),
        ("", False),
        (VALID.upper(), False),
        (VALID + "-extra", False),
        (VALID.replace("00-", "01-", 1) + "-extra", True),
        (VALID.replace("00-", "ff-", 1), False),
        ("00-" + "0" * 32 + "-00f067aa0ba902b7-01", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01", False),
        (VALID + "\n", False),
        ("01" + VALID[2:] + "-" + "x" * 10_000, False),
    ],
)
def test_only_valid_traceparents_are_continued(text, valid):
    assert (parse_traceparent(text) is not None) is valid


def test_an_unsampled_trace_stays_unsampled():
    assert child_traceparent(VALID[:-2] + "00").endswith("-00")


def test_the_current_trace_is_the_parent_of_what_follows():
    assert current_trace() is None
    with in_trace(VALID) as trace:
        assert current_trace() is trace
        assert child_traceparent().split("-")[1] == trace.trace_id
    assert current_trace() is None


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("steps", "alarms", "ends"),
    [
        pytest.param([0.25] * 8, 1, False, id="blocked-beyond-the-alarm"),
        pytest.param([0.25] * 7, 0, False, id="blocked-for-less"),
        pytest.param([0.25] * 40, 1, True, id="blocked-beyond-the-exit"),
        pytest.param([60.0, 0.25], 0, False, id="whole-process-was-stopped"),
    ],
)
def test_a_blocked_loop_raises_one_alarm_and_then_ends_the_process(steps, alarms, ends):
    clock = Clock()
    heart = Heart(alarm_s=1.9, exit_s=8, now=clock)
    before = metric_value("lintas_loop_alarms_total")
    verdicts = []
    for step in steps:
        clock.now += step
        verdicts.append(heart.look())
    assert metric_value("lintas_loop_alarms_total") - before == alarms
    assert any(verdicts) is ends


def test_a_late_beat_is_measured():
    clock = Clock()
    heart = Heart(alarm_s=2, exit_s=8, now=clock)
    clock.now += 0.75
    heart.beat()
    assert metric_value("lintas_loop_lag_seconds") == pytest.approx(0.5)


async def test_the_watch_ends_with_its_block():
    async with watch_loop():
        await asyncio.sleep(0)


def test_a_loop_blocked_too_long_ends_the_process():
    program = (
        "import asyncio, time\n"
        "from lintas.telemetry import watch_loop\n"
        "async def main():\n"
        "    async with watch_loop(alarm_s=0.6, exit_s=1):\n"
        "        time.sleep(20)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=15, check=False
    )
    assert ended.returncode == EXIT_STATUS
    assert b"loop_blocked" in ended.stdout
