"""Places where a test may end or stop the process, to see what survives it."""

import os
import re
import signal
from dataclasses import dataclass
from enum import StrEnum

#: the one kind of installation in which anything can be armed
ENVIRONMENT = "test"
#: `after_publish:exit137@3`: the third time it gets there
SPEC = r"^[a-z_]+:(exit[0-9]{1,3}|stop)@[1-9][0-9]{0,5}$"


class Point(StrEnum):
    """Where a process can be hit: between two steps that cannot be one."""

    #: everything is written, nothing of it counts yet
    BEFORE_COMMIT = "before_commit"
    #: state and events are durable, nobody has been told
    AFTER_COMMIT = "after_commit"
    #: a record's effect is durable, its offset has not moved
    AFTER_EFFECT = "after_effect"
    #: committed events are about to be sent
    BEFORE_PUBLISH = "before_publish"
    #: the broker has acknowledged them, the outbox does not know
    AFTER_PUBLISH = "after_publish"


@dataclass(slots=True)
class _Armed:
    point: Point
    action: str
    passages_left: int


_armed: _Armed | None = None


def arm(spec: str | None, *, environment: str) -> None:
    """Let the process end (`exit<status>`) or stop at a point, as `spec` says; None disarms.

    Raises:
        ValueError: not a spec, or not a test environment.
    """
    global _armed  # noqa: PLW0603  # one process, one fault
    if spec is None:
        _armed = None
        return
    if environment != ENVIRONMENT:
        raise ValueError(f"a fault can be armed in the environment {ENVIRONMENT} only")
    if not re.match(SPEC, spec):
        raise ValueError(f"a fault is point:action@passage ({SPEC})")
    point, _, rest = spec.partition(":")
    action, _, passage = rest.partition("@")
    _armed = _Armed(Point(point), action, int(passage))


def reach(point: Point) -> None:
    """The process is at `point`; returns at once unless a test has armed it."""
    if _armed is not None:
        _hit(_armed, point)


def _hit(armed: _Armed, point: Point) -> None:
    if point is not armed.point or armed.passages_left == 0:
        return
    armed.passages_left -= 1
    if armed.passages_left:
        return
    if armed.action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        # no clean-up: as if somebody had pulled the plug
        os._exit(int(armed.action.removeprefix("exit")))
