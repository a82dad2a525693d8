"""What can be configured."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

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
from lintas.faults import ENVIRONMENT

#: by what name it writes, reads and logs
SERVICE = "ingest"


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
    agency_gateway_url: Origin = Field(
        "http://127.0.0.1:8003",
        description="Address under which people read statements, without a final slash.",
    )
    accounts_file: Path | None = Field(
        None, description="YAML list of our accounts on the channels (see channels)."
    )
    ask_also: Names = Field(
        (),
        description="Origins inside that may be asked although the guard blocks them, for tests:"
        " `http://127.0.0.1:8080`. Refused unless LINTAS_ENVIRONMENT is `test`.",
    )
    mail_listen: str | None = Field(
        None,
        pattern=r"^[^\s]+:\d{1,5}$",
        description="Where a mail server of ours hands over letters: host:port; none: nowhere.",
    )
    mail_protocol: Literal["lmtp", "smtp"] = Field(
        "lmtp", description="How it hands them over; LMTP answers for each recipient."
    )
    mail_most_bytes: int = Field(
        26_214_400, ge=65_536, description="Bytes of the largest letter that is read."
    )
    mail_connections: int = Field(
        50, ge=1, description="Most connections that hand over letters at once."
    )
    commit_size: int = Field(
        500, ge=1, le=2_000, description="Most mentions that share one database commit."
    )
    open311_repeat_s: int = Field(
        600,
        ge=0,
        le=86_400,
        description="Seconds within which an identical Open311 body of one key is the same request.",
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
    media_folder: Path = Field(
        Path("media"),
        description="Folder of the attachments, encrypted; instances of one ingest share it.",
    )
    media_most_bytes: int = Field(
        10_485_760, ge=1, le=52_428_800, description="Most bytes one attachment may have."
    )
    aside_keep_hours: int = Field(
        168, ge=1, description="Hours that deliveries which could not be read stay, sealed."
    )
    request_keep_days: int = Field(
        30,
        ge=1,
        description="Days an Idempotency-Key is remembered with its body; its answer stays the same.",
    )
    original_keep_days: int = Field(
        1_825,
        ge=30,
        description="Days after the last word in a complaint until its words are erased.",
    )
    bodies_keep_hours: int = Field(
        72,
        ge=0,
        le=720,
        description="Hours that what webhooks brought stays, sealed, to be read again; 0: not at all.",
    )
    quota_key: int = Field(
        600_000,
        ge=1,
        description="Requests a minute that one key may make, from 120 on a twelfth of them at once;"
        " a batch counts as one.",
    )
    quota_visits: int = Field(
        600,
        ge=1,
        description="Citizen pages a minute that one address may ask for, from 120 on a twelfth of"
        " them at once.",
    )
    quota_reports: int = Field(
        60, ge=1, description="Reports in ten minutes that one address may send by the form."
    )
    quota_contact: int = Field(
        10, ge=1, description="Reports a day by the form that name the same phone or e-mail."
    )
    quota_open311: int = Field(
        600,
        ge=1,
        description="Open311 calls a minute that one address may make, from 120 on a twelfth of them"
        " at once.",
    )
    quota_downloads: int = Field(
        12, ge=1, description="Downloads of all Open311 requests an hour for one address."
    )
    front_room: int = Field(
        6,
        ge=1,
        description="Citizen pages worked on at once; the rest wait, so that agencies never do.",
    )

    @model_validator(mode="after")
    def _open_in_tests_only(self) -> Self:
        if self.ask_also and self.environment != ENVIRONMENT:
            raise PydanticCustomError(
                "ask_also", "LINTAS_ASK_ALSO: only where LINTAS_ENVIRONMENT is test"
            )
        return self
