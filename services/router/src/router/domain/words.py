"""Texts as words: the same for rules and mentions."""

import re
import unicodedata

import Stemmer

#: letters and digits, with the marks that belong to them
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")


class Language:
    """Splits and stems Indonesian. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer("indonesian")

    def words(self, text: str) -> list[str]:
        """The words of `text`, lower case and in NFC; one for each of `positions(text)`."""
        joined = " ".join(_WORD.findall(text)).lower()
        if not joined.isascii():
            joined = unicodedata.normalize("NFC", joined)
        return joined.split(" ") if joined else []

    def stems(self, words: list[str]) -> list[str]:
        """The Snowball stem of each word.

        Equal words have equal stems, so a search by stem also finds every word as it is written.
        """
        return self._stemmer.stemWords(words)  # type: ignore[no-any-return]  # untyped library

    @staticmethod
    def positions(text: str) -> list[tuple[int, int]]:
        """Where each word stands in `text`: code points `[start, end)`."""
        return [match.span() for match in _WORD.finditer(text)]
