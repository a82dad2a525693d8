import shlex
import sys
from typing import Annotated

import typer

from lintas_local.output import AsJson, say_json, told
from lintas_local.stack import SERVICES, Stack, StackProblem


def environ(
    service: Annotated[str, typer.Argument(help="ingest, router, agency-gateway or metrics.")],
    *,
    owner: Annotated[
        bool, typer.Option("--owner", help="Also the address its migrations run under.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what a service is told, to run it by hand: eval "$(lintas environ ingest)"."""
    with told():
        if service not in SERVICES:
            raise StackProblem(f"there is no service {service}", f"Known are {', '.join(SERVICES)}")
        variables = Stack().environ(service, owner=owner)
    if as_json:
        say_json(variables)
    else:
        for name, value in variables.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
