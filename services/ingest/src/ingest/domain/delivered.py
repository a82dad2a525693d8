"""How far something we sent has come, as platforms report it: repeatedly and in any order."""

from collections.abc import Mapping

#: the furthest counts; a failure is final
RANK: Mapping[str, int] = {"sent": 1, "delivered": 2, "read": 3, "failed": 4}


def is_further(state: str, known: str) -> bool:
    """Whether `state` says more than what is `known`."""
    return RANK[state] > RANK[known]
