"""The same words from many accounts, or from one again and again, within minutes."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lintas.vocabulary.terms import Suspicion

#: shorter texts are alike without anybody having copied
_FEWEST_LETTERS = 20


@dataclass(slots=True)
class _Wave:
    since: datetime
    #: who said it, and how often
    reporters: dict[bytes, int] = field(default_factory=dict)


class Waves:
    """Remembers what was said lately, up to so many texts; each process for itself.

    It may overlook a wave that is spread over several processes or a restart; nothing hangs on it
    but a mark.
    """

    def __init__(
        self,
        *,
        window: timedelta = timedelta(minutes=10),
        accounts: int = 5,
        times: int = 3,
        most: int = 20_000,
    ) -> None:
        self._window = window
        self._accounts = accounts
        self._times = times
        self._most = most
        self._seen: OrderedDict[str, _Wave] = OrderedDict()

    def suspect(self, wording: str, reporter: bytes, at: datetime) -> Suspicion | None:
        """Why one more mention of this `wording` looks copied, or None."""
        if len(wording) < _FEWEST_LETTERS:
            return None
        wave = self._seen.get(wording)
        if wave is None or at - wave.since > self._window:
            wave = self._seen[wording] = _Wave(at)
            self._seen.move_to_end(wording)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        said = wave.reporters.get(reporter, 0) + 1
        if len(wave.reporters) < self._accounts or said > 1:
            # beyond that number it is a wave anyway, and nobody else need be remembered
            wave.reporters[reporter] = said
        if len(wave.reporters) >= self._accounts:
            return Suspicion.WAVE
        return Suspicion.REPEATED if said >= self._times else None
