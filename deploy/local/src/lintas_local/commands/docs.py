from typing import Annotated

import typer

from lintas_local.layout import CHECKOUT
from lintas_local.output import FAILED, AsJson, errors, people, say_json
from lintas_local.reference import Drift, drift, write


def docs(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say whether they are in step.")] = (
        False
    ),
    as_json: AsJson = False,
) -> None:
    """Write the reference pages in docs/reference from the code."""
    if check:
        _check(as_json=as_json)
        return
    changed = [str(path.relative_to(CHECKOUT)) for path in write()]
    if as_json:
        say_json({"written": changed})
    else:
        people.print("\n".join(changed) or "nothing to change")


def _check(*, as_json: bool) -> None:
    try:
        drift()
    except Drift as found:
        if as_json:
            say_json({"in_step": False, "detail": str(found)})
        else:
            errors.print(f"[bold red]lintas:[/] {found}")
        raise typer.Exit(FAILED) from found
    if as_json:
        say_json({"in_step": True})
