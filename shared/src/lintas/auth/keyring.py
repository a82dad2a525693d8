import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from lintas.auth.keys import KeyRecord
from lintas.telemetry import get_logger

_LOOK_EVERY_S = 2.0

_log = get_logger(__name__)


class KeyRing:
    """Keys from a JSON file, read again within two seconds of a change.

    A file that became unreadable leaves the last good ring in force, so a bad edit locks nobody
    out; at start it is an error.
    """

    def __init__(
        self,
        records: Mapping[str, KeyRecord],
        path: Path | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = dict(records)
        self._path = path
        self._now = now
        self._stamp = _stamp(path)
        self._look_at = now() + _LOOK_EVERY_S

    @classmethod
    def from_file(cls, path: Path, *, now: Callable[[], float] = time.monotonic) -> Self:
        """The ring in `path`; ValueError (without its content) if there is none."""
        return cls(_read(path), path, now=now)

    async def find(self, key_id: str) -> KeyRecord | None:
        """The record of a key, live or not."""
        if self._path is not None and self._now() >= self._look_at:
            self._look_at = self._now() + _LOOK_EVERY_S
            self._refresh(self._path)
        return self._records.get(key_id)

    def _refresh(self, path: Path) -> None:
        stamp = _stamp(path)
        if stamp == self._stamp:
            return
        try:
            self._records = _read(path)
        except ValueError:
            _log.error("key_ring_unreadable")  # and no traceback: it would show the file
        else:
            self._stamp = stamp


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        status = path.stat() if path else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else None


def _read(path: Path) -> dict[str, KeyRecord]:
    try:
        records = [KeyRecord.from_json(entry) for entry in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError("the key ring is not a readable JSON list of key records") from None
    return {record.id: record for record in records}
