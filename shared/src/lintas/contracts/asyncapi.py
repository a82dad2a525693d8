"""The AsyncAPI 3.0 document of the topics, made from the registry, the models and their examples."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from pydantic.json_schema import models_json_schema

from lintas.contracts.events import EVENTS, Event
from lintas.contracts.topics import TopicSpec

_SCHEMAS = "#/components/schemas/"


def document(topics: Sequence[TopicSpec], version: str) -> dict[str, Any]:
    """One JSON-ready document: a channel per topic, a message per event, operations per service."""
    _, bodies = models_json_schema(
        [(kind, "validation") for kind in EVENTS.values()], ref_template=_SCHEMAS + "{model}"
    )
    schemas = {name: _body_only(schema) for name, schema in bodies["$defs"].items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lintas events",
            "version": version,
            "description": "CloudEvents 1.0 in binary mode on Kafka. One writer per topic.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {spec.name: _channel(spec) for spec in topics},
        "operations": dict(_operations(topics)),
        "components": {
            "messages": {kind.type: _message(kind) for kind in EVENTS.values()},
            "messageTraits": {"cloudevent": {"headers": _headers()}},
            "schemas": schemas,
        },
    }


def _channel(spec: TopicSpec) -> dict[str, Any]:
    return {
        "address": spec.name,
        "description": spec.about,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in spec.events},
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions,
                "replicas": spec.replication,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if spec.compact else "delete"],
                    "retention.ms": -1
                    if spec.retention_days is None
                    else spec.retention_days * 86_400_000,
                },
            }
        },
    }


def _operations(topics: Sequence[TopicSpec]) -> Sequence[tuple[str, dict[str, Any]]]:
    found = []
    for spec in topics:
        channel = {"$ref": f"#/channels/{spec.name}"}
        found.append((f"{spec.writer}.writes.{spec.name}", {"action": "send", "channel": channel}))
        found.extend(
            (f"{reader}.reads.{spec.name}", {"action": "receive", "channel": channel})
            for reader in spec.readers
        )
    return found


def _message(kind: type[Event]) -> dict[str, Any]:
    example = json.loads(
        (files("lintas.contracts") / "examples" / f"{kind.type}.json").read_text("utf-8")
    )
    return {
        "name": kind.type,
        "summary": (kind.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {"$ref": _SCHEMAS + kind.__name__},
        "examples": [{"headers": example["headers"], "payload": example["value"]}],
    }


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    instant = {"type": "string", "format": "date-time"}
    identity = {"type": "string", "format": "uuid"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": identity,
            "ce_source": text,
            "ce_type": text,
            "ce_time": instant | {"description": "When it happened (occurred_at)."},
            "ce_recordedtime": instant | {"description": "When we learned it (recorded_at)."},
            "ce_partitionkey": text,
            "ce_sequence": text | {"description": "Zero-padded position within one complaint."},
            "ce_correlationid": identity,
            "ce_causationid": identity,
            "ce_traceparent": text,
            "traceparent": text,
        },
    }


def _body_only(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's schema without the attributes that travel as headers."""
    properties = {
        name: value
        for name, value in schema.get("properties", {}).items()
        if name not in Event.ATTRIBUTES
    }
    required = [name for name in schema.get("required", ()) if name not in Event.ATTRIBUTES]
    changed = {"properties": properties} if "properties" in schema else {}
    kept = {name: value for name, value in schema.items() if name != "required"}
    return kept | changed | ({"required": required} if required else {})
