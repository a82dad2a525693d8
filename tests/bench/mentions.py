"""What people say in a benchmark: the demo day's invented sentences, each from a new reporter."""

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

import orjson

from lintas_local.layout import PACKS

_DAY = PACKS / "bogor" / "demo" / "mentions.ndjson"
#: every so many mentions carry a number to call, so that redaction has something to find
_CALLS_EVERY = 5
#: how many differ in more than their ids; what is said of mention n holds for n + VARIETY
VARIETY = 500


@cache
def _day() -> list[dict[str, Any]]:
    lines = [orjson.loads(line) for line in _DAY.read_bytes().splitlines()[:VARIETY]]
    for line in lines:
        del line["demo"]
    return lines


def mentions(label: str) -> Iterator[bytes]:
    """Mentions without end, as JSON; no two have the same id or reporter, nor have two labels."""
    day = _day()
    for number in count():
        mention = dict(day[number % VARIETY])
        mention["external_id"] = f"{label}-{number}"
        mention["author"] = dict(mention.get("author", {})) | {"handle": f"warga-{label}-{number}"}
        if number % _CALLS_EVERY == 0:
            phone = f"0812{number % 10**8:08d}"
            mention["author"]["phone"] = phone
            mention["text"] += f" Hubungi saya di {phone}."
        yield orjson.dumps(mention)
