"""A folder of YAML becomes one checked `Pack`, or a list of everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lintas_local.pack.checks import findings
from lintas_local.pack.models.fields import PATTERNS
from lintas_local.pack.models.pack import FILES, Pack
from lintas_local.pack.models.rules import RulesOverlay
from lintas_local.pack.problems import Finding, PackInvalid, Problem, ValuePath
from lintas_local.pack.reading import SourceFile, read_yaml

Model = TypeVar("Model", bound=BaseModel)

_RULES = "rules.yaml"
_EXPECTED = {
    "missing": "expected this key, it is missing",
    "string_type": "expected text (in quotes if it looks like a number)",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping of keys to values",
    "model_type": "expected a mapping of keys to values",
    "too_short": "expected at least one entry",
}


def load_pack(folder: Path) -> Pack:
    """The pack in `folder`; raises PackInvalid with every problem that could be found.

    Files are judged one by one; what they say about each other only once each can be read.
    """
    sources, problems = _read_all(folder)
    parsed: dict[str, Any] = {}
    for name, source in sources.items():
        try:
            parsed[name] = parse(source, FILES[name])
        except PackInvalid as error:
            problems.extend(error.problems)
    if len(parsed) < len(FILES):
        raise PackInvalid(problems)
    pack = Pack(*(parsed[name] for name in FILES))
    problems.extend(_placed(finding, sources) for finding in findings(pack))
    if problems:
        raise PackInvalid(problems)
    return pack


def overlay(pack: Pack, folder: Path) -> Pack:
    """`pack` with the rules of `folder`/rules.yaml before its own, and instead of equal ids.

    Raises:
        PackInvalid: they do not fit each other, with every problem that could be found.
    """
    if not (folder / _RULES).is_file():
        raise PackInvalid([Problem(folder.name, 1, "", f"expected a folder with {_RULES}")])
    source = read_yaml(folder / _RULES, _RULES)
    laid = parse(source, RulesOverlay).rules
    taken = {rule.id for rule in laid}
    rules = (*laid, *(rule for rule in pack.rules.rules if rule.id not in taken))
    laid_over = replace(pack, rules=pack.rules.model_copy(update={"rules": rules}))
    problems = [source.problem(finding.path, finding.expected) for finding in findings(laid_over)]
    if problems:
        raise PackInvalid(problems)
    return laid_over


def parse(source: SourceFile, model: type[Model]) -> Model:
    """The file's values as `model`; raises PackInvalid with every field that does not fit."""
    # through JSON, where strict mode still reads dates and lists from what YAML can write
    try:
        return model.model_validate_json(orjson.dumps(source.value))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise PackInvalid([_problem(source, detail) for detail in details]) from error
    except orjson.JSONEncodeError as error:
        raise PackInvalid([source.problem((), "expected values that JSON can hold")]) from error


def _read_all(folder: Path) -> tuple[dict[str, SourceFile], list[Problem]]:
    if not folder.is_dir():
        raise PackInvalid([Problem(folder.name, 1, "", "expected a folder with a city pack")])
    sources: dict[str, SourceFile] = {}
    problems = list(_strangers(folder))
    for name in FILES:
        if not (folder / name).is_file():
            problems.append(Problem(name, 1, "", "expected this file, it is missing"))
            continue
        try:
            sources[name] = read_yaml(folder / name, name)
        except PackInvalid as error:
            problems.extend(error.problems)
    return sources, problems


def _strangers(folder: Path) -> Iterator[Problem]:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".yaml", ".yml"} and path.name not in FILES:
            yield Problem(path.name, 1, "", f"expected one of {', '.join(FILES)}")


def _problem(source: SourceFile, detail: ErrorDetails) -> Problem:
    # a tag says which kind of condition was read; it is nothing that the file holds
    path: ValuePath = tuple(step for step in detail["loc"] if not str(step).startswith("<"))
    return source.problem(path, _expected(detail, path))


def _expected(detail: ErrorDetails, path: ValuePath) -> str:
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        return f"expected no key `{path[-1]}` here"
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return f"expected {PATTERNS.get(pattern, pattern)}"
    if kind in {"literal_error", "lower_words"}:
        return f"expected {context.get('expected', detail['msg'])}"
    if kind.startswith("date"):
        return "expected a date, such as 2026-03-17"
    return _EXPECTED.get(kind, f"expected otherwise: {detail['msg'].lower()}")


def _placed(finding: Finding, sources: Mapping[str, SourceFile]) -> Problem:
    return sources[finding.file].problem(finding.path, finding.expected)
