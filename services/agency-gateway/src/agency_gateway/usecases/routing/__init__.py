"""What the router says, applied in sets: complaints open, decisions of later rounds, reporters' acts."""

from agency_gateway.usecases.routing.importing import Imports
from agency_gateway.usecases.routing.registering import Registrar
from agency_gateway.usecases.routing.returns import Returns

__all__ = ["Imports", "Registrar", "Returns"]
