"""Addresses that citizens are given."""

from dataclasses import dataclass

from lintas.vocabulary.ids import StatementId
from lintas.vocabulary.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Links:
    """Where a ticket's page and a statement's page are."""

    #: of this service, without a final slash
    here: str
    #: of the agency-gateway, without a final slash
    gateway: str

    def status(self, ticket: Ticket, secret: str | None = None) -> str:
        """The page of a ticket; with the secret it opens text and actions."""
        page = f"{self.here}/lacak/{ticket}"
        return page if secret is None else f"{page}?k={secret}"

    def statement(self, statement: StatementId) -> str:
        """The permanent address of a statement."""
        return f"{self.gateway}/pernyataan/{statement}"
