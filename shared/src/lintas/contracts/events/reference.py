"""Compacted reference data: `lintas.directory.v1` (gateway) and `lintas.rules.v1` (router)."""

from datetime import datetime
from typing import Any, ClassVar

from typing_extensions import override

from lintas.contracts.events.envelope import Event


class DirectoryPublished(Event):
    """One version of an agency, calendar, deadline policy or other document of the city."""

    type: ClassVar[str] = "lintas.directory.published.v1"
    #: agency | calendar | policy | category | place | city
    kind: str
    id: str
    version: str
    #: from when it holds in the world
    effective_from: datetime | None = None
    #: until when; None while it holds
    effective_to: datetime | None = None
    #: since when we can have known it
    known_from: datetime
    body: dict[str, Any]

    @property
    @override
    def key(self) -> str:
        return f"{self.kind}:{self.id}:{self.version}"


class RulesetPublished(Event):
    """A rule set with the moment from which every router instance applies it."""

    type: ClassVar[str] = "lintas.rules.published.v1"
    version: str
    #: a version that is published again, to go back to it, has one more
    number: int = 1
    #: compared with a record's broker timestamp, so all instances decide alike
    effective_at: datetime
    #: it applies no sooner than so long after the broker wrote this down, so that all have read it
    notice_ms: int = 0
    ruleset: dict[str, Any]

    @property
    @override
    def key(self) -> str:
        return publication_key(self.version, self.number)


class RulesetWithdrawn(Event):
    """A publication that shall never take effect; the one it names stays on the topic."""

    type: ClassVar[str] = "lintas.rules.withdrawn.v1"
    version: str
    number: int
    #: it counts if the broker wrote it down until then: later somebody may decide by what it names
    until: datetime

    @property
    @override
    def key(self) -> str:
        return f"{publication_key(self.version, self.number)}:withdrawn"


def publication_key(version: str, number: int) -> str:
    """Each publication has a key of its own, so a compacted topic still tells what applied when."""
    return version if number == 1 else f"{version}:{number}"
