"""`lintas rules history`: what was published, by whom, and from when it applies."""

import os
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, say_json, say_rows, told

_COLUMNS = ("version", "number", "state", "effective_at", "published_at", "published_by")


def history(
    version: Annotated[str | None, typer.Argument(help="Of one version; of all if absent.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List publications, the latest first."""
    with told(), Service.of("router", os.environ) as router:
        found = router.items("/v1/publications", version=version)
    if as_json:
        say_json(found)
    else:
        say_rows("Publications", _COLUMNS, found)
