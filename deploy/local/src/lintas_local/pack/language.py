"""How people write: our own list for Indonesia, and what a pack adds to it."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from lintas_local.pack.models.rules import Language
from lintas_local.pack.reading import read_yaml


def speech(language: Language) -> dict[str, Any]:
    """The `language` of a rule set document: the base with the pack's own words added."""
    base = _base(language.base) if language.base else {}
    own = language.model_dump(mode="json", exclude={"base", "typos"})
    typos = language.typos if language.typos is not None else base.get("typos", False)
    return {"typos": typos} | {name: _added(base.get(name), own[name]) for name in own}


def _base(name: str) -> dict[str, Any]:
    with resources.as_file(resources.files(__package__) / f"{name}.yaml") as path:
        found: dict[str, Any] = read_yaml(path, path.name).value
    return found


def _added(base: Any, own: Any) -> Any:
    if isinstance(own, Mapping):
        return {**(base or {}), **own}
    return list(dict.fromkeys([*(base or ()), *own]))
