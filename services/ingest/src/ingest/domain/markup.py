"""HTML that people and platforms send, as the text somebody would read."""

import re
from html import unescape

import nh3

#: where a browser begins a new line
_BREAK = re.compile(r"<\s*(?:br|/?p|/?div|/li|/tr|/h[1-6]|/?blockquote)\b", re.IGNORECASE)
_NEVER_SHOWN = {"script", "style", "title", "template", "noscript"}
_BLANKS = re.compile(r"[ \t\xa0]+")
_GAPS = re.compile(r"\n{3,}")
#: symbols and tags that are looked at: deep nesting costs the square of its depth
_MOST = 200_000
_MOST_TAGS = 10_000


def plain_text(html: str, *, quotes: bool = True) -> str:
    """The words of `html`, a line for each a browser shows; without `quotes` no block quotes.

    Nothing of the markup survives; what comes out is text, to be escaped like any other.
    """
    # a source's own line breaks mean nothing in HTML
    flat = (
        "<".join(html[:_MOST].split("<", _MOST_TAGS)[:_MOST_TAGS])
        .replace("\r", " ")
        .replace("\n", " ")
    )
    marked = _BREAK.sub(lambda tag: f"\n{tag.group()}", flat)
    hidden = _NEVER_SHOWN if quotes else _NEVER_SHOWN | {"blockquote"}
    words = unescape(nh3.clean(marked, tags=set(), attributes={}, clean_content_tags=hidden))
    lines = [_BLANKS.sub(" ", line).strip() for line in words.split("\n")]
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()
