"""Which predicates hold, which of them wins, and why the others lose."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from heapq import nsmallest

from router.domain.compiling import Compiled, Part
from router.domain.conditions import Facts
from router.domain.decisions import Evidence, Why
from router.domain.matching import Found
from router.domain.mentions import Mention
from router.domain.rulesets import RoutingRule


@dataclass(slots=True)
class Touched:
    """A predicate with at least one of its conditions in the text or the circumstances."""

    #: its place in the rule set
    number: int
    #: how many conditions of `any` and `all` hold
    terms: int = 0
    any_found: bool = False
    #: how many patterns of `all` are found
    all_found: int = 0
    #: (pattern, term) of what it looks for
    found: list[tuple[int, str]] = field(default_factory=list)
    #: (pattern, term) of what it excludes
    excluded: list[tuple[int, str]] = field(default_factory=list)
    #: (pattern, term) of what it looks for and the text denies
    denied: list[tuple[int, str]] = field(default_factory=list)
    #: whether the circumstances are such as it asks
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Contest:
    """How the predicates of one kind fared."""

    #: place in the rule set; None if none holds
    winner: int | None = None
    evidence: Evidence | None = None
    #: those that hold first, best first
    runners_up: tuple[Evidence, ...] = ()


#: whether it lost, its score negated, its number, itself, and why: sorts the better before the
#: worse; the number is unique, so nothing behind it is compared
_Verdict = tuple[bool, float, int, Touched, Why | None]


def touch(compiled: Compiled, found: Found) -> tuple[list[Touched], list[Touched]]:
    """Every routing rule, and every class rule, that one of the found patterns belongs to."""
    touched: dict[int, Touched] = {}
    for pattern in found.ranges:
        for number, part, times, term in compiled.postings[pattern]:
            one = touched.get(number)
            if one is None:
                one = touched[number] = Touched(number)
            if part is Part.NONE:
                one.excluded.append((pattern, term))
                continue
            one.found.append((pattern, term))
            one.terms += times
            if part is Part.ANY:
                one.any_found = True
            else:
                one.all_found += 1
    for pattern in found.denied:
        for number, part, _, term in compiled.postings[pattern]:
            if part is not Part.NONE and pattern not in found.ranges:
                one = touched.get(number)
                if one is None:
                    one = touched[number] = Touched(number)
                one.denied.append((pattern, term))
    _look_beside(compiled, found, touched.values())
    first_class = len(compiled.ruleset.rules)
    routing = [one for number, one in touched.items() if number < first_class]
    classes = [one for number, one in touched.items() if number >= first_class]
    return routing, classes


def _look_beside(compiled: Compiled, found: Found, touched: Iterable[Touched]) -> None:
    """Add what did not lead to the predicates, as too many share it."""
    for one in touched if compiled.beside else ():
        for pattern, (_, part, times, term) in compiled.beside.get(one.number, ()):
            if pattern not in found.ranges:
                if pattern in found.denied and part is not Part.NONE:
                    one.denied.append((pattern, term))
            elif part is Part.NONE:
                one.excluded.append((pattern, term))
            else:
                one.found.append((pattern, term))
                one.terms += times
                one.any_found |= part is Part.ANY
                one.all_found += part is Part.ALL


def suit(
    compiled: Compiled, found: Found, touched: list[Touched], facts: Facts, numbers: range
) -> None:
    """Hold the circumstances against `touched`, and add the predicates that need no word."""
    if not compiled.asked:
        return
    known = {one.number for one in touched}
    added: list[Touched] = []
    for fact in facts.keys() if compiled.by_fact else ():
        for number in compiled.by_fact.get(fact, ()):
            if number in numbers and number not in known:
                known.add(number)
                added.append(Touched(number))
    _look_beside(compiled, found, added)
    touched += added
    for one in touched:
        asked = compiled.asked.get(one.number)
        if asked is None:
            continue
        of_any, of_all, of_none = asked
        held = sum(condition.holds(facts) for condition in of_any)
        one.any_found |= held > 0
        one.terms += held + len(of_all)
        one.fits = all(condition.holds(facts) for condition in of_all) and not any(
            condition.holds(facts) for condition in of_none
        )


@dataclass(slots=True)
class Judge:
    """Decides between predicates for one mention."""

    compiled: Compiled
    mention: Mention
    found: Found
    #: agencies that have returned the complaint
    without: Collection[str] = ()
    _day: date | None = None

    def contest(self, touched: Iterable[Touched], most: int, prefix: str = "") -> Contest:
        """The winner and at most `most` runners-up; ids in the evidence begin with `prefix`."""
        verdicts = [self._verdict(one) for one in touched if one.terms or one.denied]
        ranked = nsmallest(most + 1, verdicts)
        if not ranked or ranked[0][0]:
            return Contest(
                runners_up=tuple(self._explain(one, prefix, None) for one in ranked[:most])
            )
        winner, *others = ranked
        if self.compiled.ruleset.by_order:
            won, level, lost = Why.EARLIER, Why.AFTER, Why.AFTER
        else:
            tied = any(not other[0] and other[1] == winner[1] for other in others)
            won, level, lost = Why.FIRST if tied else Why.HIGHEST, Why.LATER, Why.LOWER
        return Contest(
            winner[2],
            self._explain(winner, prefix, won),
            tuple(
                self._explain(other, prefix, level if other[1] == winner[1] else lost)
                for other in others
            ),
        )

    def _verdict(self, one: Touched) -> _Verdict:
        why = self._why_lost(one)
        weight = self.compiled.predicates[one.number].weight
        score = 0.0 if self.compiled.ruleset.by_order else -weight * one.terms
        return why is not None, score, one.number, one, why

    def _why_lost(self, one: Touched) -> Why | None:
        rule = self.compiled.predicates[one.number]
        if one.excluded:
            return Why.EXCLUDED
        if (rule.any and not one.any_found) or one.all_found < self.compiled.needed[one.number]:
            return Why.DENIED if one.denied else Why.INCOMPLETE
        if not one.fits:
            return Why.CIRCUMSTANCE
        if (rule.effective_from or rule.effective_until) and not self._in_effect(
            rule.effective_from, rule.effective_until
        ):
            return Why.NOT_IN_EFFECT
        if isinstance(rule, RoutingRule) and rule.lead in self.without:
            return Why.RETURNED
        return None

    def _in_effect(self, first: date | None, last: date | None) -> bool:
        if self._day is None:
            self._day = self.mention.received_at.astimezone(self.compiled.ruleset.zone).date()
        return (first is None or first <= self._day) and (last is None or self._day <= last)

    def _explain(self, verdict: _Verdict, prefix: str, place: Why | None) -> Evidence:
        """Why it does not hold, or else what place it got among those that do."""
        _, _, number, one, why_lost = verdict
        rule = self.compiled.predicates[number]
        why = why_lost or place or Why.LOWER
        # the excluded words are the reason; otherwise what spoke for it
        terms = {Why.EXCLUDED: one.excluded, Why.DENIED: one.denied}.get(why, one.found)
        return Evidence(
            rule=prefix + rule.id,
            why=why,
            agency=rule.lead if isinstance(rule, RoutingRule) else None,
            weight=rule.weight * one.terms,
            spans=self.found.spans(terms),
        )
