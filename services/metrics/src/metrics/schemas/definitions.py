from typing import Self

from pydantic import BaseModel

from metrics.domain.definitions import CLOCKS, DEFINITIONS, TIMES
from metrics.domain.percentiles import METHOD
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
    percentile: str
    clocks: dict[str, str]
    metrics: list[DefinitionOut]

    @classmethod
    def current(cls) -> Self:
        """The definitions in force."""
        return cls(
            kpi_version=KPI_VERSION,
            times=TIMES,
            percentile=METHOD,
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
