"""What is kept of complaints to hold rules against: what was said, and what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from router.domain.mentions import Mention


@dataclass(frozen=True, slots=True)
class Kept:
    """A first mention as it is kept, with the decision that was made then."""

    complaint_id: UUID
    mention_id: UUID
    mention: Mention
    decided_class: str
    decided_category: str | None
    decided_lead: str | None
    rules_version: str


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint of the corpus, as far as a backtest needs it."""

    complaint_id: UUID
    mention: Mention
    #: whom the decision of that time named; None: nobody
    decided_lead: str | None = None
    #: who led when it was settled; None: not settled yet, or by nobody
    final: str | None = None
    #: how often a lead returned it or handed it on
    bounces: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a complaint so far."""

    complaint_id: UUID
    received_at: datetime
    #: of the last fact that is in it
    seq: int = 1
    lead: str | None = None
    settled_by: str | None = None
    bounces: int = 0

    def led_by(self, agency: str) -> Self:
        """An agency has the lead."""
        return replace(self, lead=agency)

    def given_up(self, agency: str, *, bounced: bool) -> Self:
        """An agency's share ended unsettled; it `bounced` if the agency itself said so."""
        if agency != self.lead:
            return self
        return replace(self, lead=None, bounces=self.bounces + bounced)

    def settled(self, agency: str | None) -> Self:
        """It was answered, resolved or closed, by `agency` or whoever leads."""
        return replace(self, settled_by=agency or self.lead or self.settled_by)

    def reopened(self) -> Self:
        """It was not settled after all."""
        return replace(self, settled_by=None)

    def at(self, seq: int) -> Self:
        """The same, with one more fact in it."""
        return replace(self, seq=seq)
