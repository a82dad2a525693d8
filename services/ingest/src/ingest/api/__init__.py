"""Which URLs there are."""

from collections.abc import Sequence

from fastapi import APIRouter

from ingest.api import complaints, imports, mentions, open311, quarantine, vault, webhooks
from ingest.usecases.deps import Deps


def routers(deps: Deps) -> Sequence[APIRouter]:
    """Every route of the API."""
    return [
        mentions.router(deps),
        complaints.router(deps),
        imports.router(deps),
        vault.router(deps),
        quarantine.router(deps),
        webhooks.router(deps),
        open311.router(deps),
    ]
