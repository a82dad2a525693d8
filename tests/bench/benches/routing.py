"""`routing.rules_200` and `routing.rules_20000`: the decision itself, at equal hits per text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import process_time
from typing import Any

from tests.bench.figures import Run, ratio_of, summary
from tests.bench.lab import BenchFailed, Lab
from tests.bench.recorded import Recorded
from tests.bench.sides import Asked

from router.domain import Compiled, Mention, compile_document, decide

_NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
_SYLLABLES = ("ba", "ci", "du", "go", "ka", "lu", "mi", "no", "pe", "ra", "so", "ti")
_FEW, _MANY = 200, 20_000
_TARGET = 0.5
#: words no rule asks for
_PLAIN = "jalan di depan rumah kami sudah lama begini tolong segera dilihat terima kasih pak "
_TEXTS = 500


@dataclass(frozen=True, slots=True)
class RoutingBench:
    """Decisions a second with few rules and with many, in this process, one after the other."""

    names: tuple[str, str] = ("routing.rules_200", "routing.rules_20000")

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """Both rates; the rate with few rules is the yardstick of the rate with many."""
        few, many = _rules(_FEW), _rules(_MANY)
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
                "missed": [f"{ratio} of {self.names[0]}"] if ratio < _TARGET else [],
                "service": with_many,
                "beside": with_few,
                **common,
            },
        ]


def _word(number: int) -> str:
    """One of 20,736 made-up words."""
    return "".join(_SYLLABLES[number // 12**place % 12] for place in range(4))


def _rules(number: int) -> Compiled:
    """Rules that each ask for two words in a row and forbid a third."""
    return compile_document(
        {
            "version": str(number),
            "zone": "Asia/Jakarta",
            "agencies": ["dinas"],
            "categories": ["hal"],
            "rules": [
                {
                    "id": f"r{n}",
                    "category": "hal",
                    "lead": "dinas",
                    "any": [f"{_word(n)} {_word(n + 1)}"],
                    "none": [f"{_word(n)} zz"],
                    "weight": 1.0 + n % 7,
                }
                for n in range(number)
            ],
        }
    )


def _mention(number: int) -> Mention:
    start = number * 7 % (_FEW - 10)
    met = " ".join(f"{_word(start + n)} {_word(start + n + 1)}" for n in (0, 3, 6))
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


BENCH = RoutingBench()
