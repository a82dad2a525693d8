"""kill -9 of every part in turn, in the middle of the day: the same day comes out."""

import os
import signal
from pathlib import Path

import httpx2
import pytest

from .city import City, end, start_demo, wait_until
from .test_demo import DISTINCT

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

VICTIMS = ("ingest", "router", "agency-gateway", "metrics", "kafka", "postgres")


def kill(city: City, victim: str) -> None:
    """End a part at once, and wait until the launcher has brought another up."""
    pid = city.running["processes"][victim]
    os.kill(pid, signal.SIGKILL)
    wait_until(
        city,
        lambda: city.running["processes"].get(victim, pid) != pid,
        f"a restarted {victim}",
    )


def registered(city: City) -> int:
    """How many mentions the front door has taken, as far as it says."""
    try:
        with city.client("metrics") as metrics:
            rows = metrics.get("/v1/kpis", params={"metric": "counts"}).json()["kpis"]
            return int(rows[0]["registered"])
    except (httpx2.HTTPError, OSError, ValueError, KeyError, IndexError):
        return 0


def test_a_day_with_every_part_killed_in_turn_ends_as_an_undisturbed_one(
    home_folder: Path, city: City
):
    undisturbed = city.outcome
    hurt = start_demo(home_folder / "hurt", "--seconds", "45", "--once")
    try:
        running = hurt.home / "running.json"
        wait_until(hurt, lambda: running.exists() and registered(hurt) > 0, "a first complaint")
        for victim in VICTIMS:
            kill(hurt, victim)
        done = hurt.home / "demo.json"
        wait_until(hurt, lambda: done.exists() or hurt.process.poll() == 0, "demo.json")
        hurt.process.wait(timeout=60)
        outcome = hurt.outcome
    finally:
        end(hurt)
    assert outcome["accepted"] == len(DISTINCT)
    for name in ("accepted", "registered", "routed", "triage", "no_action", "published"):
        assert outcome[name] == undisturbed[name], name
    assert outcome["delivered"] == outcome["published"]
