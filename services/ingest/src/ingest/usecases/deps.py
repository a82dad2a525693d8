"""What the use cases work with, built once in `app`."""

from dataclasses import dataclass

from ingest.domain.identity import Identities
from ingest.domain.links import Links
from ingest.usecases.backlog import Backlog
from ingest.usecases.cities import Cities
from ingest.usecases.committing import SharedCommit
from ingest.usecases.vault import Vault
from lintas.database.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Deps:
    """One of each."""

    work: UnitOfWork
    cities: Cities
    identities: Identities
    vault: Vault
    backlog: Backlog
    commit: SharedCommit
    links: Links
