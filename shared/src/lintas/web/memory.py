"""How a serving process looks for garbage that holds itself."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: new objects that make the collector look; a lot of 500 records makes about as many, and they go
#: by themselves
_NEW_OBJECTS = 100_000


@contextmanager
def start_up_set_aside() -> Iterator[None]:
    """While open, the collector leaves alone what exists already, and looks less often.

    What start-up made (modules, models, routes) lives as long as the process. Looking at it again
    during every lot of records took a third of the time that registering took.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def set_aside() -> None:
    """The same for what has been made since, once: for what comes late, is large and stays.

    Looks for garbage first, as what is set aside is never looked at; that pauses the process. What
    `start_up_set_aside` was opened for gives it back.
    """
    gc.collect()
    gc.freeze()
