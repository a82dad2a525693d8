"""What can be configured."""

from datetime import timedelta

from pydantic import Field

from lintas.config import DatabaseSettings, KafkaSettings, KeySettings, SealingKey, ServiceSettings


class RouterSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything the router can be told."""

    quarantine_key: SealingKey = Field(
        description="Seals records that could not be read; 32 bytes in base64."
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

    @property
    def rules_notice(self) -> timedelta:
        """How far ahead a rule set is announced."""
        return timedelta(seconds=self.rules_notice_s)
