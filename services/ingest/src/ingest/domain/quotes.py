"""What a reply adds to the mail it quotes."""

import re

from mailparser_reply import EmailMessage

#: what Indonesian and Malay mail programs put above a quoted mail
_INDONESIAN = re.compile(
    r"^(?:> ?)*(?:Pada\s[^\n]{5,300}(?:\n[^\n]{1,200})?\smenulis\s?:"
    r"|-{2,20} ?(?:Pesan (?:asli|terusan|yang diteruskan)|Forwarded message) ?-{2,20}"
    r"|\*?(?:Dari|Daripada)\s?:[^\n]{1,300}\n\*?(?:Dikirim|Dihantar|Tanggal|Tarikh|Date)\s?:[^\n]{1,300})$",
    re.IGNORECASE | re.MULTILINE,
)
#: a longer line is no heading, and costs the patterns the square of its length
_LONGEST_LINE = 300
#: what a mail program draws above the mail it quotes
_RULER = re.compile(r"\n[_-]{5,}\s*\Z")
_GAPS = re.compile(r"\n{3,}")


def own_words(text: str) -> str:
    """`text` without the mails it quotes; all of it where nothing else is there (a forwarded mail).

    Answers written between quoted lines are kept.
    """
    lines = [line.strip() for line in text.replace("\r\n", "\n").split("\n")]
    whole = _GAPS.sub("\n\n", "\n".join(lines)).strip()
    lines = whole.split("\n")
    at = _first_heading(lines)
    said, rest = (lines, []) if at is None else (lines[: at[0]], lines[at[1] :])
    if next((line for line in rest if line), "").startswith(">"):
        said = [*said, *rest]
    own = "\n".join(line for line in said if not line.startswith(">"))
    return _RULER.sub("", _GAPS.sub("\n\n", own)).strip() or whole


def _first_heading(lines: list[str]) -> tuple[int, int] | None:
    """The lines the first heading of a quoted mail covers."""
    shown = "\n".join(line if len(line) <= _LONGEST_LINE else "" for line in lines)
    found = [
        match
        for pattern in (EmailMessage(text="").HEADER_REGEX, _INDONESIAN)
        if (match := pattern.search(shown))
    ]
    if not found:
        return None
    first = min(found, key=lambda match: match.start())
    # a heading's pattern may begin with the line break before it
    start = shown.count("\n", 0, first.start() + len(first[0]) - len(first[0].lstrip("\n")))
    return start, start + first[0].strip("\n").count("\n") + 1
