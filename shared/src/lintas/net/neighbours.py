"""One service asking another one of Lintas, over HTTP, with a key of its own."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2

from lintas.vocabulary.errors import Gone, NotFound, Unavailable

_TOTAL_S = 10.0
_NOT_FOUND, _GONE = 404, 410


class Incoming:
    """Bytes on their way from a neighbour; whoever has it closes it."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_raw():
            yield part

    async def close(self) -> None:
        """Let go of the connection; what did not come yet is not read. Repeating is harmless."""
        await self._answer.aclose()


class Neighbour:
    """A service at a fixed address. Asking it changes nothing, so it may be asked again."""

    def __init__(
        self,
        name: str,
        address: str,
        key: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._name = name
        self._client = httpx2.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=_TOTAL_S,
            trust_env=False,
            transport=transport,
        )

    async def ask(self, path: str, body: object) -> Any:
        """The JSON answer to a POST of `body`.

        Raises:
            Unavailable: there is none now, whether it is away or does not let us in; somebody
                mends either, and then it answers.
        """
        try:
            answer = await self._client.post(path, json=body)
            if answer.is_success:
                return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable(f"{self._name} does not answer ({type(error).__name__}).") from error
        raise Unavailable(f"{self._name} answers {answer.status_code}.")

    async def fetch(self, path: str, body: object) -> Incoming:
        """The bytes that answer a POST of `body`; few of them at once are held here.

        Raises:
            NotFound, Gone: it has none, or no more; nothing of its own words is told on.
            Unavailable: as `ask`.
        """
        request = self._client.build_request(
            "POST", path, json=body, headers={"Accept-Encoding": "identity"}
        )
        try:
            answer = await self._client.send(request, stream=True)
        except httpx2.HTTPError as error:
            raise Unavailable(f"{self._name} does not answer ({type(error).__name__}).") from error
        if answer.is_success:
            return Incoming(answer)
        await answer.aclose()
        if answer.status_code == _NOT_FOUND:
            raise NotFound("There is no such thing.")
        if answer.status_code == _GONE:
            raise Gone("It is erased.")
        raise Unavailable(f"{self._name} answers {answer.status_code}.")

    async def close(self) -> None:
        """Let go of what is open."""
        await self._client.aclose()
