"""An import from beginning to end."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from ingest.app import files
from lintas_local.client import Away, Service
from lintas_local.importing.mapping import HistoryMapping
from lintas_local.importing.opening import open_source
from lintas_local.importing.translating import Story, translate

#: rows, and bytes of what was said, that travel together
_LOT = 1_000
_LOT_BYTES = 4 << 20
#: rejections kept for the answer; the report has all of them
MOST_SHOWN = 20
#: how long a service may be away before the import gives up
_PATIENCE_S = 120.0
_PAUSE_S = 0.5

#: told after each lot: the share of the file that is read, rows read
Progress = Callable[[float, int], None]


@dataclass
class Imported:
    """What an import came to."""

    source: str
    rows: int = 0
    #: complaints that are open with their past, told now
    opened: int = 0
    #: complaints that open when their mention has come by way of the router
    waiting: int = 0
    #: complaints whose past was told before
    unchanged: int = 0
    #: rows
    rejected: int = 0
    #: the first of them
    rejections: list[files.Rejection] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        """Rows whose complaint is here."""
        return self.opened + self.waiting + self.unchanged

    def to_json(self) -> dict[str, Any]:
        """As a document."""
        speed = round(self.rows / self.seconds, 1) if self.seconds else None
        return {**asdict(self), "accepted": self.accepted, "rows_per_s": speed}


def import_history(
    source: Path,
    mapping: HistoryMapping,
    ingest: Service,
    gateway: Service,
    *,
    report: IO[bytes] | None = None,
    progress: Progress = lambda _share, _rows: None,
) -> Imported:
    """Send every row of `source`; doing it again changes nothing and goes on where it stopped.

    Memory does not grow with the file. Rejected rows go to `report`, one JSON text a line.

    Raises:
        SourceUnreadable: the file is not what the mapping says.
        CallFailed: a service refused a whole lot, or stayed away for two minutes.
    """
    run = _Run(Imported(mapping.source), mapping, ingest, gateway, report)
    started = time.monotonic()
    with open_source(source, mapping) as rows, ThreadPoolExecutor(1) as other:
        telling: Future[Any] | None = None
        told: list[_Told] = []
        for lot in _lots(rows, mapping, run):
            # while the gateway opens one lot, ingest takes in the next
            said = run.say(lot)
            run.note(telling, told)
            telling, told = other.submit(run.tell, said), said
            progress(rows.progress, run.done.rows)
        run.note(telling, told)
    run.done.seconds = round(time.monotonic() - started, 3)
    return run.done


def _lots(rows: files.Rows, mapping: HistoryMapping, run: "_Run") -> Iterator[list[Story]]:
    lot: list[Story] = []
    size = 0
    for row in rows:
        run.done.rows += 1
        story = [row] if isinstance(row, files.Rejection) else translate(row, mapping)
        if not isinstance(story, Story):
            run.reject(story)
            continue
        lot.append(story)
        size += len(story.mention)
        if len(lot) == _LOT or size > _LOT_BYTES:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


#: a row with the complaint that ingest opened for it
_Told = tuple[Story, str]


@dataclass
class _Run:
    done: Imported
    mapping: HistoryMapping
    ingest: Service
    gateway: Service
    report: IO[bytes] | None

    def say(self, lot: list[Story]) -> list[_Told]:
        """What was said goes to ingest; the rows it took, each with its complaint."""
        answer = _patiently(
            self.ingest, "/v1/mentions/batch?origin=import", [story.mention for story in lot]
        )
        self._refused(answer, lot)
        return [(lot[one["line"] - 1], one["complaint_id"]) for one in answer["results"]]

    def tell(self, said: list[_Told]) -> Any:
        """What became of them goes to the gateway; its answer."""
        lines = [story.past_of(complaint) for story, complaint in said]
        return _patiently(self.gateway, "/v1/history", lines) if lines else None

    def note(self, telling: Future[Any] | None, said: list[_Told]) -> None:
        """Wait for the gateway's answer about `said`, and count it."""
        answer = telling.result() if telling else None
        if answer is None:
            return
        self._refused(answer, [story for story, _ in said])
        fates = Counter(one["outcome"] for one in answer["results"])
        self.done.opened += fates["opened"]
        self.done.waiting += fates["waiting"]
        self.done.unchanged += fates["unchanged"]

    def reject(self, why: list[files.Rejection]) -> None:
        """Leave a row out, and say why."""
        self.done.rejected += 1
        room = MOST_SHOWN - len(self.done.rejections)
        self.done.rejections += why[: max(room, 0)]
        if self.report is not None:
            for one in why:
                self.report.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))

    def _refused(self, answer: dict[str, Any], lot: list[Story]) -> None:
        for one in answer["rejected"]:
            line = lot[one["line"] - 1].line
            self.reject(
                [
                    files.Rejection(
                        line, files.blamed(error["pointer"], self.mapping), error["detail"]
                    )
                    for error in one["errors"]
                ]
            )


def _patiently(service: Service, path: str, lines: list[bytes]) -> Any:
    """The answer; a service that is away is asked again, as every line may be sent twice."""
    body = b"\n".join(lines)
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return service.post_lines(path, body)
        except Away:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(_PAUSE_S)
