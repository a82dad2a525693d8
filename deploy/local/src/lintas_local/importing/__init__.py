"""Past complaints from a source's files into running services."""

from lintas_local.importing.mapping import Mapping, load_mapping, mapping_schema
from lintas_local.importing.reading import Rejection, SourceUnreadable
from lintas_local.importing.run import Imported, import_history

__all__ = [
    "Imported",
    "Mapping",
    "Rejection",
    "SourceUnreadable",
    "import_history",
    "load_mapping",
    "mapping_schema",
]
