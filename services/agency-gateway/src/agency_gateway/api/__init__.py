"""The gateway over HTTP: parse, ask a use case, show the result."""

from agency_gateway.api import complaints, directory, history, people, queues, returns, statements

ROUTERS = (
    people.router,
    directory.router,
    queues.router,
    complaints.router,
    statements.router,
    returns.router,
    history.router,
)

__all__ = ["ROUTERS"]
