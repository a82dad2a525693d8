"""What a pack's rules make of texts, without running services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lintas_local.pack import Pack, ruleset
from lintas_local.rules.evaluating import Prediction
from lintas_local.rules.models import usable
from router.app import offline


class Aspect(StrEnum):
    """What of a decision is held against the label."""

    AGENCY = "agency"
    CATEGORY = "category"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision, as far as it is held against a label."""

    prediction: Prediction
    #: id of the rule that decided; empty if none did
    rule: str = ""
    #: its terms that were found
    terms: tuple[str, ...] = ()


class PackRules:
    """The rules of a pack; the surest answer is one with many terms and no rival."""

    def __init__(
        self, pack: Pack, aspect: Aspect = Aspect.AGENCY, models: Sequence[bytes] = ()
    ) -> None:
        document = ruleset(pack)
        self.version: str = document["version"]
        with usable():
            self._decide = offline(document, models)
        self._aspect = aspect

    def verdict(self, text: str, at: datetime | None = None) -> Verdict:
        """The decision about `text` as if it came at `at`; now, if None."""
        if not text or text.isspace():
            return Verdict((None, 0.0))
        said = {"text": text} | ({"received_at": at.isoformat()} if at else {})
        decision = self._decide(said)
        decided = _of_aspect(decision["explanation"]["decided_by"], self._aspect)
        others = _of_aspect(decision["explanation"]["runners_up"], self._aspect)
        if self._aspect is Aspect.CLASS:
            answer = decision["mention_class"]
        else:
            answer = decision["lead" if self._aspect is Aspect.AGENCY else "category"]
        if not decided:
            return Verdict((answer, 0.0))
        best = decided[0]
        return Verdict(
            (answer, _sureness(best, others)),
            best["rule"],
            tuple(dict.fromkeys(span["term"] for span in best["spans"])),
        )


def _of_aspect(evidence: list[dict[str, Any]], aspect: Aspect) -> list[dict[str, Any]]:
    if aspect is Aspect.CLASS:
        return [one for one in evidence if one["rule"].startswith("class:")]
    return [one for one in evidence if one["agency"]]


def _sureness(best: Mapping[str, Any], others: list[dict[str, Any]]) -> float:
    """How far it is ahead of the best rival that holds for another agency.

    Measured against both scores and a doubt that only many terms outweigh.
    """
    rival = max(
        (
            one["weight"]
            for one in others
            if one["agency"] != best["agency"] and one["why"] in _HELD
        ),
        default=0.0,
    )
    sureness: float = (best["weight"] - rival) / (best["weight"] + rival + _DOUBT)
    return sureness


#: a runner-up that held and was weaker; all others did not hold at all
_HELD = frozenset({"lower score", "equal score, written later"})
#: as a score: a few terms of an ordinary rule
_DOUBT = 20.0
