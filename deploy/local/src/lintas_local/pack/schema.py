"""The JSON schema of pack files, for editors and other tools."""

from pathlib import Path
from typing import Any

import orjson
from pydantic.json_schema import models_json_schema

from lintas_local.pack.models.pack import FILES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a pack as an object of its files; each file's own is in `$defs`.

    It holds what one file can get wrong alone; how files fit together, only `load_pack` checks.
    """
    models = [(model, "validation") for model in FILES.values()]
    references, definitions = models_json_schema(models, by_alias=True)  # type: ignore[arg-type]
    return {
        "$schema": DIALECT,
        "title": "Lintas city pack",
        "type": "object",
        "properties": {name: references[model, "validation"] for name, model in FILES.items()},
        "required": list(FILES),
        "additionalProperties": False,
        **definitions,
    }


def write_schema(path: Path) -> None:
    """Writes the schema where `path` says, the same bytes every time."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps(schema(), option=options))
