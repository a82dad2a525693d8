"""Remembering how far a source that we read ourselves has been read."""

from ingest.channels.accounts import Account
from ingest.domain.cursors import Cursor
from ingest.store import cursors as store
from ingest.usecases.deps import Deps


async def read(deps: Deps, account: Account) -> Cursor | None:
    """The position up to which everything is durable; None before the first."""
    async with deps.work.begin() as tx:
        return await store.read(tx, account.channel, account.name)


async def move(deps: Deps, account: Account, cursor: Cursor) -> None:
    """Everything up to `cursor` is durable: the next start goes on from there."""
    async with deps.work.begin() as tx:
        await store.write(tx, account.channel, account.name, cursor, deps.work.clock())
