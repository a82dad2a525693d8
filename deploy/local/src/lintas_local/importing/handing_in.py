"""A file goes to ingest, which works through it; here one waits and watches."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.app import files
from lintas_local.client import Away, Service
from lintas_local.importing.opening import unpacked

_ROUTE = "/v1/imports"
_UNDER_WAY = frozenset({"receiving", "waiting", "working"})
_PAUSE_S = 0.2
#: how long ingest may be away before the watching ends; the import itself goes on
_PATIENCE_S = 120.0

#: told now and then: the share of the file that is read, rows dealt with
Progress = Callable[[float, int], None]


def hand_in(
    source: Path,
    ingest: Service,
    /,
    *,
    mapping: files.Mapping | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _share, _rows: None,
    **wishes: str | None,
) -> dict[str, Any]:
    """Import a file; the import as it ended, with `preview` where it was a dry run.

    Cutting this off does not cut the import off.

    Raises:
        SourceUnreadable: the file cannot be read as a whole.
        CallFailed: ingest refused, or stayed away for two minutes.
    """
    # a mapping of one's own replaces the proposed one before anything is kept
    first_look = dry_run or mapping is not None
    with unpacked(source) as (file, _):
        handed_in = ingest.post_file(_ROUTE, file, dry_run=first_look, **wishes)
    here = f"{_ROUTE}/{handed_in['import_id']}"
    ended = _ended(ingest, here, progress if mapping is None else lambda _share, _rows: None)
    if mapping is None and ended["failure"]:
        raise files.SourceUnreadable(ended["failure"])
    if mapping is not None:
        told = mapping.model_dump(mode="json", by_alias=True)
        ingest.post(f"{here}/start", {"mapping": told, "dry_run": dry_run})
        ended = _ended(ingest, here, progress)
    if dry_run:
        ended["preview"] = ingest.get(f"{here}/preview")
    return ended


def rejected_rows(ingest: Service, import_id: str, *, most: int | None = None) -> list[Any]:
    """The rows that were rejected: the first ones, or all."""
    here = f"{_ROUTE}/{import_id}/rows"
    if most is not None:
        items: list[Any] = ingest.get(here, outcome="rejected", limit=most)["items"]
        return items
    return ingest.items(f"{here}?outcome=rejected&limit=200")


def _ended(ingest: Service, here: str, progress: Progress) -> dict[str, Any]:
    heard_at = time.monotonic()
    while True:
        try:
            found: dict[str, Any] = ingest.get(here)
        except Away:
            if time.monotonic() > heard_at + _PATIENCE_S:
                raise
        else:
            heard_at = time.monotonic()
            if found["state"] == "failed":
                raise files.SourceUnreadable(found["failure"])
            progress(found["progress"], found["rows"])
            if found["state"] not in _UNDER_WAY:
                return found
        time.sleep(_PAUSE_S)
