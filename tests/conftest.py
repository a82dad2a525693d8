from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintas_local.stack import Stack


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Apache Kafka and PostgreSQL, started once for the whole run, with every topic and database."""
    home: Path = tmp_path_factory.mktemp("stack")
    stack = Stack(home, environ={}, port_base=0, services=(), fast=True)
    async with stack.running():
        yield stack
