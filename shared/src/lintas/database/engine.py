import asyncio
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import (
    AsyncAdapt_asyncpg_connection,
    AsyncAdapt_asyncpg_dbapi,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

#: a statement that runs longer is a fault, and the caller gets 503 instead of a pile-up
STATEMENT_TIMEOUT_MS = 3_000


def create_engine(
    url: str,
    *,
    application: str,
    pool_size: int = 8,
    statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
) -> AsyncEngine:
    """A pool on `url` (`postgresql+asyncpg://…`). Connects on first use, never at import.

    A connection that a restarted database has closed is replaced before anybody gets it.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        # an error that quotes parameters would quote what people wrote
        hide_parameters=True,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 3,
            "command_timeout": statement_timeout_ms / 1000 + 1,
            "server_settings": {
                "application_name": application,
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "30000",
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: AsyncAdapt_asyncpg_connection, *_: object) -> None:
    # the driver knows of a closed socket by itself, where a ping would cost every transaction three
    # round trips; one that went silent shows at the first statement, as an outage
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def is_outage(error: BaseException) -> bool:
    """Whether the database is away or too slow, so that the same work may succeed later."""
    if isinstance(error, PoolTimeout | OperationalError | InterfaceError | OSError):
        return True
    if isinstance(error, asyncio.TimeoutError):
        return True
    if isinstance(error, DBAPIError):
        # asyncpg's word for a connection that was cut while a statement was on its way
        if isinstance(error.orig, AsyncAdapt_asyncpg_dbapi.InternalClientError):
            return True
        state = _sqlstate(error)
        return error.connection_invalidated or state[:2] in _OUTAGE_CLASSES or state == _NO_DATABASE
    return False


#: connection exceptions, insufficient resources, operator intervention (shutdown, cancel), system
#: errors, transaction rollback (serialization, deadlock): PostgreSQL Appendix A
_OUTAGE_CLASSES = frozenset({"08", "53", "57", "58", "40"})
#: for a moment there is none while a backup is put in its place
_NO_DATABASE = "3D000"


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _to_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
