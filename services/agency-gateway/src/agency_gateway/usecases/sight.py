"""What a transaction may see: the settings row-level security reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from lintas.auth import Principal
from lintas.vocabulary.errors import Forbidden, NotFound
from lintas.vocabulary.ids import AgencyCode

OFFICER = "officer"
CONFIRMER = "confirmer"
COORDINATOR = "coordinator"
ROLES = frozenset({OFFICER, CONFIRMER, COORDINATOR})

Settings = Mapping[str, str]

#: consumers, relays, sign-in: the service itself
AS_WORKER: Settings = {"app.role": "worker"}
#: anybody, signed in or not: what is published
AS_PUBLIC: Settings = {"app.role": "public"}


def is_coordinator(who: Principal) -> bool:
    """Whether a person's role covers all agencies."""
    return who.person_id is not None and COORDINATOR in who.roles


def actor_of(who: Principal) -> str:
    """Who holds a claim or repeats a request: a person, or a system whatever key it shows."""
    if who.person_id is not None:
        return f"person:{who.person_id}"
    return f"client:{who.agency or ''}:{who.client or ''}"


def acting_agency(who: Principal) -> AgencyCode | None:
    """For whom someone acts: None for a coordinator, who acts for the city."""
    return None if is_coordinator(who) else who.agency


@dataclass(frozen=True, slots=True)
class Sights:
    """What principals see through this instance."""

    #: the agencies it serves; all if empty
    served: frozenset[str] = frozenset()

    def of(self, who: Principal) -> Settings:
        """The settings for work on complaints and statements.

        Raises:
            NotFound: another instance serves this agency.
            Forbidden: neither an agency nor a coordinator.
        """
        if self.served and (who.agency is None or who.agency not in self.served):
            raise NotFound("There is nothing at this address.")
        if is_coordinator(who):
            return {"app.role": "coordinator", "app.actor": actor_of(who)}
        if who.agency is None:
            raise Forbidden("Only an agency or a coordinator works on complaints.")
        return {"app.role": "officer", "app.agency": who.agency, "app.actor": actor_of(who)}

    def of_queue(self, who: Principal, agency: AgencyCode) -> Settings:
        """The settings for one agency's queue; NotFound (as if there were none) for another's."""
        settings = self.of(who)
        others = not is_coordinator(who) and who.agency != agency
        if others or (self.served and agency not in self.served):
            raise NotFound("There is no such queue.")
        return settings

    def of_admin(self, who: Principal) -> Settings:
        """The settings for people, keys and documents; the route has checked the scope."""
        return {"app.role": "worker", "app.actor": actor_of(who)}
