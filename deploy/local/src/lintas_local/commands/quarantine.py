import os
from collections.abc import Callable
from typing import Annotated, Any

import typer

from lintas_local.client import Service
from lintas_local.output import AsJson, people, say_json, say_rows, told

commands = typer.Typer(no_args_is_help=True, help="What came in and could not be read.")

_PATH = "/v1/quarantine"
_COLUMNS = ("id", "channel", "account", "unread", "received_at", "replayed_at")
Every = Annotated[bool, typer.Option("--every", help="Also what was wholly read.")]


@commands.command("list")
def list_(*, every: Every = False, as_json: AsJson = False) -> None:
    """List what webhooks and feeds brought and ingest could not read, as long as it is kept."""
    with told(), Service.of("ingest", os.environ) as ingest:
        items = _all(lambda after: ingest.get(_PATH, every=str(every).lower(), after=after))
    if as_json:
        say_json(items)
    else:
        say_rows("not read", _COLUMNS, items)


@commands.command()
def replay(*, every: Every = False, as_json: AsJson = False) -> None:
    """Read it again, after a mend. What was heard before counts no second time."""
    with told(), Service.of("ingest", os.environ) as ingest:
        items = _all(lambda after: ingest.post(f"{_PATH}/replay", {"every": every, "after": after}))
    unread = sum(bool(item["unread"]) for item in items)
    if as_json:
        say_json({"replayed": len(items), "unread": unread})
    else:
        people.print(f"[green]●[/] read again: {len(items)}, still not read: {unread}")


def _all(ask: Callable[[int], Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        answer = ask(after)
        items += answer["items"]
        after = answer["after"]
    return items
