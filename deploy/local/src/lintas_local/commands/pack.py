import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lintas_local.applying import apply_pack, pack_folder
from lintas_local.output import FAILED, AsJson, errors, people, say_json, told
from lintas_local.pack import PackInvalid, load_pack

commands = typer.Typer(no_args_is_help=True, help="City packs: everything a city configures.")

Name = Annotated[str, typer.Argument(help="A pack of deploy/packs by its name, or a folder.")]


@commands.command()
def check(pack: Name = "bogor", *, as_json: AsJson = False) -> None:
    """Read a pack and name everything that is wrong with it, with file and line."""
    with told():
        folder = pack_folder(pack)
        try:
            loaded = load_pack(folder)
        except PackInvalid as invalid:
            _refuse(folder, invalid, as_json=as_json)
    if as_json:
        say_json({"pack": str(folder), "city": loaded.city.code, "problems": []})
    else:
        people.print(f"[green]●[/] {folder} is in order")


@commands.command()
def apply(pack: Name = "bogor", *, as_json: AsJson = False) -> None:
    """Bring a pack into force on running services; again changes nothing."""
    with told():
        folder = pack_folder(pack)
        try:
            applied = apply_pack(pack, os.environ)
        except PackInvalid as invalid:
            _refuse(folder, invalid, as_json=as_json)
    if as_json:
        say_json(asdict(applied))
    else:
        people.print(
            f"[green]●[/] {applied.documents} documents in the directory,"
            f" rule set {applied.ruleset} decides from {applied.effective_at}"
        )


def _refuse(folder: Path, invalid: PackInvalid, *, as_json: bool) -> None:
    if as_json:
        say_json({"pack": str(folder), "problems": [asdict(found) for found in invalid.problems]})
    else:
        for found in invalid.problems:
            errors.print(str(found), highlight=False, markup=False, soft_wrap=True)
        errors.print(f"[bold red]lintas:[/] {len(invalid.problems)} problems in {folder}")
    raise typer.Exit(FAILED)
