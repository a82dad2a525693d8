"""What of a complaint the public may find without knowing its number."""

from ingest.domain.city import City
from ingest.domain.mentions import Said
from lintas.vocabulary.terms import Anonymity

#: doors to which people report for everybody to read, and are told so
_REPORTS = frozenset({"open311", "web"})


def stays_private(said: Said, city: City) -> bool:
    """Whether a complaint that begins with this is on no public list.

    Whoever writes to the city alone does not publish it; redacted or not, neighbours may know whose
    words these are. They may choose `open`, and a city may decide otherwise for all.
    """
    if said.public or said.channel in _REPORTS or said.anonymity is Anonymity.OPEN:
        return False
    return not city.open311.lists_private
