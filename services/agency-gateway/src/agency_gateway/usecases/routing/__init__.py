"""What the router says, applied in sets: complaints open, decisions of later rounds, reporters' acts."""

from agency_gateway.usecases.routing.importing import Imports
from agency_gateway.usecases.routing.registering import Registrar

__all__ = ["Imports", "Registrar"]
