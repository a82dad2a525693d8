"""Regular expressions of rules, all tried at once and in a time that only the text's length tells."""

import re
import sys
from collections.abc import Mapping
from itertools import islice

import re2

from router.domain.rulesets import RuleSetUnusable

_MOST_MEMORY = 64 * 2**20
#: instructions: what one expression may come to when its repetitions are written out
_MOST_INSTRUCTIONS = 2_000
#: each costs its own search in a long text
_MOST_EXPRESSIONS = 100
#: an expression with fewer choices is in so few states that a text soon meets none that is new
_FEW_CHOICES = 10
_CHOICE = re.compile(r"\\[dDsSwWpP]|\\.|\[\^?\]?[^\]]*\]|[.|?*+]|\{(\d*),?(\d*)\}", re.DOTALL)
#: instructions of all others: each may be passed for every letter of a text
_MOST_WILD = 100
#: instructions times letters up to which a search for all at once is never dear
_MOST_AT_ONCE = 500_000
#: instructions times letters up to which the expressions that are not tame are looked for
_MOST_STEPS = 300_000


class Expressions:
    """Finds the expressions of a rule set in a text."""

    def __init__(self, patterns: Mapping[str, int]) -> None:
        """Each expression with its number; RuleSetUnusable if RE2 does not take one."""
        if len(patterns) > _MOST_EXPRESSIONS:
            raise RuleSetUnusable(f"more than {_MOST_EXPRESSIONS} expressions")
        self._numbers = tuple(patterns.values())
        self._each = tuple(map(compile_expression, patterns))
        sizes = {pattern: _size(one) for pattern, one in zip(patterns, self._each, strict=True)}
        wild = {pattern: size for pattern, size in sizes.items() if not _tame(pattern)}
        if sum(wild.values()) > _MOST_WILD:
            raise RuleSetUnusable("expressions that can go on in too many ways: fewer repetitions")
        self._wild = frozenset(place for place, one in enumerate(patterns) if one in wild)
        #: letters in which those are looked for
        self._letters = _MOST_STEPS // sum(wild.values()) if wild else sys.maxsize
        self._longest = min(_MOST_AT_ONCE // max(1, sum(sizes.values())), self._letters)
        self._all = re2.Set.SearchSet(_options()) if patterns else None
        if self._all is not None:
            for pattern in patterns:
                self._all.Add(pattern)
            self._all.Compile()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self._all is not None

    def looks_through(self, text: str) -> bool:
        """Whether every expression is looked for in all of `text`."""
        return len(text) <= self._letters

    def find(self, text: str, most: int) -> dict[int, list[tuple[int, int]]]:
        """By number of the expression where it is found: the first `most` times, by code points."""
        if self._all is None:
            return {}
        found: dict[int, list[tuple[int, int]]] = {}
        # all at once is in more states than each alone, and a long text may meet ever new ones
        at_once = len(text) <= self._longest
        for place in sorted(self._all.Match(text) or ()) if at_once else range(len(self._each)):
            read = text[: self._letters] if place in self._wild else text
            spans = [match.span() for match in islice(self._each[place].finditer(read), most)]
            if len(read) < len(text):
                # what ends where reading ends might not end there
                spans = [span for span in spans if span[1] < len(read)]
            if spans:
                found[self._numbers[place]] = spans
        return found


def compile_expression(pattern: str) -> "re2._Regexp":
    """`pattern` ready to search with; RuleSetUnusable if it is none that RE2 takes at our bounds."""
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        raise RuleSetUnusable("an expression that is none of RE2's") from error
    most = _MOST_INSTRUCTIONS if _tame(pattern) else _MOST_WILD
    if compiled.search("") or _size(compiled) > most:
        raise RuleSetUnusable("an expression that finds nothing, or can go on in too many ways")
    return compiled


def _size(compiled: "re2._Regexp") -> int:
    return int(compiled._regexp.ProgramSize())  # noqa: SLF001


def _tame(pattern: str) -> bool:
    """Whether what is found up to some letter can differ in few ways only."""
    if "){" in pattern:
        return False
    choices = 0
    for choice in _CHOICE.finditer(pattern):
        if choice[0].startswith("{"):
            choices += int(choice[2] or choice[1] or _FEW_CHOICES)
        else:
            choices += not re.fullmatch(r"\\[^dDsSwWpP]", choice[0])
    return choices < _FEW_CHOICES


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    # groups would make a search much dearer and nobody asks for them
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    return options
