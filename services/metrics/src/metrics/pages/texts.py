"""Numbers, durations and times as people of each language write them."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from lintas.vocabulary.terms import Clock

_SECOND_US = 1_000_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
#: below it, hundredths of a second are worth showing
_SHORT_S = 10

Words = Callable[..., str]


def number(value: float, language: str, places: int = 0) -> str:
    """`1.234,5` in Indonesian, `1,234.5` in English."""
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "id" else text


def percent(share: float, language: str) -> str:
    """With one place, without a space before the sign."""
    return f"{number(share * 100, language, 1)}%"


def duration(value_us: int | None, clock: Clock, language: str, t: Words) -> str | None:
    """Two units at most; working time is never told in days, as its days have no fixed length."""
    if value_us is None:
        return None
    seconds = value_us // _SECOND_US
    if 0 < value_us < _SHORT_S * _SECOND_US:
        return f"{number(value_us / _SECOND_US, language, 2)} {t('unit_s')}"
    if seconds < _MINUTE_S:
        return f"{seconds} {t('unit_s')}"
    if seconds < _HOUR_S:
        return _two(seconds, _MINUTE_S, t("unit_min"), 1, t("unit_s"))
    if seconds < _DAY_S or clock is Clock.WORKING:
        return _two(seconds, _HOUR_S, t("unit_h"), _MINUTE_S, t("unit_min"))
    return _two(seconds, _DAY_S, t("unit_d"), _HOUR_S, t("unit_h"))


def _two(seconds: int, large_s: int, large: str, small_s: int, small: str) -> str:
    whole, rest = divmod(seconds, large_s)
    part = rest // small_s
    return f"{whole} {large} {part} {small}" if part else f"{whole} {large}"


def clock_time(moment: datetime, zone: str, language: str) -> str:
    """`14.02.03 WIB` in Indonesian, `14:02:03 WIB` in English."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.strftime("%H.%M.%S %Z" if language == "id" else "%H:%M:%S %Z")
