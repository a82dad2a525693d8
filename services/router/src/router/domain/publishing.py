"""A rule set on its way: stored as a draft, published once, unchangeable throughout."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class StoredRuleset:
    """A version that was handed in, without its document."""

    version: str
    #: of the document's canonical JSON
    sha256: str
    #: how many routing rules it has
    rules: int
    created_at: datetime
    created_by: str
    published_at: datetime | None = None
    published_by: str | None = None
    #: from when every instance decides by it
    effective_at: datetime | None = None

    def published(self, *, at: datetime, by: str, effective_at: datetime) -> Self:
        """The same version, published."""
        return replace(self, published_at=at, published_by=by, effective_at=effective_at)
