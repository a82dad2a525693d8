"""Settings that several services share; a service's own settings inherit the parts it needs."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lintas.config.secrets import DatabaseUrl, Secret
from lintas.config.settings import Settings
from lintas.faults import ENVIRONMENT, SPEC

#: where a service or a page of ours is found: an origin, without a final slash
Origin = Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]


class ServiceSettings(Settings):
    """What every service has."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level of the log lines that are written."
    )
    public_url: Origin = Field(
        "http://127.0.0.1:8000",
        description="Address under which people reach this service, without a final slash.",
    )
    environment: str = Field(
        "local",
        pattern=r"^[a-z0-9]{1,16}$",
        description="Name of this installation; part of the keys it issues.",
    )
    loop_exit_s: float = Field(
        8,
        ge=0,
        description="Seconds an event loop may be blocked before the process ends itself; "
        "0 turns that off.",
    )
    fault: str | None = Field(
        None,
        pattern=SPEC,
        description="Where this process ends or stops, for tests: `after_publish:exit137@3`."
        " Refused unless LINTAS_ENVIRONMENT is `test`.",
    )

    @model_validator(mode="after")
    def _arm_in_tests_only(self) -> Self:
        if self.fault is not None and self.environment != ENVIRONMENT:
            raise PydanticCustomError(
                "fault", "LINTAS_FAULT: only where LINTAS_ENVIRONMENT is test"
            )
        return self


class KafkaSettings(Settings):
    """Where the log is."""

    kafka: str = Field(
        pattern=r"^[^,\s]+:\d+(,[^,\s]+:\d+)*$",
        description="Bootstrap servers of Kafka: host:port, comma-separated.",
    )


class DatabaseSettings(Settings):
    """A service's own database."""

    database_url: DatabaseUrl = Field(
        description="The service's own database, as its restricted role (postgresql+asyncpg://...)."
    )
    database_owner_url: DatabaseUrl | None = Field(
        None, description="The same database as its owner; needed for migrations only."
    )
    database_pool: int = Field(8, ge=1, le=100, description="Most connections to the database.")


class KeySettings(Settings):
    """The key ring and the pepper its secrets are hashed with."""

    keys_file: Path = Field(description="JSON list of the keys that may call this service.")
    key_pepper: Secret = Field(description="Pepper of the stored key hashes.")
    key_pepper_previous: Secret | None = Field(
        None, description="The pepper before the last rotation; keys hashed with it still work."
    )
