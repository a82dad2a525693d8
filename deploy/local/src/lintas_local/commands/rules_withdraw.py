"""`lintas rules withdraw`: what is announced shall not begin."""

import os
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, people, say_json, told


def withdraw(
    version: Annotated[str, typer.Argument(help="A version that is announced.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Take back what is announced of a version and did not begin.

    To leave a version that applies already, publish the one before it again.
    """
    with told(), Service.of("router", os.environ) as router:
        withdrawn = router.post(f"/v1/rulesets/{version}/withdraw", {})
    if as_json:
        say_json(withdrawn)
    else:
        people.print(
            f"[green]●[/] {version} does not begin at {withdrawn['effective_at']}", highlight=False
        )
