import os
from typing import Annotated
from uuid import uuid4

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, people, say_json, told

commands = typer.Typer(no_args_is_help=True, help="Agencies and their systems.")


@commands.callback()
def agencies() -> None:
    """Agencies and their systems."""


@commands.command()
def key(
    agency: Annotated[str, typer.Argument(help="Code of the agency.")],
    *,
    client: Annotated[
        str | None, typer.Option(help="Name of the system that will hold the key.")
    ] = None,
    scope: Annotated[list[str], typer.Option(help="What it may do; may be repeated.")] = [  # noqa: B006
        "queue:read",
        "queue:write",
    ],
    expires_at: Annotated[
        str | None, typer.Option(help="When it ends (RFC 3339 with offset); never if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key for an agency's system. It is shown once and stored nowhere."""
    body = {"client": client or f"{agency}-system", "agency": agency, "scopes": scope}
    if expires_at:
        body["expires_at"] = expires_at
    with told(), Service.of("agency-gateway", os.environ) as gateway:
        made = gateway.post("/v1/keys", body, idempotency_key=str(uuid4()))
    if as_json:
        say_json(made)
    else:
        people.print(made["key"], markup=False, highlight=False, soft_wrap=True)
