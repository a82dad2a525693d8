import os
from time import process_time

import pytest
from tests.bench.figures import Run, cpu_ratio_of, cpu_s, percentile, ratio_of, spent, summary


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        pytest.param([7], 0.5, 7, id="one value is every percentile"),
        pytest.param([1, 2, 3, 4], 0.5, 2, id="half of an even number"),
        pytest.param([5, 1, 3, 2, 4], 0.5, 3, id="order does not matter"),
        pytest.param(range(1, 101), 0.99, 99, id="99 of a hundred"),
        pytest.param(range(1, 102), 0.99, 100, id="rounded up"),
        pytest.param([1, 2, 3], 0.99, 3, id="few values: the largest"),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values, share, found):
    assert percentile(values, share) == found


def test_the_ratio_is_the_median_of_neighbouring_runs_not_of_their_medians():
    # the machine slows down: the ratio of the medians would say 100 / 500
    pairs = [(Run(n, 1.0), Run(4 * n, 1.0)) for n in (1_000, 100, 10)]
    pairs[1] = (Run(100, 1.0), Run(500, 1.0))
    assert ratio_of(pairs) == 0.25


def test_the_ratio_by_processor_time_leaves_out_the_load_and_the_rest_of_the_machine():
    ours = Run(100, 1.0, {"service": 0.3, "postgres": 0.1, "load": 9.0, "machine": 20.0})
    theirs = Run(200, 1.0, {"plain": 0.2, "postgres": 0.2, "load": 1.0, "machine": 20.0})
    assert cpu_ratio_of([(ours, theirs)]) == 0.5


def test_a_summary_tells_median_spread_cost_and_what_else_the_machine_did():
    runs = [
        Run(100, seconds, {"service": 0.5, "load": 0.1, "machine": 0.6 + seconds}, [0.010, 0.020])
        for seconds in (1.0, 2.0, 4.0)
    ]
    told = summary(runs)
    assert (told["rate"], told["min"], told["max"]) == (50, 25, 100)
    assert told["cpu_us_per_event"] == {"service": 5_000, "load": 1_000}
    assert told["cores_busy"] == {"service": 0.25, "load": 0.05}
    assert told["cores_elsewhere"] == 1.0
    assert (told["p50_ms"], told["p99_ms"]) == (10, 20)
    assert "put_off" not in told


def test_processor_time_is_counted_where_it_is_spent():
    pids = {"me": os.getpid()}
    before = cpu_s(pids)
    started = process_time()
    while process_time() - started < 0.1:
        pass
    used = spent(before, cpu_s(pids))
    assert used["load"] >= 0.1
    # the kernel counts in hundredths of a second
    assert used["me"] >= 0.05
    assert used["machine"] >= 0.05
