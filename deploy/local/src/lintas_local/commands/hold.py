import os
from enum import StrEnum
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.commands.whose import Account, Channel, Email, Handle, Phone, PlatformId, whose
from lintas_local.output import AsJson, people, say_json, say_rows, told

commands = typer.Typer(no_args_is_help=True, help="Legal holds: what may not be erased for now.")

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
    channel: Channel = None,
    account: Account = None,
    platform_id: PlatformId = None,
    handle: Handle = None,
    phone: Phone = None,
    email: Email = None,
    as_json: AsJson = False,
) -> None:
    """Forbid erasing a complaint, or all of a reporter's. What is asked for meanwhile waits."""
    about = whose(
        ticket,
        channel=channel,
        account=account,
        platform_id=platform_id,
        handle=handle,
        phone=phone,
        email=email,
    )
    body = {"reason": reason, "reference": reference, "until": until}
    with told(), Service.of("ingest", os.environ) as ingest:
        placed = ingest.post("/v1/vault/holds", body | about)
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
