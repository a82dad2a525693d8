"""How far a source that we read ourselves has been read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a source; positions of one epoch only grow."""

    #: the source's own number, as text
    position: str
    #: what the positions belong to; a source that counts anew has another
    epoch: str = ""
