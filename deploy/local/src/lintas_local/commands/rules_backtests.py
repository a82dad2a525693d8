"""`lintas rules backtests`: which backtests a router was asked for."""

import os

from lintas_local.client import Service
from lintas_local.output import AsJson, say_json, say_rows, told

_COLUMNS = ("id", "state", "candidate", "against", "done", "requested_at", "requested_by")


def backtests(*, as_json: AsJson = False) -> None:
    """List backtests of the router, the latest first; `/v1/backtests/ID` is the report of one."""
    with told(), Service.of("router", os.environ) as router:
        found = router.items("/v1/backtests")
    if as_json:
        say_json(found)
    else:
        say_rows("Backtests", _COLUMNS, found)
