"""How long a platform is asked again for what it only pointed to."""

from datetime import timedelta

#: waits between attempts; the last one is repeated for a week in all, as long as ids live
_WAITS = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
_LONGEST = timedelta(hours=6)
_MOST = len(_WAITS) + 27


def wait(tries: int, spread: float) -> timedelta | None:
    """How long to wait after the `tries`-th attempt failed; None: it is given up.

    `spread` from 0 to 1 moves attempts apart that failed together.
    """
    if tries > _MOST:
        return None
    pause = _WAITS[tries - 1] if tries <= len(_WAITS) else _LONGEST
    return pause * (1 + spread / 2)
