"""`lintas.agency.<code>.v1`: thin notices for agencies that asked for a topic of their own."""

from typing import ClassVar

from lintas.contracts.events.envelope import ComplaintEvent
from lintas.vocabulary.ids import AgencyCode


class AgencyNotified(ComplaintEvent):
    """Something about one of the agency's complaints changed; the link says what."""

    type: ClassVar[str] = "lintas.agency.notified.v1"
    agency: AgencyCode
    ticket: str
    #: the type of the lifecycle event it is about
    about: str
    link: str
