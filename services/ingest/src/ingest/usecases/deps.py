"""What the use cases work with, built once in `app`."""

from dataclasses import dataclass

from ingest.domain.links import Links
from ingest.usecases.aside import Aside
from ingest.usecases.backlog import Backlog
from ingest.usecases.cities import Cities
from ingest.usecases.committing import SharedCommit
from ingest.usecases.feedback import Feedback
from ingest.usecases.hearing import Hearing
from ingest.usecases.media import MediaStore
from ingest.usecases.reference import Reference
from ingest.usecases.reporting import Reporting
from ingest.usecases.vault import Vault
from lintas.database.work import UnitOfWork
from lintas.web import Quota, Room


@dataclass(frozen=True, slots=True)
class Front:
    """What bounds the citizen pages, each address and all together."""

    visits: Quota
    reports: Quota
    room: Room


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
    feedback: Feedback
    links: Links
    media: MediaStore
    reference: Reference
    reporting: Reporting
    front: Front
