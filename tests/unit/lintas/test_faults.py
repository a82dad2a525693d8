import subprocess
import sys

import pytest

from lintas import faults
from lintas.config import ServiceSettings, SettingsError
from lintas.faults import Point, reach

REACH_THREE_TIMES = """
import sys
from lintas.faults import Point, arm, reach
arm(sys.argv[1], environment="test")
for turn in range(3):
    reach(Point.AFTER_PUBLISH)
    reach(Point.BEFORE_PUBLISH)
print("survived", turn)
"""


@pytest.fixture(autouse=True)
def disarmed():
    yield
    faults.arm(None, environment="test")


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        ("after_publish:exit137@1", 137),
        ("after_publish:exit9@3", 9),
        ("after_publish:exit9@4", 0),
        ("after_commit:exit9@1", 0),
    ],
)
def test_an_armed_point_ends_the_process_at_its_passage_only(spec: str, status: int):
    run = subprocess.run(
        [sys.executable, "-c", REACH_THREE_TIMES, spec], capture_output=True, check=False
    )
    assert run.returncode == status, run.stderr


@pytest.mark.parametrize(
    "spec", ["after_publish", "after_publish:exit@1", "nowhere:stop@1", "x:stop@0"]
)
def test_what_is_no_fault_is_refused(spec: str):
    with pytest.raises(ValueError, match=r"a fault is|valid Point"):
        faults.arm(spec, environment="test")


@pytest.mark.parametrize("environment", ["local", "production", "testing"])
def test_nothing_can_be_armed_outside_of_tests(environment: str):
    with pytest.raises(ValueError, match="environment test only"):
        faults.arm("after_publish:exit137@1", environment=environment)
    with pytest.raises(SettingsError, match="LINTAS_FAULT: only where LINTAS_ENVIRONMENT is test"):
        ServiceSettings.load(
            {"LINTAS_FAULT": "after_publish:exit137@1", "LINTAS_ENVIRONMENT": environment}
        )


def test_an_unarmed_process_passes_every_point():
    for point in Point:
        reach(point)
