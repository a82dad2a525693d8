"""`lintas rules lint`: what is wrong with a pack's rules, and what may not do what was meant."""

from dataclasses import asdict
from typing import Annotated

import typer

from lintas_local.applying import pack_folder
from lintas_local.output import FAILED, AsJson, errors, people, say_json, told
from lintas_local.pack import PackInvalid, Problem, load_pack, ruleset
from lintas_local.pack.reading import read_yaml
from router.app import linted

Name = Annotated[str, typer.Argument(help="A pack of deploy/packs by its name, or a folder.")]


def lint(pack: Name = "bogor", *, as_json: AsJson = False) -> None:
    """Name faults and advice with file and line; a fault ends with a status other than 0."""
    with told():
        folder = pack_folder(pack)
        try:
            document = ruleset(load_pack(folder))
        except PackInvalid as invalid:
            faults, advice = list(invalid.problems), []
        else:
            source = read_yaml(folder / "rules.yaml", "rules.yaml")
            found = linted(document)
            # word lists are written out in the document, so a term has its place only in its rule
            placed = [
                (
                    one["advice"],
                    source.problem(one["path"][:3], f"{one['code']}: expected {one['expected']}"),
                )
                for one in found
            ]
            faults = [problem for advised, problem in placed if not advised]
            advice = [problem for advised, problem in placed if advised]
    _say(faults, advice, as_json=as_json)
    if faults:
        raise typer.Exit(FAILED)


def _say(faults: list[Problem], advice: list[Problem], *, as_json: bool) -> None:
    if as_json:
        say_json({"faults": [*map(asdict, faults)], "advice": [*map(asdict, advice)]})
        return
    for problem in (*faults, *advice):
        errors.print(str(problem), highlight=False, markup=False, soft_wrap=True)
    people.print(f"{len(faults)} faults, {len(advice)} pieces of advice")
