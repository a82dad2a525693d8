import os
from enum import StrEnum
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, errors, people, say_json, told

_WRONG_USAGE = 2


class Reason(StrEnum):
    """What ingest accepts as a purpose."""

    DATA_SUBJECT_REQUEST = "data_subject_request"
    LEGAL_ORDER = "legal_order"
    RETENTION = "retention"


def erase(
    ticket: Annotated[
        str | None, typer.Argument(help="A ticket of the reporter's; all of theirs are erased.")
    ] = None,
    *,
    reason: Annotated[Reason, typer.Option(help="What for; it stands in the audit.")],
    channel: Annotated[
        str | None, typer.Option(help="Without a ticket: where the reporter is known.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account they wrote to.")] = None,
    handle: Annotated[str | None, typer.Option(help="What they are called there,")] = None,
    phone: Annotated[str | None, typer.Option(help="or their number,")] = None,
    email: Annotated[str | None, typer.Option(help="or their address.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a reporter's data for good: keys at once, their words here and at every reader.

    What was officially answered stays. Repeating it is harmless.
    """
    told_of = {"handle": handle, "phone": phone, "email": email}
    reporter = {"channel": channel, "account": account} | told_of
    given = {name: value for name, value in reporter.items() if value is not None}
    if (ticket is None) == (not given):
        errors.print("[bold red]lintas:[/] a ticket, or --channel, --account and one detail")
        raise typer.Exit(_WRONG_USAGE)
    if not yes:
        typer.confirm("This cannot be undone. Erase the reporter's data?", abort=True, err=True)
    body = {"purpose": reason} | ({"reporter": given} if given else {"ticket": ticket})
    with told(), Service.of("ingest", os.environ) as ingest:
        done = ingest.post("/v1/vault/erase", body)
    if as_json:
        say_json(done)
    else:
        people.print(f"[green]●[/] erased: {done['complaints']} complaints of one reporter")
