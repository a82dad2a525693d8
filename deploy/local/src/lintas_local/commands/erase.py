import os
from enum import StrEnum
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.commands.whose import Account, Channel, Email, Handle, Phone, PlatformId, whose
from lintas_local.output import AsJson, people, say_json, told


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
    channel: Channel = None,
    account: Account = None,
    platform_id: PlatformId = None,
    handle: Handle = None,
    phone: Phone = None,
    email: Email = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a reporter's data for good: keys at once, their words here and at every reader.

    What was officially answered stays. Repeating it is harmless.
    """
    about = whose(
        ticket,
        channel=channel,
        account=account,
        platform_id=platform_id,
        handle=handle,
        phone=phone,
        email=email,
    )
    if not yes:
        typer.confirm("This cannot be undone. Erase the reporter's data?", abort=True, err=True)
    body = {"purpose": reason} | about
    with told(), Service.of("ingest", os.environ) as ingest:
        done = ingest.post("/v1/vault/erase", body)
    if as_json:
        say_json(done)
    else:
        people.print(f"[green]●[/] erased: {done['complaints']} complaints of one reporter")
