"""How a mention finds its agencies: rule sets, and the decision they lead to. Pure."""

from router.domain.compiling import Compiled, compile_document, compile_ruleset
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
from router.domain.differences import Change, Difference, Differences, differences
from router.domain.expressions import compile_expression
from router.domain.linting import Finding, advise, lint
from router.domain.mentions import Mention
from router.domain.publishing import OwnVersion, Publication, StoredModel, StoredRuleset
from router.domain.rulebooks import Edition, Rulebook, effective_moment
from router.domain.rulesets import (
    NO_RULES,
    ClassRule,
    ModelReference,
    RoutingRule,
    RuleSet,
    RuleSetUnusable,
)
from router.domain.suggesting import ModelUnusable, Suggester

__all__ = [
    "NO_RULES",
    "Area",
    "Change",
    "ClassRule",
    "Compiled",
    "Contributor",
    "Decision",
    "Difference",
    "Differences",
    "Edition",
    "Evidence",
    "Explanation",
    "Finding",
    "Mention",
    "ModelReference",
    "ModelUnusable",
    "Outcome",
    "OwnVersion",
    "Publication",
    "RoutingRule",
    "RuleSet",
    "RuleSetUnusable",
    "Rulebook",
    "Span",
    "StoredModel",
    "StoredRuleset",
    "Suggester",
    "Why",
    "advise",
    "compile_document",
    "compile_expression",
    "compile_ruleset",
    "decide",
    "differences",
    "effective_moment",
    "lint",
]
