"""HTTP as clients do it: each request is an operation of the history, whatever becomes of it."""

import asyncio
import re
from collections.abc import Mapping
from itertools import count
from typing import Any

import httpx2
from tests.faults.history import History, Operation, Outcome

#: longer than a service may take to say 503
TIMEOUT_S = 8.0
_CANARY = re.compile(r"zk[a-p]+zk")
_LETTERS = "abcdefghijklmnop"


def canary(run: int, number: int) -> str:
    """A word that occurs nowhere else, which no redaction touches."""
    return f"zk{_word(run)}p{_word(number)}zk"


def canaries_in(text: str) -> list[str]:
    """Every canary in a text, each once."""
    return sorted(set(_CANARY.findall(text)))


def _word(number: int) -> str:
    # base 15: the sixteenth letter stands between run and number
    digits = ""
    while True:
        number, digit = divmod(number, 15)
        digits = _LETTERS[digit] + digits
        if number == 0:
            return digits


class Door:
    """A service as its clients reach it: through a balancer that knows which instances are ready.

    A connection that is refused was not used, so another instance is asked, and the refusing one
    again once it is ready; everything after that is the operation's fate.
    """

    def __init__(self, history: History, addresses: list[str]) -> None:
        self._history = history
        self._clients = [
            httpx2.AsyncClient(
                base_url=address,
                trust_env=False,
                timeout=TIMEOUT_S,
                limits=httpx2.Limits(max_connections=1_000, max_keepalive_connections=40),
            )
            for address in addresses
        ]
        self._down: set[httpx2.AsyncClient] = set()
        self._turns = count()

    async def close(self) -> None:
        """Hang up."""
        for client in self._clients:
            await client.aclose()

    async def send(
        self,
        operation: Operation,
        method: str,
        path: str,
        *,
        credential: str | None = None,
        headers: Mapping[str, str] | None = None,
        keep: tuple[str, ...] = (),
        look: bool = False,
        **request: Any,
    ) -> httpx2.Response | None:
        """Do it, note its outcome with the members `keep` of its answer; None if none came.

        With `look` the canaries of the answer are noted too.
        """
        sent = {**(headers or {})}
        if credential is not None:
            sent["Authorization"] = f"Bearer {credential}"
        try:
            answer = await self._ask(method, path, headers=sent, **request)
        except (httpx2.HTTPError, OSError) as error:
            self._history.complete(operation, Outcome.INFO, told={"error": type(error).__name__})
            return None
        except asyncio.CancelledError:
            self._history.complete(operation, Outcome.INFO, told={"error": "cancelled"})
            raise
        told = _members(answer, keep)
        if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
            told["retry_after"] = answer.headers.get("Retry-After")
        if look:
            told["canaries"] = canaries_in(answer.text)
        self._history.complete(operation, _outcome(answer), answer.status_code, told)
        return answer

    async def _ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        first = next(self._turns)
        for turn in range(len(self._clients)):
            client = self._clients[(first + turn) % len(self._clients)]
            try:
                if await self._is_up(client):
                    return await client.request(method, path, **request)
            except httpx2.ConnectError:
                self._down.add(client)
        raise httpx2.ConnectError("no instance is ready")

    async def _is_up(self, client: httpx2.AsyncClient) -> bool:
        if client in self._down and (await client.get("/readyz")).is_success:
            self._down.discard(client)
        return client not in self._down


def _outcome(answer: httpx2.Response) -> Outcome:
    if answer.is_success:
        return Outcome.OK
    return Outcome.FAIL if answer.is_client_error else Outcome.INFO


def _members(answer: httpx2.Response, keep: tuple[str, ...]) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    if not answer.is_success:
        return {"problem": body.get("type"), "state": body.get("state")}
    told = {name: body[name] for name in keep if name in body}
    if "items" in told:
        told["items"] = [
            {"assignment_id": item["assignment_id"], "complaint_id": item["complaint_id"]}
            for item in told["items"]
        ]
    return told
