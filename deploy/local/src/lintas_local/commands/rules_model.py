"""`lintas rules model`: hand in what `lintas rules train` wrote."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, people, say_json, told
from lintas_local.stack import StackProblem


def model(
    file: Annotated[Path, typer.Argument(help="A model that `lintas rules train --out` wrote.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Hand a trained model in, and say how rules name it. The same again changes nothing."""
    with told(), Service.of("router", os.environ) as router:
        try:
            with file.open("rb") as data:
                kept = router.post_file("/v1/models", data)
        except OSError:
            raise StackProblem(f"{file} cannot be read", "Expected is a model") from None
    if as_json:
        say_json(kept)
        return
    people.print(
        f"[green]●[/] model {kept['version']} is kept; in rules.yaml it is named by\n\n"
        f"model:\n  version: {kept['version']}\n  sha256: {kept['sha256']}\n  threshold: 0.9\n",
        highlight=False,
        soft_wrap=True,
    )
