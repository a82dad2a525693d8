"""`lintas rules lint`: what is wrong with a pack's rules, and what may not do what was meant."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from lintas_local.applying import pack_folder
from lintas_local.output import FAILED, AsJson, errors, people, say_json, told
from lintas_local.pack import PackInvalid, Problem, load_pack, ruleset
from lintas_local.pack.reading import SourceFile, read_yaml
from router.app import linted

_RULES, _PLACES = "rules.yaml", "places.yaml"
_CONDITIONS = frozenset({"any", "all", "none"})

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
            sources = {name: read_yaml(folder / name, name) for name in (_RULES, _PLACES)}
            placed = [(one["advice"], _placed(sources, one)) for one in linted(document)]
            faults = [problem for advised, problem in placed if not advised]
            advice = [problem for advised, problem in placed if advised]
    _say(faults, advice, as_json=as_json)
    if faults:
        raise typer.Exit(FAILED)


def _placed(sources: Mapping[str, SourceFile], finding: Mapping[str, Any]) -> Problem:
    path = finding["path"]
    source = sources[_PLACES if path[:1] == ("places",) else _RULES]
    # word lists are written out in the document, so a term has its place only in its rule
    known = path[:3] if path[2:3] and path[2] in _CONDITIONS else path
    return source.problem(known, f"{finding['code']}: expected {finding['expected']}")


def _say(faults: list[Problem], advice: list[Problem], *, as_json: bool) -> None:
    if as_json:
        say_json({"faults": [*map(asdict, faults)], "advice": [*map(asdict, advice)]})
        return
    for problem in (*faults, *advice):
        errors.print(str(problem), highlight=False, markup=False, soft_wrap=True)
    people.print(f"{len(faults)} faults, {len(advice)} pieces of advice")
