from pathlib import Path

from pydantic import Field

from lintas.config import DatabaseUrl, Settings


class LauncherSettings(Settings):
    """What can be chosen about an embedded stack. The services' own settings pass through to them."""

    home: Path | None = Field(
        None, description="Folder of the embedded stack; `.lintas` of the checkout if unset."
    )
    kafka: str | None = Field(
        None, description="Bootstrap servers of a Kafka to use instead of the embedded one."
    )
    database_url: DatabaseUrl | None = Field(
        None,
        description="Address of a PostgreSQL to use instead of the embedded one, as a role that may"
        " make databases and roles.",
    )
    java: Path | None = Field(
        None, description="The `java` that runs the embedded Kafka; the first one found if unset."
    )
    environment: str = Field(
        "local",
        pattern=r"^[a-z0-9]{1,16}$",
        description="Name of this installation; part of the keys it issues.",
    )
    ports: int | None = Field(
        None,
        ge=0,
        le=65_000,
        description="First of seven consecutive ports (kafka, its controller, postgres, ingest,"
        " router, agency-gateway, metrics); 0 takes free ones.",
    )
    kafka_port: int = Field(9092, ge=1, le=65_535, description="Port of the embedded Kafka.")
    kafka_controller_port: int = Field(
        9093, ge=1, le=65_535, description="Port of the embedded Kafka's controller."
    )
    postgres_port: int = Field(
        5433, ge=1, le=65_535, description="Port of the embedded PostgreSQL."
    )
    ingest_port: int = Field(8001, ge=1, le=65_535, description="Port of ingest.")
    router_port: int = Field(8002, ge=1, le=65_535, description="Port of the router.")
    agency_gateway_port: int = Field(
        8003, ge=1, le=65_535, description="Port of the agency-gateway."
    )
    metrics_port: int = Field(8004, ge=1, le=65_535, description="Port of metrics.")
