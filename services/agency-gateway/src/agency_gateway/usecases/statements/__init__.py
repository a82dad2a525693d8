"""Official texts from the first draft to the ledger."""

from agency_gateway.usecases.statements.events import Words
from agency_gateway.usecases.statements.ledger import Ledger
from agency_gateway.usecases.statements.releasing import Releasing
from agency_gateway.usecases.statements.writing import Draft, Writing

__all__ = ["Draft", "Ledger", "Releasing", "Words", "Writing"]
