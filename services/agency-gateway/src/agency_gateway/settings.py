"""What can be configured."""

from pydantic import Field

from lintas.config import (
    DatabaseSettings,
    KafkaSettings,
    KeySettings,
    Names,
    Origin,
    SealingKey,
    Secret,
    ServiceSettings,
)


class GatewaySettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything the agency-gateway can be told."""

    quarantine_key: SealingKey = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    ingest_url: Origin = Field(
        "http://127.0.0.1:8001",
        description="Where ingest answers; it is asked for the files of complaints.",
    )
    ingest_key: Secret = Field(
        description="The gateway's own key at ingest, with the scope `media:read`."
    )
    agencies: Names = Field(
        (),
        description="Agencies this instance serves over HTTP, all if empty; with a list it runs"
        " neither consumers nor workers.",
    )
    session_hours: int = Field(12, ge=1, le=168, description="How long a person stays signed in.")
    answers_keep_hours: int = Field(
        24, ge=1, le=720, description="How long the answer to an Idempotency-Key is kept."
    )
    outbox_keep_hours: int = Field(
        24, ge=1, le=720, description="How long published events stay in the outbox table."
    )

    @property
    def is_pinned(self) -> bool:
        """Whether it serves some agencies only."""
        return bool(self.agencies)
