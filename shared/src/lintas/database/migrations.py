"""Brings a service's database to the newest schema (alembic); safe to run by several at once.

alembic is imported where it is used: nine megabytes that a running service has no use for.
"""

from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_LOCK = 7_105_200_114  # any constant: one migration run at a time per database


async def migrate(owner_url: str, folder: Path, *, to: str = "head") -> None:
    """Apply every migration in `folder` (a service's `migrations/`) that is not applied yet, up to `to`.

    Runs as the owner role, in one transaction under an advisory lock: all or nothing.
    """
    engine = create_async_engine(owner_url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade, folder, to)
    finally:
        await engine.dispose()


def run_env() -> None:
    """What a service's `migrations/env.py` calls."""
    from alembic import context  # noqa: PLC0415  # see the module

    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()


def _upgrade(connection: Connection, folder: Path, to: str) -> None:
    from alembic import command  # noqa: PLC0415  # see the module
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
