"""What the clients did and what they were told: one line per beginning and per end of an operation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic, time
from typing import Any, Self


class Outcome(StrEnum):
    """What a client knows about its operation afterwards."""

    #: it happened: 2xx
    OK = "ok"
    #: it did not happen: a definite refusal, 4xx
    FAIL = "fail"
    #: nobody knows: a time-out, a reset, 5xx
    INFO = "info"


@dataclass(slots=True)
class Operation:
    """One request of one client."""

    id: int
    client: str
    #: mention, claim, accept, publish, ...
    kind: str
    #: seconds since the run began
    began_s: float
    #: what was asked
    asked: dict[str, Any]
    ended_s: float | None = None
    #: one that never ended may have happened
    outcome: Outcome = Outcome.INFO
    status: int | None = None
    #: what was answered
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the client was told that it happened."""
        return self.outcome is Outcome.OK


@dataclass(frozen=True, slots=True)
class Moment:
    """Something the harness did."""

    name: str
    at_s: float
    details: dict[str, Any] = field(default_factory=dict)


class History:
    """Everything of one run, kept in a file as it happens."""

    def __init__(self, path: Path | None = None) -> None:
        self.operations: list[Operation] = []
        self.moments: list[Moment] = []
        self.began_at = monotonic()
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", buffering=1)
        self.note("began", at=time())

    def now_s(self) -> float:
        """Seconds since the run began."""
        return monotonic() - self.began_at

    def invoke(self, client: str, kind: str, **asked: Any) -> Operation:
        """A client begins something."""
        operation = Operation(len(self.operations), client, kind, self.now_s(), asked)
        self.operations.append(operation)
        self._write(
            op=operation.id,
            type="invoke",
            t=operation.began_s,
            client=client,
            kind=kind,
            asked=asked,
        )
        return operation

    def complete(
        self,
        operation: Operation,
        outcome: Outcome,
        status: int | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        """The client knows what it will ever know about it."""
        operation.ended_s = self.now_s()
        operation.outcome, operation.status, operation.told = outcome, status, told or {}
        self._write(
            op=operation.id,
            type=outcome.value,
            t=operation.ended_s,
            status=status,
            told=operation.told,
        )

    def note(self, name: str, **details: Any) -> Moment:
        """The harness did something."""
        moment = Moment(name, self.now_s(), details)
        self.moments.append(moment)
        self._write(type="moment", t=moment.at_s, name=name, details=details)
        return moment

    def at(self, name: str) -> float | None:
        """When the harness last did something, in seconds since the run began."""
        return next((one.at_s for one in reversed(self.moments) if one.name == name), None)

    def of(self, *kinds: str) -> Iterator[Operation]:
        """The operations of some kinds, in the order they began."""
        return (one for one in self.operations if one.kind in kinds)

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """A kept history, as it was at its end."""
        history = cls()
        history.moments.clear()
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["type"] == "moment":
                history.moments.append(Moment(row["name"], row["t"], row["details"]))
            elif row["type"] == "invoke":
                history.operations.append(
                    Operation(row["op"], row["client"], row["kind"], row["t"], row["asked"])
                )
            else:
                operation = history.operations[row["op"]]
                operation.ended_s, operation.outcome = row["t"], Outcome(row["type"])
                operation.status, operation.told = row["status"], row["told"]
        return history

    def _write(self, **row: Any) -> None:
        if self._file is not None:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
