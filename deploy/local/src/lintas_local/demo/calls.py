"""HTTP as a patient client does it: the same request again while a service is away."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID, uuid5

import httpx2

from lintas.vocabulary.ids import NAMESPACE

#: a service that is away this long is not coming back
_PATIENCE_S = 120.0
_PAUSE_S = 0.25
#: the front doors take a limited number at a time
_CONNECTIONS = 24
_AWAY = frozenset({429, 502, 503, 504})


class CallRefused(Exception):
    """A service answered with a problem; the message is its title and detail."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


class Service:
    """One service as one caller sees it.

    Every call may be sent several times (a service that falls is restarted meanwhile), so writes
    carry an idempotency key derived from what they are about.
    """

    def __init__(self, address: str, credential: str | None = None) -> None:
        self._credential = credential
        self._client = httpx2.AsyncClient(
            base_url=address,
            trust_env=False,
            timeout=15,
            limits=httpx2.Limits(max_connections=_CONNECTIONS),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, *, credential: str | None = None, **query: str | int) -> Any:
        """The JSON at `path`."""
        return (await self._send("GET", path, params=query, credential=credential)).json()

    async def get_text(self, path: str) -> str:
        """The text at `path`."""
        return (await self._send("GET", path)).text

    async def get_with_etag(self, path: str, *, credential: str | None = None) -> tuple[Any, str]:
        """The JSON at `path` and the version it has."""
        answer = await self._send("GET", path, credential=credential)
        return answer.json(), answer.headers["ETag"]

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        credential: str | None = None,
        about: str | None = None,
    ) -> Any:
        """The JSON answer to a POST; `about` names the act, so that a repeat is known as one."""
        headers = {"Idempotency-Key": f'"{act_id(about)}"'} if about is not None else {}
        answer = await self._send(
            "POST", path, json=dict(body), headers=headers, credential=credential
        )
        return answer.json() if answer.content else None

    async def post_for_etag(
        self, path: str, body: Mapping[str, Any], *, credential: str, if_match: str
    ) -> str | None:
        """Change something at a known version; the version it has then."""
        answer = await self._send(
            "POST", path, json=dict(body), headers={"If-Match": if_match}, credential=credential
        )
        return answer.headers.get("ETag")

    async def post_lines(self, path: str, lines: bytes, *, about: str) -> Any:
        """The JSON answer to an NDJSON batch."""
        headers = {
            "Content-Type": "application/x-ndjson",
            "Idempotency-Key": f'"{act_id(about)}"',
        }
        answer = await self._send("POST", path, content=lines, headers=headers)
        return answer.json()

    async def _send(
        self, method: str, path: str, *, credential: str | None = None, **request: Any
    ) -> httpx2.Response:
        bearer = credential or self._credential
        if bearer is not None:
            request["headers"] = {"Authorization": f"Bearer {bearer}"} | request.get("headers", {})
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + _PATIENCE_S
        while True:
            try:
                answer = await self._client.request(method, path, **request)
            except httpx2.TransportError:
                if loop.time() > give_up_at:
                    raise
            else:
                if answer.is_success:
                    return answer
                if answer.status_code not in _AWAY or loop.time() > give_up_at:
                    raise CallRefused(answer.status_code, _problem(answer))
            await asyncio.sleep(_PAUSE_S)


def act_id(about: str) -> UUID:
    """The idempotency key of an act: the same for the same words."""
    return uuid5(NAMESPACE, f"demo/{about}")


def _problem(answer: httpx2.Response) -> Mapping[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {"title": answer.reason_phrase, "detail": "not a problem document"}
    return problem if isinstance(problem, dict) else {}
