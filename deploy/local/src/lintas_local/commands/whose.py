"""Of whom or what a command speaks to the vault: a ticket, or a reporter."""

from typing import Annotated, Any

import typer

from lintas_local.output import errors

_WRONG_USAGE = 2

Channel = Annotated[str | None, typer.Option(help="Without a ticket: where the reporter is known.")]
Account = Annotated[str | None, typer.Option(help="The account they wrote to.")]
PlatformId = Annotated[
    str | None, typer.Option(help="Their id there (the first of these four that it told us),")
]
Handle = Annotated[str | None, typer.Option(help="or what they are called,")]
Phone = Annotated[str | None, typer.Option(help="or their number,")]
Email = Annotated[str | None, typer.Option(help="or their address.")]


def whose(ticket: str | None, **reporter: str | None) -> dict[str, Any]:
    """The part of the body that says it; ends the command where it is neither or both."""
    given = {name: value for name, value in reporter.items() if value is not None}
    if (ticket is None) == (not given):
        errors.print("[bold red]lintas:[/] a ticket, or --channel, --account and one detail")
        raise typer.Exit(_WRONG_USAGE)
    return {"reporter": given} if given else {"ticket": ticket}
