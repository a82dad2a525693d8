"""What can be configured."""

from pydantic import Field

from lintas.config import (
    DatabaseSettings,
    KafkaSettings,
    KeySettings,
    SealingKey,
    Secret,
    ServiceSettings,
)


class IngestSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything ingest can be told."""

    vault_key: SealingKey = Field(description="Wraps the reporters' data keys; 32 bytes in base64.")
    vault_key_previous: SealingKey | None = Field(
        None, description="The vault key before the last rotation; what it wrapped still opens."
    )
    complaint_id_key: Secret = Field(
        description="Complaint ids and the reporters' links are derived from it; never rotate it."
    )
    quarantine_key: SealingKey = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    agency_gateway_url: str = Field(
        "http://127.0.0.1:8003",
        pattern=r"^https?://[^/\s]+$",
        description="Address under which people read statements, without a final slash.",
    )
    commit_size: int = Field(
        500, ge=1, le=2_000, description="Most mentions that share one database commit."
    )
    outbox_bound: int = Field(
        200_000,
        ge=1,
        description="Events waiting for Kafka beyond which nothing more is accepted.",
    )
    import_most_mib: int = Field(
        64, ge=1, le=1_024, description="Largest file that may be imported, in MiB."
    )
    import_unpacked_mib: int = Field(
        256, ge=1, le=4_096, description="Largest imported workbook once unpacked, in MiB."
    )
    import_report_days: int = Field(
        30, ge=1, description="Days the report of an import stays after its end."
    )
    outbox_keep_hours: int = Field(
        720,
        ge=1,
        description="Hours published events stay, so that a lost topic can be filled again.",
    )
