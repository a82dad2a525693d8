"""Everything the front doors and loops may ask for, in one place."""

from dataclasses import dataclass

from agency_gateway.usecases.complaints import Complaints, Files, Reading
from agency_gateway.usecases.documents import Documents
from agency_gateway.usecases.people import People
from agency_gateway.usecases.queues import Queues
from agency_gateway.usecases.routing import Imports, Registrar, Returns
from agency_gateway.usecases.statements import Ledger, Releasing, Writing
from lintas.database.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Deps:
    """The use cases of one process."""

    work: UnitOfWork
    queues: Queues
    complaints: Complaints
    reading: Reading
    files: Files
    writing: Writing
    releasing: Releasing
    ledger: Ledger
    people: People
    documents: Documents
    registrar: Registrar
    imports: Imports
    returns: Returns
