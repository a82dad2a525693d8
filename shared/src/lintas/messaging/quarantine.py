"""Where records wait that could not be read: original bytes, sealed, with their origin."""

from collections.abc import Callable

from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import quarantine_topic
from lintas.messaging.ports import Producer

Seal = Callable[[bytes], bytes]


class Quarantine:
    """Puts a record aside durably before its offset may move.

    Nothing is lost: `put` returns once the broker has acknowledged, and raises SendFailed
    otherwise; the caller then pauses the partition. A record may be put aside twice (a crash
    before the offset moved); its origin headers tell.
    """

    def __init__(self, producer: Producer, service: str, seal: Seal) -> None:
        self._producer = producer
        self._topic = quarantine_topic(service)
        self._seal = seal

    async def put(self, record: Record, error_class: str) -> None:
        """Write `record` to the service's quarantine topic; `error_class` holds no content."""
        await self._producer.send(
            [
                OutRecord(
                    topic=self._topic,
                    key=record.key,
                    value=self._seal(record.value or b""),
                    headers=(
                        ("lintas_origin_topic", record.topic.encode()),
                        ("lintas_origin_partition", str(record.partition).encode()),
                        ("lintas_origin_offset", str(record.offset).encode()),
                        ("lintas_origin_timestamp_ms", str(record.timestamp_ms).encode()),
                        ("lintas_error_class", error_class.encode()),
                        *record.headers,
                    ),
                )
            ]
        )
