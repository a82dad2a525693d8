"""The gateway's first tables, with row-level security from the start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import op

from lintas.database.ddl import INBOX_V1, OUTBOX_V1, PARKED_EVENT_V1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: in this order: later files refer to tables of earlier ones
_FILES = ("settings", "complaints", "work", "statements", "people", "reference", "grants")


def upgrade() -> None:
    folder = Path(__file__).with_suffix("")
    for script in (INBOX_V1, OUTBOX_V1, PARKED_EVENT_V1):
        _run(script)
    for name in _FILES:
        _run((folder / f"{name}.sql").read_text(encoding="utf-8"))


def _run(script: str) -> None:
    # a script of several statements needs the simple protocol, which only the driver offers
    connection: Any = op.get_bind().connection.dbapi_connection
    execute: Callable[[Any], Any] = lambda driver: driver.execute(script)  # noqa: E731  # typed for run_async
    connection.run_async(execute)
