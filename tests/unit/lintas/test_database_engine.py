import asyncpg
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi as Driver
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lintas.database.engine import is_outage


class _Refused(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        pytest.param(PoolTimeout(), True, id="pool exhausted"),
        pytest.param(OperationalError("", {}, Exception()), True, id="operational"),
        pytest.param(ConnectionRefusedError(), True, id="refused"),
        pytest.param(TimeoutError(), True, id="time-out"),
        pytest.param(
            InternalError("", {}, Driver.InternalClientError("cut")),
            True,
            id="cut in mid-statement",
        ),
        pytest.param(DBAPIError("", {}, _Refused("57014")), True, id="statement time-out"),
        pytest.param(DBAPIError("", {}, _Refused("40P01")), True, id="deadlock"),
        pytest.param(DBAPIError("", {}, _Refused("53300")), True, id="too many connections"),
        pytest.param(DBAPIError("", {}, _Refused("3D000")), True, id="no such database"),
        pytest.param(IntegrityError("", {}, _Refused("23505")), False, id="unique key"),
        pytest.param(DBAPIError("", {}, _Refused("42P01")), False, id="missing table"),
        pytest.param(asyncpg.DataError("bad"), False, id="bad value"),
        pytest.param(ValueError(), False, id="a bug"),
    ],
)
def test_an_outage_is_told_from_a_refusal_and_a_bug(error: Exception, outage: bool):
    assert is_outage(error) is outage
