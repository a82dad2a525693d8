"""The topic registry: `deploy/topics.yaml` as data. Topics are created from it and from nothing else."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

#: as they stand in code; a contract test compares them with the registry
MENTIONS = "lintas.mentions.v1"
ROUTING = "lintas.routing.v1"
COMPLAINTS = "lintas.complaints.v1"
STATEMENTS = "lintas.statements.v1"
DIRECTORY = "lintas.directory.v1"
RULES = "lintas.rules.v1"


def quarantine_topic(service: str) -> str:
    """Where a service puts records it could not read."""
    return f"lintas.quarantine.{service}.v1"


class TopicSpec(BaseModel):
    """One topic: its single writer, its readers, what it carries and how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^lintas\.[a-z_.-]+\.v\d+$")
    about: str
    writer: Literal["ingest", "router", "agency-gateway", "metrics"]
    readers: tuple[str, ...] = ()
    #: what the record key is
    key: str
    partitions: int = Field(ge=1)
    #: in production; a single broker can hold one copy only
    replication: int = Field(default=3, ge=1)
    min_insync: int = Field(default=2, ge=1)
    #: days, or None for ever
    retention_days: int | None = None
    compact: bool = False
    #: CloudEvents types it carries
    events: tuple[str, ...] = ()

    def configuration(self, *, brokers: int) -> dict[str, str]:
        """Topic configuration for a cluster of so many brokers."""
        retention = -1 if self.retention_days is None else self.retention_days * 86_400_000
        return {
            "cleanup.policy": "compact" if self.compact else "delete",
            "retention.ms": str(retention),
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": "1048588",
            "min.insync.replicas": str(min(self.min_insync, brokers)),
        }


def load(path: Path) -> list[TopicSpec]:
    """Every topic of the registry at `path`."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [TopicSpec.model_validate(row) for row in document["topics"]]
