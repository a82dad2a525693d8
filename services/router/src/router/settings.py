"""What can be configured."""

from datetime import timedelta

from pydantic import Field

from lintas.config import (
    DatabaseSettings,
    KafkaSettings,
    KeySettings,
    Origin,
    SealingKey,
    Secret,
    ServiceSettings,
)

SERVICE = "router"


class RouterSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything the router can be told."""

    quarantine_key: SealingKey = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    agency_gateway_url: Origin = Field(
        "http://127.0.0.1:8003",
        description="Where the agency-gateway answers; it is asked for what agencies gave back.",
    )
    gateway_key: Secret = Field(
        description="The router's own key at the agency-gateway, with the scope `returns:read`."
    )
    decide_batch: int = Field(
        500, ge=1, le=2_000, description="Most mentions that are decided and sent together."
    )
    rules_poll_s: float = Field(
        1.0, gt=0, le=60, description="Seconds between two looks at the rules topic."
    )
    rules_notice_s: float = Field(
        5.0,
        gt=0,
        le=3_600,
        description="Seconds ahead a rule set is announced that replaces another; deciding waits"
        " when the rules topic was not read for so long. More than twice the poll.",
    )
    corpus_days: int = Field(
        365,
        ge=1,
        le=3_650,
        description="Days for which the router keeps redacted texts and backtests, from receipt.",
    )

    @property
    def corpus_kept(self) -> timedelta:
        """How long the corpus keeps what it has."""
        return timedelta(days=self.corpus_days)

    statements_notice_s: float = Field(
        10.0,
        # three looks, each as long as the broker lets a fetch wait
        ge=2,
        le=3_600,
        description="Seconds after its publication a statement begins to be suggested; by then"
        " every instance has read of it.",
    )
    suggest_from: float = Field(
        0.3,
        gt=0,
        le=1,
        description="How near an announcement or guide must be to a mention to be suggested: the"
        " share of words both say, rare ones counting more.",
    )

    @property
    def rules_notice(self) -> timedelta:
        """How far ahead a rule set is announced."""
        return timedelta(seconds=self.rules_notice_s)
