"""The shapes of questions and answers over HTTP."""

from metrics.schemas.definitions import DefinitionsOut
from metrics.schemas.listening import ListeningOut
from metrics.schemas.questions import KpiQuery, Selection
from metrics.schemas.rebuilds import RebuildOut
from metrics.schemas.reports import ReportOut

__all__ = [
    "DefinitionsOut",
    "KpiQuery",
    "ListeningOut",
    "RebuildOut",
    "ReportOut",
    "Selection",
]
