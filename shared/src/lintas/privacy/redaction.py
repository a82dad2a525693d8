import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from lintas.privacy.clues import LONG_NUMBER, clues_in, has_long_number
from lintas.privacy.folding import fold
from lintas.privacy.names import CLUES as NAME_CLUES
from lintas.privacy.names import find_named
from lintas.privacy.patterns import CLUES as PATTERN_CLUES
from lintas.privacy.patterns import (
    Finding,
    find_birth_dates,
    find_contacts,
    find_identity_numbers,
    find_numbers,
    find_plates,
)
from lintas.privacy.shields import customer_numbers, shields

#: no pattern matches it
_BLANK = "\ue000"
#: a shorter value of the reporter's would hide ordinary words
_TELLING_LENGTH = 4
_NO_DIGIT = re.compile(r"\D+")
_SPACE = re.compile(r"\s+")
_TELLING = PATTERN_CLUES | NAME_CLUES


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text without the personal data that was found in it."""

    #: with numbered placeholders, equal values alike: `[PHONE_1]`
    text: str
    #: where it was found in the original text, in order, apart
    found: tuple[Finding, ...]


class Redactor(Protocol):
    """Replaces personal data in what people write; `redact` is one, a test may bring another."""

    def __call__(
        self, text: str, *, allowed_handles: Collection[str] = (), reporter: Collection[str] = ()
    ) -> Redaction:
        """The redaction of `text`, as `redact` promises it."""
        ...


def redact(
    text: str, *, allowed_handles: Collection[str] = (), reporter: Collection[str] = ()
) -> Redaction:
    """`text` with identity numbers, contacts, accounts, plates, handles and cued names replaced.

    Addresses, coordinates, dates, amounts, tickets and customer numbers stay, as routing needs them.
    `allowed_handles` (the city's own, with or without @) stay too. `reporter` holds what the channel
    told of the reporter (name, handle): it becomes `[REPORTER_1]` wherever it stands. Costs some ten
    microseconds where little looks suspicious, a millisecond where someone sends a filled-in form.
    """
    return _redaction(text, allowed_handles, reporter, names=True)


def redact_numbers(text: str) -> Redaction:
    """`redact` without names, for machine-made text, whose capitals are no people."""
    return _redaction(text, (), (), names=False)


def _redaction(
    text: str, allowed_handles: Collection[str], reporter: Collection[str], *, names: bool
) -> Redaction:
    folded = fold(text)
    lowered = _lowered(folded)
    # few of a text's words tell anything, and mostly none
    clues = clues_in(folded, lowered) & _TELLING
    found = _Found(folded)
    for value in reporter:
        found.add(_occurrences(folded, lowered, value))
    # who gives their own number mostly gives no other
    if LONG_NUMBER in clues and found.left is not folded and not has_long_number(found.left):
        clues -= {LONG_NUMBER}
    if not clues:
        return found.replaced_in(text)
    # Order matters: a birth is no date to hide, dates hide their digits, then a NIK counts whatever word stands before it.
    found.add(find_birth_dates(folded, clues))
    if LONG_NUMBER in clues:
        found.hide(shields(found.left))
        found.add(find_identity_numbers(found.left, clues))
        found.hide(customer_numbers(found.left))
    allowed = {handle.lstrip("@").casefold() for handle in allowed_handles}
    for finding in find_contacts(found.left, clues):
        handle = found.left[finding.start : finding.end].lstrip("@").casefold()
        if finding.kind == "HANDLE" and handle in allowed:
            found.hide([(finding.start, finding.end)])
        else:
            found.add([finding])
    # mostly a telephone was all there was
    if LONG_NUMBER in clues and has_long_number(found.left):
        found.add(find_numbers(found.left, clues))
    found.add(find_plates(found.left, clues))
    if names:
        found.add(find_named(folded, clues))
    return found.replaced_in(text)


def _occurrences(folded: str, lowered: str, value: str) -> Iterator[Finding]:
    """Where a full name or a handle of the reporter's stands; one plain word may be any word."""
    wanted = _lowered(fold(value).strip().lstrip("@"))
    if len(wanted) < _TELLING_LENGTH or wanted.isalpha():
        return
    # found by hand: a pattern for each reporter would cost more to compile than the rest together
    start, free = lowered.find(wanted), 0
    while start >= 0:
        end = start + len(wanted)
        alone = not (_is_word(folded, start - 1) or _is_word(folded, end))
        if alone:
            marked = folded[max(start - 1, free) : start] == "@" and not _is_word(folded, start - 2)
            yield Finding("REPORTER", start - marked, end)
            free = end
        start = lowered.find(wanted, end if alone else start + 1)


def _lowered(text: str) -> str:
    """`text` in small letters, position for position."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _is_word(text: str, place: int) -> bool:
    """Whether a word's character stands there; beyond either end none does."""
    if not 0 <= place < len(text):
        return False
    return text[place].isalnum() or text[place] == "_"


class _Found:
    """What was found in a folded text so far, and what is left of it to be read."""

    def __init__(self, folded: str) -> None:
        self._folded = folded
        self._findings: list[Finding] = []
        self.left = folded

    def hide(self, spans: Iterable[tuple[int, int]]) -> None:
        for start, end in spans:
            self.left = f"{self.left[:start]}{_BLANK * (end - start)}{self.left[end:]}"

    def add(self, findings: Iterable[Finding]) -> None:
        """Keeps those that touch nothing found or hidden before."""
        for finding in findings:
            if _BLANK not in self.left[finding.start : finding.end]:
                self._findings.append(finding)
                self.hide([(finding.start, finding.end)])

    def replaced_in(self, text: str) -> Redaction:
        if not self._findings:
            return Redaction(text, ())
        found = sorted(self._findings, key=lambda finding: finding.start)
        numbers: dict[tuple[str, str], int] = {}
        parts: list[str] = []
        end = 0
        for finding in found:
            value = _canonical(finding.kind, self._folded[finding.start : finding.end])
            same_kind = sum(kind == finding.kind for kind, _ in numbers)
            number = numbers.setdefault((finding.kind, value), same_kind + 1)
            parts += (text[end : finding.start], f"[{finding.kind}_{number}]")
            end = finding.end
        return Redaction("".join((*parts, text[end:])), tuple(found))


def _canonical(kind: str, value: str) -> str:
    """One writing of a value, so that the same number gets the same placeholder."""
    digits = _NO_DIGIT.sub("", value)
    if kind == "PHONE" and digits:
        return digits.removeprefix("62").removeprefix("0")
    if len(digits) * 2 > len(value):
        return digits
    return _SPACE.sub("", value).lstrip("@").casefold()
