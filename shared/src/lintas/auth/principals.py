from dataclasses import dataclass
from enum import StrEnum

from lintas.vocabulary.ids import AgencyCode, PersonId


class Scope(StrEnum):
    """What a key or a person's role may do."""

    MENTIONS_WRITE = "mentions:write"
    IMPORTS_WRITE = "imports:write"
    VAULT_UNSEAL = "vault:unseal"
    VAULT_ERASE = "vault:erase"
    #: files that reporters attached, for whoever knows which agencies share a complaint
    MEDIA_READ = "media:read"
    #: whoever erases cannot by that alone end what forbids it
    VAULT_HOLD = "vault:hold"
    RULES_WRITE = "rules:write"
    DIRECTORY_WRITE = "directory:write"
    PERSONS_WRITE = "persons:write"
    KEYS_WRITE = "keys:write"
    HISTORY_WRITE = "history:write"
    #: what agencies gave back, for whoever decides anew
    RETURNS_READ = "returns:read"
    QUEUE_READ = "queue:read"
    QUEUE_WRITE = "queue:write"
    KPIS_REBUILD = "kpis:rebuild"
    QUARANTINE_REPLAY = "quarantine:replay"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, as far as it was proven."""

    #: set only when a human signed in
    person_id: PersonId | None = None
    #: set only when a system showed its key
    key_id: str | None = None
    #: the system's name; idempotency keys live in its space
    client: str | None = None
    agency: AgencyCode | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """The name an audit line carries: `person:<id>`, `key:<id>` or `anonymous`."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"key:{self.key_id}" if self.key_id is not None else "anonymous"

    @property
    def party(self) -> str:
        """Who stands behind it, by whichever of their keys: `person:<id>`, `client:<name>`, or nobody.

        Two acts that need two parties are not done by two keys of one system.
        """
        known = self.person_id is not None or self.client is None
        return self.actor if known else f"client:{self.client}"


#: nobody known
ANONYMOUS = Principal()
