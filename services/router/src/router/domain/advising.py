"""What a learned model says where rules are silent or disagree."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lintas.vocabulary.ids import AgencyCode
from router.domain.decisions import Evidence, Why
from router.domain.rulesets import RoutingRule
from router.domain.suggesting import Suggester

#: a rule for another agency with so much of the winner's score leaves the question open
CLOSE = 0.8


@dataclass(frozen=True, slots=True)
class Advice:
    """An agency, if the model is sure enough to route to it, and what there is to tell."""

    lead: AgencyCode | None = None
    #: the rule for that agency among those that disagree
    rule: RoutingRule | None = None
    decided_by: tuple[Evidence, ...] = ()
    #: a suggestion to whoever decides
    runners_up: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Advisor:
    """A model and how sure it must be."""

    suggester: Suggester
    #: from 0 to 1; as sure as this it routes, less sure it only suggests
    threshold: float
    #: by id
    rules: Mapping[str, RoutingRule]

    def advise(
        self,
        text: str,
        best: Evidence | None,
        others: Sequence[Evidence],
        agencies: Collection[str],
        without: Collection[str],
    ) -> Advice:
        """What to do with `text` where `best` is the rule that wins; nothing where rules agree.

        Where rules disagree, the model only chooses between their agencies.
        """
        rules = _disagreeing(best, others)
        if best is not None and not rules:
            return Advice()
        label, confidence = self.suggester.suggest(text)
        if label is None or label in without or label not in agencies:
            return Advice()
        lead = AgencyCode(label)
        if rules and lead not in rules:
            return Advice(runners_up=self._evidence(text, lead, confidence, Why.NO_RULE_AGREES))
        if confidence < self.threshold:
            return Advice(runners_up=self._evidence(text, lead, confidence, Why.UNSURE))
        evidence = self._evidence(text, lead, confidence, Why.SUGGESTED)
        return Advice(lead, self.rules[rules[lead]] if rules else None, decided_by=evidence)

    def _evidence(
        self, text: str, lead: AgencyCode, confidence: float, why: Why
    ) -> tuple[Evidence, ...]:
        """The suggestion, then its strongest words."""
        whole = Evidence(f"model:{self.suggester.version}", why, lead, round(confidence, 6))
        return (
            whole,
            *(
                # no agency, and no word in the name: rules of agencies are kept for ever
                Evidence(whole.rule, Why.LEARNT, None, strong.weight, strong.spans)
                for strong in self.suggester.strongest(text, lead)
            ),
        )


def _disagreeing(best: Evidence | None, others: Sequence[Evidence]) -> dict[AgencyCode, str]:
    """The agencies of rules that all hold and are close, each with its best; none if one wins."""
    if best is None or best.agency is None:
        return {}
    close = {best.agency: best.rule}
    for other in others:
        holds = other.why in {Why.LOWER, Why.LATER} and other.weight >= CLOSE * best.weight
        if holds and other.agency is not None:
            close.setdefault(other.agency, other.rule)
    return close if len(close) > 1 else {}
