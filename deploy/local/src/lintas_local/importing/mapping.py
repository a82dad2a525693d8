"""Mapping files: YAML, and as strict as a city pack."""

from pathlib import Path
from typing import Any

import orjson

from ingest.app import files
from lintas_local.pack.loading import parse
from lintas_local.pack.reading import read_yaml
from lintas_local.pack.schema import DIALECT


class HistoryMapping(files.Mapping):
    """A mapping that tells what history cannot do without."""

    id: str
    received_at: str


def load_mapping(path: Path) -> files.Mapping:
    """The mapping in `path`; PackInvalid names every line that is not as expected."""
    return parse(read_yaml(path, path.name), files.Mapping)


def load_history_mapping(path: Path) -> HistoryMapping:
    """The mapping of a history in `path`; PackInvalid names every line that is not as expected."""
    return parse(read_yaml(path, path.name), HistoryMapping)


def write_mapping_schema(path: Path) -> None:
    """Writes the schema where `path` says, the same bytes every time."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps(mapping_schema(), option=options))


def mapping_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a mapping file."""
    schema = files.Mapping.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, **schema, "title": "Lintas import mapping"}
