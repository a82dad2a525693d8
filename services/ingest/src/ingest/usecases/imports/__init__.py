"""Imports of files: handing one in, working through it, seeing what became of it."""

from ingest.usecases.imports.requesting import Importing
from ingest.usecases.imports.working import ImportWork, ReadSaid

__all__ = ["ImportWork", "Importing", "ReadSaid"]
