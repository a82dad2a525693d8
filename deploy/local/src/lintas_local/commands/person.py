import os
import secrets
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, people, say_json, say_rows, told

commands = typer.Typer(no_args_is_help=True, help="People who may log in at the agency-gateway.")

_COLUMNS = ("username", "name", "agency", "roles", "active")


@commands.command()
def add(
    username: Annotated[str, typer.Argument(help="What the person logs in with.")],
    *,
    name: Annotated[
        str | None, typer.Option(help="The person's name; the username if left out.")
    ] = None,
    agency: Annotated[
        str | None, typer.Option(help="Code of the agency the person works for.")
    ] = None,
    role: Annotated[
        list[str], typer.Option(help="officer, confirmer or coordinator; may be repeated.")
    ] = ["officer"],  # noqa: B006 - Typer's way to a default list
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password; else one is made.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a person. A made password is shown once."""
    password = typer.get_text_stream("stdin").readline().strip() if password_stdin else ""
    made = "" if password else secrets.token_urlsafe(15)
    with told(), Service.of("agency-gateway", os.environ) as gateway:
        person = gateway.post(
            "/v1/persons",
            {
                "username": username,
                "password": password or made,
                "name": name or username,
                "agency": agency,
                "roles": role,
            },
        )
    if as_json:
        say_json({**person, "password": made or None})
        return
    people.print(f"[green]●[/] {person['username']} ({person['id']})")
    if made:
        people.print(f"password: {made}", markup=False, highlight=False)


@commands.command("list")
def show(*, as_json: AsJson = False) -> None:
    """Show everybody who may log in."""
    with told(), Service.of("agency-gateway", os.environ) as gateway:
        found = gateway.items("/v1/persons")
    if as_json:
        say_json(found)
    else:
        say_rows("People", _COLUMNS, found)
