from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import asyncpg
import pytest

from lintas_local.stack import Stack


@pytest.fixture(scope="session")
def home_folder() -> Iterator[Path]:
    """A folder for a stack's data that its unprivileged PostgreSQL can reach."""
    # not pytest's own folder: the next run closes that to other users, and PostgreSQL with it
    with TemporaryDirectory(prefix="lintas-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
async def stack(home_folder: Path) -> AsyncIterator[Stack]:
    """Apache Kafka and PostgreSQL, started once for the whole run, with every topic and database."""
    stack = Stack(home_folder / "stack", environ={}, port_base=0, services=(), fast=True)
    async with stack.running():
        yield stack


@pytest.fixture
async def empty_database(stack: Stack) -> AsyncIterator[str]:
    """The address of a new, empty database of the superuser (`postgresql+asyncpg://`)."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(stack.admin_url)
    await admin.execute(f"CREATE DATABASE {name}")
    base = stack.admin_url.rpartition("/")[0].replace("postgresql://", "postgresql+asyncpg://")
    yield f"{base}/{name}"
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
