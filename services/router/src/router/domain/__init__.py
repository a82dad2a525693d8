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
from router.domain.expressions import compile_expression
from router.domain.linting import Finding, advise, lint
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
from router.domain.statements import Fact, Ledger, Shelf, Statement, Suggestion
from router.domain.words import Language

__all__ = [
    "NO_RULES",
    "Area",
    "ClassRule",
    "Compiled",
    "Contributor",
    "Decision",
    "Edition",
    "Evidence",
    "Explanation",
    "Fact",
    "Finding",
    "Language",
    "Ledger",
    "Mention",
    "Outcome",
    "RoutingRule",
    "RuleSet",
    "RuleSetUnusable",
    "Rulebook",
    "Shelf",
    "Span",
    "Statement",
    "StoredRuleset",
    "Suggestion",
    "Why",
    "advise",
    "compile_document",
    "compile_expression",
    "compile_ruleset",
    "decide",
    "effective_moment",
    "lint",
]
