"""Complaints from files into running services: today's work, or past."""

from lintas_local.importing.handing_in import hand_in, rejected_rows
from lintas_local.importing.mapping import load_history_mapping, load_mapping, mapping_schema
from lintas_local.importing.run import Imported, import_history

__all__ = [
    "Imported",
    "hand_in",
    "import_history",
    "load_history_mapping",
    "load_mapping",
    "mapping_schema",
    "rejected_rows",
]
