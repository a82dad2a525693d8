import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from lintas.vocabulary.errors import FieldError, Invalid
from lintas.vocabulary.terms import Clock, MentionClass, Origin, Stakeholder, Stance
from lintas.web import Moment
from metrics.domain.percentiles import Rank
from metrics.domain.questions import (
    Dimension,
    Metric,
    Negative,
    Period,
    Question,
    SlaVariant,
)

_PLUS_LOST = re.compile(r"(.+T.+) (\d\d:\d\d)")


def _with_plus(value: Any) -> Any:
    # an unescaped + in an address arrives as a space
    return _PLUS_LOST.sub(r"\1+\2", value) if isinstance(value, str) else value


Instant = Annotated[Moment, BeforeValidator(_with_plus)]
#: a code of the city pack
Code = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]


class Selection(BaseModel):
    """Which complaints, and as of when. Parameters that are not named here are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    since: Instant | None = Field(
        None,
        alias="from",
        description="From this instant on: received_at; for sla_compliance the deadline.",
    )
    until: Instant | None = Field(None, alias="to", description="Before this instant.")
    as_of: Instant | None = Field(
        None,
        description="What happened later does not count. By default the moment up to which the log "
        "is known to be folded.",
    )
    agency: Code | None = Field(None, description="The agency that leads.")
    channel: Code | None = None
    category: Code | None = None
    mention_class: MentionClass | None = None
    kecamatan: Code | None = None
    stakeholder: Stakeholder | None = None
    stance: Stance | None = None
    origin: Origin | None = None
    subject: Code | None = Field(None, description="The policy a stance is about.")

    def moment(self, known_to: datetime | None, now: datetime) -> datetime:
        """`as_of`, or its default; Invalid where it lies ahead."""
        if self.as_of is None:
            return known_to or now.replace(microsecond=0)
        if self.as_of > now:
            raise Invalid(
                "One field is not as expected.",
                [FieldError("#/query/as_of", "time_ahead", "a time that has passed")],
            )
        return self.as_of

    @property
    def period(self) -> Period:
        """The stretch of time asked about; Invalid where it ends before it begins."""
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise Invalid(
                "One field is not as expected.",
                [FieldError("#/query/to", "period", "a time after `from`")],
            )
        return Period(self.since, self.until)

    @property
    def filters(self) -> dict[str, str]:
        """The values complaints must have, by dimension."""
        names = (*(name.value for name in Dimension), "subject")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}


class KpiQuery(Selection):
    """What is asked of `/v1/kpis`."""

    metric: Metric | None = Field(None, description="One of them; all if absent.")
    group_by: Dimension | None = None
    clock: Clock | None = Field(None, description="One of them; both if absent.")
    percentiles: Rank = Field(Rank.LINEAR, description="How they are read off the sorted values.")
    negative: Negative = Field(
        Negative.FLAG, description="Durations that end before they begin: flagged, or kept."
    )
    imported_answers: bool = Field(
        default=False, description="Whether answers that the source of an import tells of count."
    )
    sla_variant: SlaVariant = Field(
        SlaVariant.AS_PROMISED, description="Whose way of counting kept deadlines."
    )

    def question(self, as_of: datetime) -> Question:
        """The question as the domain asks it."""
        return Question(
            as_of,
            metrics=(self.metric,) if self.metric else tuple(Metric),
            clocks=(self.clock,) if self.clock else (Clock.WALL, Clock.WORKING),
            group_by=self.group_by,
            period=self.period,
            filters=self.filters,
            percentiles=self.percentiles,
            negative=self.negative,
            sla_variant=self.sla_variant,
            imported_answers=self.imported_answers,
        )
