from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    #: some tests are skipped, or something is slower
    WANTED = "wanted"
    #: the embedded stack does not start
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what is there, and how to get what is not."""

    name: str
    state: State
    found: str
    #: a command or a step, where something lacks
    fix: str | None = None
