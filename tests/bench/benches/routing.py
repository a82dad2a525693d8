"""The decision itself: with few rules and with many, at equal hits per text; and the dearest."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import process_time
from typing import Any

from tests.bench.adversarial import CASES, Case, word
from tests.bench.figures import Run, ratio_of, summary
from tests.bench.lab import BenchFailed, Lab
from tests.bench.recorded import Recorded
from tests.bench.sides import Asked

from lintas_local.layout import CHECKOUT
from lintas_local.pack import load_pack, ruleset
from router.domain import Compiled, Mention, compile_document, decide

_NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
_FEW, _MANY = 200, 20_000
_TARGET = 0.5
#: of a plain loop over the rules
_TIMES_THE_LOOP = 50
_LOOPED_TEXTS = 10
_MOST_COMPILE_S = 2.0
_PACK = CHECKOUT / "deploy" / "packs" / "indonesia"
_MOST_MS = 5.0
#: of text, for which the dearest cases are told
_LETTERS = 10_000
#: words no rule asks for
_PLAIN = "jalan di depan rumah kami sudah lama begini tolong segera dilihat terima kasih pak "
_TEXTS = 500


@dataclass(frozen=True, slots=True)
class RoutingBench:
    """Decisions a second with few rules and with many, in this process, one after the other."""

    names: tuple[str, str] = ("routing.rules_200", "routing.rules_20000")

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """Both rates; the rate with few rules is the yardstick of the rate with many."""
        compile_s = [
            _seconds(lambda: compile_document(_document(_MANY))) for _ in range(asked.repeats)
        ]
        pack = ruleset(load_pack(_PACK))
        pack_compile_s = [_seconds(lambda: compile_document(pack)) for _ in range(asked.repeats)]
        few, many = (compile_document(_document(number)) for number in (_FEW, _MANY))
        # every text meets the rules of three words, whichever set is asked
        mentions = [_mention(number) for number in range(_TEXTS)]
        hits = {sum(_hits(mention, rules) for mention in mentions) for rules in (few, many)}
        if len(hits) > 1:
            raise BenchFailed("the texts meet more rules of one set than of the other")
        pairs = [
            (_run(mentions, many, asked.seconds), _run(mentions, few, asked.seconds))
            for _ in range(asked.repeats)
        ]
        with_many = summary([ours for ours, _ in pairs])
        with_few = summary([theirs for _, theirs in pairs])
        ratio = ratio_of(pairs)
        looped = mentions[:_LOOPED_TEXTS]
        loop = _Loop(many)
        measures = {
            "times_the_loop": round(
                median(
                    _seconds(lambda: [loop.met(one.text) for one in looped])
                    / _seconds(lambda: [decide(one, many) for one in looped])
                    for _ in range(asked.repeats)
                ),
                1,
            ),
            "compile_s": round(median(compile_s), 2),
            "pack_compile_s": round(median(pack_compile_s), 2),
        }
        missed = [f"{ratio} of {self.names[0]}"] if ratio < _TARGET else []
        if measures["times_the_loop"] < _TIMES_THE_LOOP:
            missed.append(f"{measures['times_the_loop']} times a loop over the rules")
        missed += [
            f"{measures[name]} s to compile"
            for name in ("compile_s", "pack_compile_s")
            if measures[name] > _MOST_COMPILE_S
        ]
        common = {
            "unit": "texts per processor second",
            "repeats": len(pairs),
            "hits_per_text": hits.pop() / _TEXTS,
        }
        return [
            {
                "name": self.names[0],
                "rate": with_few["rate"],
                "yardstick_name": f"none: it is the yardstick of {self.names[1]}",
                "yardstick": None,
                "ratio": None,
                "target": None,
                "missed": [],
                "service": with_few,
                **common,
            },
            {
                "name": self.names[1],
                "rate": with_many["rate"],
                "yardstick_name": f"{self.names[0]} at equal hits per text",
                "yardstick": with_few["rate"],
                "ratio": ratio,
                "target": _TARGET,
                "missed": missed,
                **measures,
                "service": with_many,
                "beside": with_few,
                **common,
            },
        ]


def _document(number: int) -> dict[str, Any]:
    """Rules that each ask for two words in a row and forbid a third."""
    return {
        "version": str(number),
        "zone": "Asia/Jakarta",
        "agencies": ["dinas"],
        "categories": ["hal"],
        "rules": [
            {
                "id": f"r{n}",
                "category": "hal",
                "lead": "dinas",
                "any": [f"{word(n)} {word(n + 1)}"],
                "none": [f"{word(n)} zz"],
                "weight": 1.0 + n % 7,
            }
            for n in range(number)
        ],
    }


class _Loop:
    """The yardstick without an index: each rule's terms are looked for in each text, in turn."""

    def __init__(self, compiled: Compiled) -> None:
        self._language = compiled.language
        self._rules = [
            (
                [self._stream(str(term)) for term in rule.any],
                [self._stream(str(term)) for term in rule.none],
            )
            for rule in compiled.ruleset.rules
        ]

    def met(self, text: str) -> list[int]:
        """The numbers of the rules that hold."""
        stream = self._stream(text)
        return [
            number
            for number, (wanted, forbidden) in enumerate(self._rules)
            if any(term in stream for term in wanted)
            and not any(term in stream for term in forbidden)
        ]

    def _stream(self, text: str) -> str:
        language = self._language
        return f" {' '.join(language.units(language.words(text)))} "


