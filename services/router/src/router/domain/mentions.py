"""What a decision looks at."""

from dataclasses import dataclass
from datetime import datetime

from lintas.vocabulary.terms import MentionClass


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention as far as routing needs it."""

    #: redacted; every offset in an explanation counts its code points
    text: str
    #: which rules were in effect then
    received_at: datetime
    channel: str = ""
    #: where the reporter says it is
    address: str | None = None
    #: what the source says it is
    stated_class: MentionClass | None = None
    #: posted by one of the city's own accounts
    own_post: bool = False
    latitude: float | None = None
    longitude: float | None = None
    #: what the source says it is about
    stated_category: str | None = None
    stakeholder: str | None = None
    #: the mark of a mention that looks like no person's own words
    suspected: str | None = None
    #: what the agencies wrote that returned it; its words count like those of the text
    note: str = ""

    @property
    def words(self) -> str:
        """All that is read: the text and, on a line of its own, the note. Spans count in it."""
        return f"{self.text}\n{self.note}" if self.note else self.text
