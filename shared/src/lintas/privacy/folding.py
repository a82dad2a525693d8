import re
import unicodedata
from functools import lru_cache

_ODD = re.compile(r"[^\n -~]")


def fold(text: str) -> str:
    """`text` in plain ASCII where a character has such a form, position for position.

    Full-width and mathematical digits and letters, digits of other scripts, odd spaces, dashes and
    dots become their plain form; what cannot be seen becomes a dash, as between two digits.
    """
    if text.isascii() and text.isprintable():
        return text
    return _ODD.sub(lambda match: _plain(match[0]), text)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character)
    if len(normal) == 1 and " " <= normal <= "~":
        return normal
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return " "
    # Me and the variation selectors make keycap digits, Co is ours to use as a mark.
    if category in {"Pd", "Cf", "Me", "Co"} or "\ufe00" <= character <= "\ufe0f":
        return "-"
    return "." if character in "·•∙⋅。" else character
