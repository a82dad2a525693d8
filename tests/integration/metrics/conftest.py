"""metrics on a real database as its restricted role; each test has a database of its own."""

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from lintas.database.engine import create_engine
from lintas.database.migrations import migrate
from lintas.database.work import UnitOfWork
from lintas_local.stack import Stack

_ROOT = Path(__file__).parents[3]

# Test folders are no packages, so the tests' own builders get a name by hand.
if "metrics_lives" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "metrics_lives", _ROOT / "tests/unit/metrics/lives.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["metrics_lives"] = module
    spec.loader.exec_module(module)


@pytest.fixture(scope="session")
async def template(stack: Stack) -> str:
    """The name of a database that has the newest tables and nothing in them."""
    name = f"metrics_{uuid4().hex}"
    admin = await asyncpg.connect(stack.admin_url)
    try:
        await admin.execute(f"CREATE DATABASE {name} OWNER lintas_metrics_owner")
    finally:
        await admin.close()
    owner = await asyncpg.connect(
        _named(stack.database_url("metrics", owner=True), name).replace("+asyncpg", "")
    )
    await owner.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lintas_metrics"
    )
    await owner.close()
    await migrate(
        _named(stack.database_url("metrics", owner=True), name),
        _ROOT / "services/metrics/migrations",
    )
    return name


@pytest.fixture
async def database(stack: Stack, template: str) -> AsyncIterator[str]:
    """The address of an empty database with metrics' tables, as its restricted role."""
    name = f"metrics_{uuid4().hex}"
    admin = await asyncpg.connect(stack.admin_url)
    await admin.execute(f"CREATE DATABASE {name} OWNER lintas_metrics_owner TEMPLATE {template}")
    yield _named(stack.database_url("metrics"), name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database, application="tests", pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture
def work(engine: AsyncEngine) -> UnitOfWork:
    return UnitOfWork(engine, "metrics")


def _named(url: str, database: str) -> str:
    base = url.rpartition("/")[0].replace("postgresql://", "postgresql+asyncpg://")
    return f"{base}/{database}"
