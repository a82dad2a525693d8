import re
from collections.abc import Set as AbstractSet

#: clues that are no words
AT = "@"
PLUS = "+"
LONG_NUMBER = "0000000"
PLATE_SHAPE = "A0000AA"

_NO_LETTER = {code: " " for code in range(128) if not chr(code).isalpha()}
_WORD = re.compile(r"[a-z]+")
_LONG_NUMBER = re.compile(r"\d(?:[ .\-_/*~()]{0,3}\d){6}")
_PLATE_SHAPE = re.compile(r"[A-Z][ .\-]{0,2}\d{3,4}[ .\-]{0,2}[A-Z]{2}")


def clues_in(folded: str) -> AbstractSet[str]:
    """What a folded text offers at a glance: its words in small letters, and the marks above.

    Patterns and detectors name the clues they need and are not tried without; this is what keeps an
    ordinary text cheap.
    """
    lowered = folded.lower()
    # the same words by another way, for most texts at a third of the price
    clues = set(
        lowered.translate(_NO_LETTER).split() if lowered.isascii() else _WORD.findall(lowered)
    )
    if AT in folded:
        clues.add(AT)
    if PLUS in folded:
        clues.add(PLUS)
    if _LONG_NUMBER.search(folded):
        clues.add(LONG_NUMBER)
    if _PLATE_SHAPE.search(folded):
        clues.add(PLATE_SHAPE)
    return clues
