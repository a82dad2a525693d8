from dataclasses import asdict

import typer

from lintas_local.doctor import CHECKS, Finding, State
from lintas_local.output import FAILED, AsJson, people, say_json, told

_MARKS = {State.OK: "[green]●[/]", State.WANTED: "[yellow]●[/]", State.MISSING: "[red]●[/]"}


def doctor(*, as_json: AsJson = False) -> None:
    """Say what this machine has and lacks for Lintas, and the command for what lacks.

    Ends with 1 if the embedded stack could not start.
    """
    with told():
        findings = [check() for check in CHECKS]
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _say(finding)
    if any(finding.state is State.MISSING for finding in findings):
        raise typer.Exit(FAILED)


def _say(finding: Finding) -> None:
    people.print(
        f"{_MARKS[finding.state]} {finding.name:10} {finding.found}",
        highlight=False,
        soft_wrap=True,
    )
    if finding.fix:
        people.print(f"             → {finding.fix}", highlight=False, markup=False, soft_wrap=True)
