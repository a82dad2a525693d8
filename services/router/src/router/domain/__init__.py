"""How a mention finds its agencies: rule sets, and the decision they lead to. Pure."""

from router.domain.backtests import (
    Backtest,
    Bounces,
    Flip,
    Load,
    Mark,
    Problem,
    Result,
    State,
    Tally,
    Trial,
)
from router.domain.compiling import MOST_SPELLED, Compiled, compile_document, compile_ruleset
from router.domain.corpus import Case, Ending, Kept
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
from router.domain.linting import Finding, advise, lint, unusable
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
from router.domain.scoring import Confusion, LabelScore, Measured, measure
from router.domain.statements import Fact, Ledger, Shelf, Statement, Suggestion
from router.domain.suggesting import ModelUnusable, Suggester
from router.domain.words import Language

__all__ = [
    "MOST_SPELLED",
    "NO_RULES",
    "Area",
    "Backtest",
    "Bounces",
    "Case",
    "Change",
    "ClassRule",
    "Compiled",
    "Confusion",
    "Contributor",
    "Decision",
    "Difference",
    "Differences",
    "Edition",
    "Ending",
    "Evidence",
    "Explanation",
    "Fact",
    "Finding",
    "Flip",
    "Kept",
    "LabelScore",
    "Language",
    "Ledger",
    "Load",
    "Mark",
    "Measured",
    "Mention",
    "ModelReference",
    "ModelUnusable",
    "Outcome",
    "OwnVersion",
    "Problem",
    "Publication",
    "Result",
    "RoutingRule",
    "RuleSet",
    "RuleSetUnusable",
    "Rulebook",
    "Shelf",
    "Span",
    "State",
    "Statement",
    "StoredModel",
    "StoredRuleset",
    "Suggester",
    "Suggestion",
    "Tally",
    "Trial",
    "Why",
    "advise",
    "compile_document",
    "compile_expression",
    "compile_ruleset",
    "decide",
    "differences",
    "effective_moment",
    "lint",
    "measure",
    "unusable",
]
