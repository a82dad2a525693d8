"""What can be configured."""

from pathlib import Path

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
    outbox_keep_hours: int = Field(
        720,
        ge=1,
        description="Hours published events stay, so that a lost topic can be filled again.",
    )
    media_folder: Path = Field(
        Path("media"),
        description="Folder of the attachments, encrypted; instances of one ingest share it.",
    )
    media_most_bytes: int = Field(
        10_485_760, ge=1, le=52_428_800, description="Most bytes one attachment may have."
    )
    quota_key: int = Field(
        600_000, ge=1, description="Requests a minute that one key may make; a batch counts as one."
    )
    quota_visits: int = Field(
        600, ge=1, description="Citizen pages a minute that one address may ask for."
    )
    quota_reports: int = Field(
        60, ge=1, description="Reports in ten minutes that one address may send by the form."
    )
    quota_contact: int = Field(
        10, ge=1, description="Reports a day by the form that name the same phone or e-mail."
    )
    front_room: int = Field(
        6,
        ge=1,
        description="Citizen pages worked on at once; the rest wait, so that agencies never do.",
    )
    aside_keep_hours: int = Field(
        168, ge=1, description="Hours that deliveries which could not be read stay, sealed."
    )
