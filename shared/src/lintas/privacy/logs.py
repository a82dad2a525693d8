from collections.abc import Iterable, Mapping
from typing import Any

from lintas.privacy.redaction import redact_numbers

_DEEPEST = 12
#: what takes the place of containers nested deeper; a log line is no document
_CUT = "..."
#: the shortest mobile number without its leading zero has nine digits
_NOBODYS_NUMBER = 10**8
_LONGEST_NUMBER = 10**20


def mask_for_log(value: Any) -> Any:
    """`value` with the personal data in every text, bytes and long number inside it replaced.

    Mappings and sequences are copied (sets and tuples as lists), twelve levels deep; other kinds are
    returned as they are. Names are not looked for, as log lines are full of capitals that are no
    people: whoever logs, logs no names. Microseconds for a text with nothing suspicious. Never raises.
    """
    return _masked(value, _DEEPEST)


def _masked(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact_numbers(value).text
    if isinstance(value, bytes | bytearray):
        return redact_numbers(value.decode("utf-8", "replace")).text
    if isinstance(value, int):
        return _masked_number(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _masked_items(value, depth - 1) if depth else _CUT
    return value


def _masked_items(value: Mapping[Any, Any] | Iterable[Any], depth: int) -> Any:
    if isinstance(value, Mapping):
        return {
            redact_numbers(key).text if isinstance(key, str) else key: _masked(item, depth)
            for key, item in value.items()
        }
    return [_masked(item, depth) for item in value]


def _masked_number(value: int) -> int | str:
    """A phone number that became an int has lost the zero it began with."""
    if not _NOBODYS_NUMBER <= value <= _LONGEST_NUMBER:
        return value
    digits = str(value)
    masked = redact_numbers(f"0{digits}" if digits.startswith("8") else digits)
    return masked.text if masked.found else value
