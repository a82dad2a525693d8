"""The decision: a pure function of mention, rule set, round and agencies left out."""

from collections.abc import Collection, Iterator

from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import MentionClass, Urgency
from router.domain import areas, stances
from router.domain.advising import Advice
from router.domain.compiling import Compiled
from router.domain.conditions import Facts
from router.domain.decisions import Area, Decision, Evidence, Explanation, Outcome, Why
from router.domain.matching import Found, find
from router.domain.mentions import Mention
from router.domain.ranking import Contest, Judge, suit, touch
from router.domain.rulesets import ClassRule, RoutingRule, class_of

MOST_RUNNERS_UP = 5
MOST_CLASS_RUNNERS_UP = 2
_LEVELS = {Urgency.NORMAL: 0, Urgency.HIGH: 1, Urgency.EMERGENCY: 2}


def decide(
    mention: Mention,
    compiled: Compiled,
    round: int = 0,  # noqa: A002  # the glossary's word
    without: Collection[str] = (),
) -> Decision:
    """What `compiled` makes of `mention`; equal arguments give an equal decision, everywhere.

    `without` are agencies that returned the complaint: they neither lead nor contribute.
    """
    found = find(compiled, mention.words)
    urgency, urgent_evidence = _urgency(compiled, found)
    located = areas.locate(compiled, found, mention)
    facts = _facts(mention, compiled, urgency, located.area)
    touched_rules, touched_classes = touch(compiled, found)
    judge = Judge(compiled, mention, found, without)
    rules = len(compiled.ruleset.rules)
    suit(compiled, found, touched_classes, facts, range(rules, len(compiled.predicates)))
    classes = judge.contest(touched_classes, MOST_CLASS_RUNNERS_UP, "class:")
    mention_class, class_evidence = _class(mention, compiled, classes)
    facts.learn(**{"class": mention_class})
    suit(compiled, found, touched_rules, facts, range(rules))
    routing = judge.contest(touched_rules, MOST_RUNNERS_UP)
    rule, advice = _advised(mention, compiled, routing, without)
    policy_class = None
    # spam and thanks stay what they are, whatever subject they mention
    if rule is not None and rule.policy_class is not None and mention_class.needs_action:
        mention_class = class_of(rule.policy_class)
        policy_class = None if rule.policy_class == mention_class else rule.policy_class
        class_evidence = (Evidence(f"class:{rule.id}", Why.SET_BY_RULE),)
    if rule is not None and rule.urgency is not None and _LEVELS[rule.urgency] > _LEVELS[urgency]:
        urgency = rule.urgency
        urgent_evidence = (Evidence(f"urgency:{rule.id}", Why.URGENT_RULE),)
    position = stances.position(compiled, found)
    outcome = _outcome(mention_class, rule.lead if rule else advice.lead)
    assigned = rule if outcome is Outcome.ASSIGNED else None
    lead = advice.lead if outcome is Outcome.ASSIGNED else None
    return Decision(
        outcome=outcome,
        round=round,
        mention_class=mention_class,
        policy_class=policy_class,
        category=rule.category if rule else None,
        area=located.area,
        urgency=urgency,
        subject=position.subject,
        stance=position.stance,
        lead=assigned.lead if assigned else lead,
        contributors=tuple(
            helper
            for helper in (assigned.contributors if assigned else ())
            if helper.agency not in without
        ),
        rules_version=compiled.version,
        places_version=compiled.ruleset.places_version,
        model_version=compiled.advisor.suggester.version if compiled.advisor else None,
        explanation=Explanation(
            decided_by=(
                *((routing.evidence,) if routing.evidence else ()),
                *advice.decided_by,
                *class_evidence,
                *urgent_evidence,
                *position.evidence,
                *located.evidence,
                *_returned(mention, without),
            ),
            runners_up=(
                *advice.runners_up,
                *routing.runners_up,
                *classes.runners_up,
                *located.unclear,
                *found.limits(),
            ),
        ),
    )


def _advised(
    mention: Mention, compiled: Compiled, routing: Contest, without: Collection[str]
) -> tuple[RoutingRule | None, Advice]:
    """The rule that wins, or the one that the model prefers to it, and what the model says."""
    rule = None if routing.winner is None else compiled.ruleset.rules[routing.winner]
    if compiled.advisor is None:
        return rule, Advice()
    agencies = compiled.ruleset.agencies
    advice = compiled.advisor.advise(
        mention.words, routing.evidence, routing.runners_up, agencies, without
    )
    return advice.rule or rule, advice


def _returned(mention: Mention, without: Collection[str]) -> Iterator[Evidence]:
    for agency in sorted(without):
        yield Evidence(f"returned:{agency}", Why.RETURNED_BY, AgencyCode(agency))
    if mention.note:
        yield Evidence("returned:note", Why.NOTE)


def _facts(mention: Mention, compiled: Compiled, urgency: Urgency, area: Area) -> Facts:
    if not compiled.asked:
        return Facts(mention.received_at)
    facts = Facts(
        mention.received_at.astimezone(compiled.ruleset.zone),
        category=mention.stated_category,
        channel=mention.channel or None,
        urgency=urgency,
        stakeholder=mention.stakeholder,
        suspected=mention.suspected,
        area=area.kecamatan,
    )
    facts.learn(area=area.kelurahan)
    return facts


def _class(
    mention: Mention, compiled: Compiled, classes: Contest
) -> tuple[MentionClass, tuple[Evidence, ...]]:
    """Class and why. The city's own posts first; then what the words say, then the source."""
    if mention.own_post:
        return MentionClass.OWN_POST, (Evidence("class:own_post", Why.OWN_POST),)
    by_words = _class_rule(compiled, classes)
    if by_words is not None and classes.evidence is not None:
        return by_words.mention_class, (classes.evidence,)
    stated = mention.stated_class
    if stated is not None and stated.needs_action:
        return stated, (Evidence(f"class:{stated}", Why.STATED),)
    return MentionClass.COMPLAINT, ()


def _class_rule(compiled: Compiled, classes: Contest) -> ClassRule | None:
    if classes.winner is None:
        return None
    return compiled.ruleset.classes[classes.winner - len(compiled.ruleset.rules)]


def _outcome(mention_class: MentionClass, lead: AgencyCode | None) -> Outcome:
    if not mention_class.needs_action:
        return Outcome.NO_ACTION
    return Outcome.TRIAGE if lead is None else Outcome.ASSIGNED


def _urgency(compiled: Compiled, found: Found) -> tuple[Urgency, tuple[Evidence, ...]]:
    urgent = [
        pattern
        for pattern, ranges in found.ranges.items()
        if pattern in compiled.urgencies
        and not (found.absent and all(first in found.absent for first, _ in ranges))
    ]
    for level in (Urgency.EMERGENCY, Urgency.HIGH):
        terms = [
            (pattern, compiled.urgencies[pattern][1])
            for pattern in urgent
            if compiled.urgencies[pattern][0] is level
        ]
        if terms:
            spans = found.spans(terms)
            return level, (Evidence(f"urgency:{level}", Why.URGENT_WORDS, spans=spans),)
    return Urgency.NORMAL, ()
