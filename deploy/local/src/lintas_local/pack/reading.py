"""YAML read as plain JSON values, each with the line it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lintas_local.pack.problems import PackInvalid, Problem, ValuePath, dotted

#: what a plain scalar may turn into; times (`07:30`) and dates stay the strings they look like
_PLAIN = {
    "null": {"", "null", "~"},
    "true": {"true"},
    "false": {"false"},
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a pack: its values, and where each of them was written."""

    name: str
    value: Any
    lines: Mapping[ValuePath, int]

    def problem(self, path: ValuePath, expected: str) -> Problem:
        """A problem at the deepest part of `path` that exists in the file."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.name, self.lines.get(known, 1), dotted(path), expected)


def read_yaml(path: Path, name: str) -> SourceFile:
    """The file at `path`, or PackInvalid naming the line that cannot be read.

    A key given twice and YAML aliases are refused: both hide what a line means.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise PackInvalid([Problem(name, 1, "", "expected UTF-8 text")]) from error
    except OSError as error:
        raise PackInvalid([Problem(name, 1, "", "expected a readable file")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = error.problem or error.context or "unreadable"
        raise PackInvalid([Problem(name, line, "", f"expected YAML: {reason}")]) from error
    except yaml.YAMLError as error:
        raise PackInvalid([Problem(name, 1, "", "expected YAML")]) from error
    if node is None:
        raise PackInvalid([Problem(name, 1, "", "expected content, the file is empty")])
    walk = _Walk(name)
    value = walk.build(node, ())
    if walk.problems:
        raise PackInvalid(walk.problems)
    return SourceFile(name, value, walk.lines)


class _Walk:
    """One pass over a file's nodes: values, their lines, and what hides a line's meaning."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[ValuePath, int] = {}
        self.problems: list[Problem] = []
        self._visited: set[yaml.Node] = set()

    def build(self, node: yaml.Node, path: ValuePath) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if node in self._visited:
            self._problem(node, path, "expected no YAML alias to this value")
            return None
        self._visited.add(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: ValuePath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, child in node.value:
            here = (*path, str(key.value))
            if key.value in result:
                self._problem(key, here, "expected this key only once")
                continue
            result[str(key.value)] = self.build(child, here)
            self.lines[here] = key.start_mark.line + 1
        return result

    def _problem(self, node: yaml.Node, path: ValuePath, expected: str) -> None:
        self.problems.append(Problem(self.name, node.start_mark.line + 1, dotted(path), expected))


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _PLAIN["null"]:
        return None
    if text in _PLAIN["true"]:
        return True
    if text in _PLAIN["false"]:
        return False
    return _number(text)


def _number(text: str) -> int | float | str:
    """A number written as JSON would write it; anything else (`06`, `1_000`, `7:30`) is text."""
    digits = text.removeprefix("-")
    whole, dot, fraction = digits.partition(".")
    if not (whole.isascii() and whole.isdecimal()) or (len(whole) > 1 and whole[0] == "0"):
        return text
    if not dot:
        return int(text)
    return float(text) if fraction.isascii() and fraction.isdecimal() else text
