"""`lintas rules diff`: what distinguishes two versions of the rules."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from lintas_local.client import Service
from lintas_local.output import AsJson, people, say_json, say_rows, told


def diff(
    version: Annotated[str, typer.Argument(help="A version that was handed in.")],
    against: Annotated[
        str | None, typer.Argument(help="The version it is held against; what applies, if absent.")
    ] = None,
    *,
    html: Annotated[Path | None, typer.Option(help="Write it as a page to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show rules added, removed, moved, and changed field by field."""
    with told(), Service.of("router", os.environ) as router:
        path = f"/v1/rulesets/{version}/diff"
        found = router.get(path, against=against)
        if html is not None:
            page = router.page(f"/aturan/{version}/perubahan", terhadap=found["against"])
            html.write_text(page, encoding="utf-8")
    if as_json:
        say_json(found)
    else:
        say_differences(found)


def say_differences(found: Mapping[str, Any]) -> None:
    """Print what the router's address for it answers."""
    rows = [
        {"part": one["section"], "name": one["name"], "": one["kind"], **_sides(change)}
        for one in found["entries"]
        for change in one["changes"] or [{"field": "", "removed": [], "added": []}]
    ]
    rows += [{"part": "document", **_sides(change)} for change in found["document"]]
    title = f"{found['against']} → {found['version']}"
    if rows:
        say_rows(title, ("part", "name", "", "field", "removed", "added"), rows)
    else:
        people.print(f"{title}: the same rules")


def _sides(change: Mapping[str, Any]) -> dict[str, str]:
    sides = {name: ", ".join(map(_written, change[name])) for name in ("removed", "added")}
    return {"field": change["field"], **sides}


def _written(value: object) -> str:
    # an expression has brackets, which a table would take for its own
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
