"""How a mention finds its agencies: rule sets, and the decision they lead to. Pure."""

from router.domain.compiling import MOST_SPELLED, Compiled, compile_document, compile_ruleset
from router.domain.deciding import decide
from router.domain.decisions import (
    Area,
    Contributor,
    Decision,
    Evidence,
    Explanation,
    Outcome,
    Span,
    Why,
)
from router.domain.expressions import compile_expression
from router.domain.linting import Finding, advise, lint, unusable
from router.domain.mentions import Mention
from router.domain.publishing import StoredRuleset
from router.domain.rulebooks import Edition, Rulebook, effective_moment
from router.domain.rulesets import (
    NO_RULES,
    ClassRule,
    RoutingRule,
    RuleSet,
    RuleSetUnusable,
)

__all__ = [
    "MOST_SPELLED",
    "NO_RULES",
    "Area",
    "ClassRule",
    "Compiled",
    "Contributor",
    "Decision",
    "Edition",
    "Evidence",
    "Explanation",
    "Finding",
    "Mention",
    "Outcome",
    "RoutingRule",
    "RuleSet",
    "RuleSetUnusable",
    "Rulebook",
    "Span",
    "StoredRuleset",
    "Why",
    "advise",
    "compile_document",
    "compile_expression",
    "compile_ruleset",
    "decide",
    "effective_moment",
    "lint",
    "unusable",
]
