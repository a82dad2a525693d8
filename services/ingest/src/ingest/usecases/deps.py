"""What the use cases work with, built once in `app`."""

from dataclasses import dataclass

from ingest.domain.links import Links
from ingest.usecases.aside import Aside
from ingest.usecases.backlog import Backlog
from ingest.usecases.cities import Cities
from ingest.usecases.committing import SharedCommit
from ingest.usecases.hearing import Hearing
from ingest.usecases.open311 import Open311
from ingest.usecases.vault import Vault
from lintas.database.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Deps:
    """One of each."""

    work: UnitOfWork
    cities: Cities
    vault: Vault
    backlog: Backlog
    commit: SharedCommit
    hearing: Hearing
    aside: Aside
    links: Links
    open311: Open311
