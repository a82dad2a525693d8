"""A rule set on its way: stored as a draft, published by somebody else, unchangeable throughout."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from lintas.vocabulary.errors import Conflict


class OwnVersion(Conflict):
    """Whoever handed a version in does not publish it; another party does (409)."""

    code = "author-cannot-publish"


@dataclass(frozen=True, slots=True)
class Publication:
    """One announcement of a version. To go back to a version is to publish it again."""

    version: str
    #: of this version, from 1 on
    number: int
    published_at: datetime
    published_by: str
    #: from when every instance decides by it
    effective_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    def withdrawn(self, *, at: datetime, by: str) -> Self:
        """The same, withdrawn."""
        return replace(self, withdrawn_at=at, withdrawn_by=by)

    def latest_withdrawal(self, notice: timedelta) -> datetime:
        """Until when it can be withdrawn so that no instance decides by it."""
        return self.effective_at - notice


@dataclass(frozen=True, slots=True)
class StoredRuleset:
    """A version that was handed in, without its document."""

    version: str
    #: of the document's canonical JSON
    sha256: str
    #: how many routing rules it has
    rules: int
    created_at: datetime
    #: the party that handed it in, so the one that does not publish it
    created_by: str
    #: the latest that was not withdrawn
    publication: Publication | None = None

    def published(self, publication: Publication) -> Self:
        """The same version, published."""
        return replace(self, publication=publication)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A trained model that was handed in, without its bytes."""

    #: of its contents
    version: str
    #: of its bytes
    sha256: str
    size: int
    #: what it can answer; agencies, where it is for routing
    labels: tuple[str, ...]
    created_at: datetime
    created_by: str
