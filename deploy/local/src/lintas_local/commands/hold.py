import os
from enum import StrEnum
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, errors, people, say_json, say_rows, told

commands = typer.Typer(no_args_is_help=True, help="Legal holds: what may not be erased for now.")

_WRONG_USAGE = 2
_COLUMNS = ("hold_id", "of", "complaint_id", "reason", "reference", "until", "placed_by")


class Reason(StrEnum):
    """What ingest accepts as a reason."""

    COURT = "court"
    INVESTIGATION = "investigation"
    EXAMINATION = "examination"
    CLAIM = "claim"


@commands.command()
def place(
    ticket: Annotated[
        str | None, typer.Argument(help="The complaint, with all who spoke in it.")
    ] = None,
    *,
    reason: Annotated[Reason, typer.Option(help="Why; it stands on record.")],
    reference: Annotated[str, typer.Option(help="File number of whoever ordered it; no names.")],
    until: Annotated[str, typer.Option(help="When it ends by itself (RFC 3339 with offset).")],
    channel: Annotated[
        str | None, typer.Option(help="Without a ticket: where the reporter is known.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account they wrote to.")] = None,
    platform_id: Annotated[str | None, typer.Option(help="Their id there,")] = None,
    handle: Annotated[str | None, typer.Option(help="or what they are called,")] = None,
    phone: Annotated[str | None, typer.Option(help="or their number,")] = None,
    email: Annotated[str | None, typer.Option(help="or their address.")] = None,
    as_json: AsJson = False,
) -> None:
    """Forbid erasing a complaint, or all of a reporter's. What is asked for meanwhile waits."""
    told_of = {"platform_id": platform_id, "handle": handle, "phone": phone, "email": email}
    reporter = {"channel": channel, "account": account} | told_of
    given = {name: value for name, value in reporter.items() if value is not None}
    if (ticket is None) == (not given):
        errors.print("[bold red]lintas:[/] a ticket, or --channel, --account and one detail")
        raise typer.Exit(_WRONG_USAGE)
    body = {"reason": reason, "reference": reference, "until": until}
    with told(), Service.of("ingest", os.environ) as ingest:
        placed = ingest.post(
            "/v1/vault/holds", body | ({"reporter": given} if given else {"ticket": ticket})
        )
    if as_json:
        say_json(placed)
    else:
        people.print(f"[green]●[/] held until {placed['until']}: {placed['hold_id']}")


@commands.command("list")
def show(*, as_json: AsJson = False) -> None:
    """Show the holds in force, the one that ends first first."""
    with told(), Service.of("ingest", os.environ) as ingest:
        found = ingest.get("/v1/vault/holds")["items"]
    if as_json:
        say_json(found)
    else:
        say_rows("Legal holds", _COLUMNS, found)


@commands.command()
def end(
    hold_id: Annotated[str, typer.Argument(help="Which hold; `lintas hold list` shows them.")],
    *,
    as_json: AsJson = False,
) -> None:
    """End a hold before its time; erasures that waited for it are applied at once."""
    with told(), Service.of("ingest", os.environ) as ingest:
        ended = ingest.post(f"/v1/vault/holds/{hold_id}/end", {})
    if as_json:
        say_json(ended)
    else:
        people.print(f"[green]●[/] ended: {ended['hold_id']}")
