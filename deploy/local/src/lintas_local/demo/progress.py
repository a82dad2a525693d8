"""What a person sees while the day is played."""

from collections import Counter
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

#: what is counted, in the order of the journey, and how it is called
STEPS = {
    "accepted": "mentions accepted",
    "registered": "complaints registered",
    "taken": "taken by agencies",
    "published": "answers published",
    "delivered": "answers on ticket pages",
}


class DayProgress(AbstractContextManager["DayProgress"]):
    """Counts per step, drawn as bars on a terminal, as lines elsewhere."""

    def __init__(self, console: Console, mentions: int) -> None:
        self.counts: Counter[str] = Counter()
        self._progress = Progress(
            TextColumn("{task.description:26}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks = {
            step: self._progress.add_task(title, total=mentions if step == "accepted" else None)
            for step, title in STEPS.items()
        }

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def add(self, step: str, number: int = 1) -> None:
        """`number` more have reached `step`."""
        self.set(step, self.counts[step] + number)

    def set(self, step: str, number: int, total: int | None = None) -> None:
        """`number` in all have reached `step`, of `total`."""
        self.counts[step] = number
        self._progress.update(self._tasks[step], completed=number, total=total)
