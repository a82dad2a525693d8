"""Decisions without a record: what would the rules make of this?"""

from router.domain import Decision, Mention, decide
from router.usecases.following import Rules


def explain(rules: Rules, mention: Mention) -> Decision:
    """What the rules in force now make of `mention`."""
    return decide(mention, rules.in_force())
