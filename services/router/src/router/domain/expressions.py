"""Regular expressions of rules, all tried at once and in a time that only the text's length tells."""

from collections.abc import Mapping

import re2

from router.domain.rulesets import RuleSetUnusable

_MOST_MEMORY = 64 * 2**20
#: instructions: what one expression may come to when its repetitions are written out
_MOST_INSTRUCTIONS = 2_000


class Expressions:
    """Finds the expressions of a rule set in a text."""

    def __init__(self, patterns: Mapping[str, int]) -> None:
        """Each expression with its number; RuleSetUnusable if RE2 does not take one."""
        self._numbers = tuple(patterns.values())
        self._each = tuple(map(compile_expression, patterns))
        self._all = re2.Set.SearchSet(_options()) if patterns else None
        if self._all is not None:
            for pattern in patterns:
                self._all.Add(pattern)
            self._all.Compile()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self._all is not None

    def find(self, text: str, most: int) -> dict[int, list[tuple[int, int]]]:
        """By number of the expression where it is found: the first `most` times, by code points."""
        if self._all is None:
            return {}
        found: dict[int, list[tuple[int, int]]] = {}
        for place in sorted(self._all.Match(text) or ()):
            spans = found.setdefault(self._numbers[place], [])
            for match in self._each[place].finditer(text):
                spans.append(match.span())
                if len(spans) == most:
                    break
        return found


def compile_expression(pattern: str) -> "re2._Regexp":
    """`pattern` ready to search with; RuleSetUnusable if it is none that RE2 takes at our bounds."""
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        raise RuleSetUnusable("an expression that is none of RE2's") from error
    if compiled.search("") or compiled._regexp.ProgramSize() > _MOST_INSTRUCTIONS:  # noqa: SLF001
        raise RuleSetUnusable("an expression that finds nothing or is too long written out")
    return compiled


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    # groups would make a search much dearer and nobody asks for them
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    return options
