from typing import Self

from pydantic import BaseModel

from metrics.domain.definitions import (
    CLOCKS,
    DEFINITIONS,
    IMPORTED_ANSWERS,
    NEGATIVE,
    SLA_VARIANTS,
    TIMES,
)
from metrics.domain.percentiles import METHODS
from metrics.domain.questions import KPI_VERSION, Metric


class DefinitionOut(BaseModel):
    """One metric in words."""

    metric: Metric
    name: dict[str, str]
    definition: str
    cohort: str
    excluded: dict[str, str]


class DefinitionsOut(BaseModel):
    """Everything needed to recompute a figure from the raw topics."""

    kpi_version: str
    times: str
    #: by the value of the question's parameter of that name
    percentiles: dict[str, str]
    negative: dict[str, str]
    sla_variant: dict[str, str]
    imported_answers: str
    clocks: dict[str, str]
    metrics: list[DefinitionOut]

    @classmethod
    def current(cls) -> Self:
        """The definitions in force."""
        return cls(
            kpi_version=KPI_VERSION,
            times=TIMES,
            percentiles={rank.value: text for rank, text in METHODS.items()},
            negative={choice.value: text for choice, text in NEGATIVE.items()},
            sla_variant={variant.value: text for variant, text in SLA_VARIANTS.items()},
            imported_answers=IMPORTED_ANSWERS,
            clocks={clock.value: text for clock, text in CLOCKS.items()},
            metrics=[
                DefinitionOut(
                    metric=one.metric,
                    name=dict(one.name),
                    definition=one.definition,
                    cohort=one.cohort,
                    excluded={reason.value: text for reason, text in one.excluded.items()},
                )
                for one in DEFINITIONS
            ],
        )
