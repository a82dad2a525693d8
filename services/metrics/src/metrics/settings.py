"""What can be configured."""

from pydantic import Field

from lintas.config import DatabaseSettings, KafkaSettings, KeySettings, SealingKey, ServiceSettings


class MetricsSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything metrics can be told."""

    quarantine_key: SealingKey = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    fold_batch: int = Field(
        500, ge=1, le=5_000, description="Most records that are folded in one transaction."
    )
    report_timeout_s: float = Field(
        30.0, gt=0, le=300, description="Seconds a report may read from the database."
    )
    board_refresh_s: float = Field(
        2.0, ge=0.5, le=60, description="Seconds between two states of the live page."
    )
    stale_after_s: float = Field(
        30.0, gt=0, le=3_600, description="Seconds behind after which the page calls itself stale."
    )
