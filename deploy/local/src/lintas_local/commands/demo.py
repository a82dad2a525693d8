import asyncio
import os
from typing import Annotated

import typer

from lintas_local.applying import apply_pack, pack_folder
from lintas_local.commands.up import FirstPort
from lintas_local.demo import DemoFailed, play
from lintas_local.demo.outcome import Outcome, kpi_table
from lintas_local.foreground import in_foreground, shown_on
from lintas_local.output import FAILED, AsJson, errors, people, say_json, told
from lintas_local.stack import Stack, StackProblem, silent

_INTERRUPTED = 130


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End by itself when the day is played.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=1, help="How long the day takes.")] = 10.0,
    pack: Annotated[str, typer.Option(help="City pack whose day is played.")] = "bogor",
    ports: FirstPort = None,
    as_json: AsJson = False,
) -> None:
    """Play a bundled day of mentions through the real front doors, answered by simulated officers.

    Starts the embedded stack, applies the city pack, shows progress, then the addresses and the
    KPI table, and writes .lintas/demo.json. Runs until Ctrl-C unless --once is given.
    """
    if as_json:
        people.quiet = True
    with told():
        stack = Stack(port_base=ports, report=silent if as_json else shown_on(people))
        outcome = asyncio.run(_run(stack, pack, seconds, once=once, as_json=as_json))
    if outcome is None:
        raise typer.Exit(_INTERRUPTED)
    if not outcome.adds_up:
        errors.print("[bold red]lintas:[/] accepted, registered and decided complaints differ")
        raise typer.Exit(FAILED)


async def _run(
    stack: Stack, pack: str, seconds: float, *, once: bool, as_json: bool
) -> Outcome | None:
    outcome: Outcome | None = None

    async def day() -> None:
        nonlocal outcome
        await asyncio.to_thread(apply_pack, pack, {**os.environ, **stack.for_operator()})
        await stack.ready()
        outcome = await _play(stack, pack, seconds)
        outcome.write(stack.home.folder / "demo.json")
        if as_json:
            say_json({name: getattr(outcome, name) for name in outcome.__dataclass_fields__})
        else:
            _show(outcome, once=once)

    await in_foreground(stack, day, then_wait=not once)
    return outcome


async def _play(stack: Stack, pack: str, seconds: float) -> Outcome:
    staff = stack.home.keys / "staff.json"
    try:
        return await play(
            stack.addresses,
            stack.key("operator"),
            pack_folder(pack),
            staff,
            people,
            seconds=seconds,
        )
    except DemoFailed as failure:
        raise StackProblem(str(failure), f"See the logs in {stack.home.logs}") from failure


def _show(outcome: Outcome, *, once: bool) -> None:
    people.print(kpi_table(outcome.kpis))
    people.print(
        f"{outcome.accepted} accepted = {outcome.registered} registered = {outcome.routed} routed"
        f" + {outcome.triage} to triage + {outcome.no_action} without need of action;"
        f" {outcome.published} answered, {outcome.delivered} delivered"
    )
    for service, address in outcome.addresses.items():
        people.print(f"{service:16} {address}")
    if not once:
        people.print("[dim]Ctrl-C ends it.[/]")
