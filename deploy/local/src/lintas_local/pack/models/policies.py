"""`policies.yaml`: by when must something have happened?"""

from typing import Literal

from pydantic import Field

from lintas_local.pack.models.fields import Code, PackModel, Text, Versioned
from lintas_local.pack.models.rules import PolicyClass

Stage = Literal["verify", "first_response", "resolution", "auto_close", "assign", "escalation"]
Unit = Literal["working_days", "calendar_days", "hours", "minutes"]
#: whether day 1 is the day of receipt or the day after it
StartRule = Literal["next_day", "same_day"]
#: who is told when an escalation falls due
Escalated = Literal["agency", "agency_head", "mayor"]


class Policy(Versioned):
    """One deadline for one class and stage."""

    id: Code
    policy_class: PolicyClass = Field(alias="class")
    stage: Stage
    #: which rung of the ladder; only for stage `escalation`
    level: int | None = Field(default=None, ge=1, le=9)
    #: who is told; only for stages `assign` and `escalation`
    to: Escalated | None = None
    amount: int = Field(ge=1, le=10_000)
    unit: Unit
    start: StartRule
    calendar: Code
    legal_basis: Text


class PoliciesFile(PackModel):
    """All deadlines: those of the law, and the city's own escalation ladder."""

    policies: tuple[Policy, ...] = Field(min_length=1)
    escalation: tuple[Policy, ...] = ()
