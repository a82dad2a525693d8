"""What the use cases work with, built once in `app`."""

from dataclasses import dataclass

from ingest.channels.accounts import Accounts
from ingest.domain.identity import Identities
from ingest.domain.links import Links
from ingest.usecases.aside import Aside
from ingest.usecases.backlog import Backlog
from ingest.usecases.bodies import Bodies
from ingest.usecases.cities import Cities
from ingest.usecases.collecting import Collecting
from ingest.usecases.committing import SharedCommit
from ingest.usecases.feedback import Feedback
from ingest.usecases.fetching import Fetching
from ingest.usecases.hearing import Hearing
from ingest.usecases.imports import Importing
from ingest.usecases.keeping import Keeping
from ingest.usecases.media import MediaStore
from ingest.usecases.open311 import Open311
from ingest.usecases.opening import Files
from ingest.usecases.reference import Reference
from ingest.usecases.reporting import Reporting
from ingest.usecases.restored import Restored
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
    identities: Identities
    vault: Vault
    backlog: Backlog
    commit: SharedCommit
    links: Links
    accounts: Accounts
    hearing: Hearing
    aside: Aside
    bodies: Bodies
    feedback: Feedback
    media: MediaStore
    files: Files
    keeping: Keeping
    fetching: Fetching
    collecting: Collecting
    open311: Open311
    importing: Importing
    #: signs the places in lists
    cursor_key: bytes
    reference: Reference
    reporting: Reporting
    restored: Restored
    front: Front
