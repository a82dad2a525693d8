"""What people write, in one form: clean characters, plain text."""

import re
import unicodedata
from dataclasses import replace

from ingest.domain.mentions import Said

#: C0 without line breaks and tabs, C1, zero-width and direction controls; joiners stay, as emoji
#: and scripts need them
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff]"
)


def cleaned(said: Said) -> Said:
    """`said` in NFC and without control characters; the same object where nothing is odd."""
    text = clean(said.text)
    return said if text == said.text else replace(said, text=text)


def clean(text: str) -> str:
    """`text` in NFC, with plain line breaks, without control characters and lone surrogates."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _CONTROLS.sub("", text))
    elif not text.isprintable():
        text = _CONTROLS.sub("", text)
    return text.strip()
