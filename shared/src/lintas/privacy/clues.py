import re
from collections.abc import Set as AbstractSet

#: clues that are no words
AT = "@"
PLUS = "+"
DIGIT = "0"
LONG_NUMBER = "0000000"
PLATE_SHAPE = "A0000AA"

#: as bytes, which are split into words at a third of the price
_ONLY_LETTERS = bytes(code if chr(code) in "abcdefghijklmnopqrstuvwxyz" else 32 for code in range(256))  # fmt: skip
_DIGIT = re.compile(r"[0-9]")
_LONG_NUMBER = re.compile(r"\d(?:[ .\-_/*~()]{0,3}\d){6}")
_PLATE_SHAPE = re.compile(r"[A-Z][ .\-]{0,2}\d{3,4}[ .\-]{0,2}[A-Z]{2}")


def clues_in(folded: str, lowered: str) -> AbstractSet[str]:
    """What a folded text offers at a glance: the words of its `lowered` form, and the marks above.

    Patterns and detectors name the clues they need and are not tried without; this is what keeps an
    ordinary text cheap.
    """
    letters = lowered.encode("ascii", "replace").translate(_ONLY_LETTERS)
    clues = set(letters.decode().split())
    if AT in folded:
        clues.add(AT)
    if PLUS in folded:
        clues.add(PLUS)
    if _DIGIT.search(folded):
        clues.add(DIGIT)
        if has_long_number(folded):
            clues.add(LONG_NUMBER)
        if _PLATE_SHAPE.search(folded):
            clues.add(PLATE_SHAPE)
    return clues


def has_long_number(folded: str) -> bool:
    """Whether seven digits stand together, however they are set apart."""
    return _LONG_NUMBER.search(folded) is not None