def _mention(number: int) -> Mention:
    start = number * 7 % (_FEW - 10)
    met = " ".join(f"{word(start + n)} {word(start + n + 1)}" for n in (0, 3, 6))
    return Mention(f"{_PLAIN}{met} {_PLAIN}", _NOON)


def _hits(mention: Mention, rules: Compiled) -> int:
    explained = decide(mention, rules).explanation
    return len(explained.decided_by) + len(explained.runners_up)


def _run(mentions: Sequence[Mention], rules: Compiled, seconds: float) -> Run:
    decided = 0
    # nothing is waited for, so this process's own time is what it takes, whatever else runs
    started = process_time()
    while process_time() < started + seconds:
        for mention in mentions:
            decide(mention, rules)
        decided += len(mentions)
    took = process_time() - started
    return Run(decided, took, {"router": took})


def _seconds(work: Callable[[], object]) -> float:
    """Processor seconds of doing it once."""
    started = process_time()
    work()
    return process_time() - started


@dataclass(frozen=True, slots=True)
class DearestBench:
    """What the texts and rule sets cost that are made to be dear, per 10,000 letters."""

    names: tuple[str] = ("routing.adversarial",)

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """The dearest case decides; every case is told."""
        cases = {case.name: _dear(case, asked.repeats) for case in CASES}
        dearest = max(cases, key=lambda name: cases[name]["cold_ms"])
        found = cases[dearest]
        cold = found["cold_ms"]
        runs = found["runs_ms"]
        return [
            {
                "name": self.names[0],
                "rate": cold,
                "unit": "ms per 10,000 letters",
                "yardstick_name": "none",
                "yardstick": None,
                "ratio": None,
                "target": None,
                "at_most": _MOST_MS,
                "missed": [f"{cold} ms: {dearest}"] if cold > _MOST_MS else [],
                "dearest": dearest,
                "warm_ms": max(case["warm_ms"] for case in cases.values()),
                "cases": {
                    name: {"cold_ms": case["cold_ms"], "warm_ms": case["warm_ms"]}
                    for name, case in cases.items()
                },
                "repeats": asked.repeats,
                "service": {
                    "rate": cold,
                    "min": min(runs),
                    "max": max(runs),
                    "runs": runs,
                    "cpu_us_per_event": {"router": round(cold * 1000)},
                    "cores_busy": {"router": 1.0},
                    "cores_elsewhere": 0.0,
                },
            }
        ]


def _dear(case: Case, repeats: int) -> dict[str, Any]:
    """Medians of milliseconds: of the first text that rules just compiled see, and of it again."""
    document = case.document()
    cold: list[float] = []
    warm: list[float] = []
    for number in range(repeats):
        compiled = compile_document(document)
        text = case.text(number)
        mention = Mention(text, _NOON, "web", stated_category="c")
        scale = 1000 * _LETTERS / len(text)
        with _set_aside():
            cold.append(_seconds(lambda: decide(mention, compiled)) * scale)  # noqa: B023  # at once
            warm.append(_seconds(lambda: decide(mention, compiled)) * scale)  # noqa: B023  # at once
    return {
        "cold_ms": round(median(cold), 2),
        "warm_ms": round(median(warm), 2),
        "runs_ms": [round(one, 2) for one in cold],
    }


@contextmanager
def _set_aside() -> Iterator[None]:
    """As in the service: the collector leaves alone what was compiled."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


BENCH = RoutingBench()
DEAREST = DearestBench()
