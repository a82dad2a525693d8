"""One service asking another one of Lintas, over HTTP, with a key of its own."""

from typing import Any

import httpx2

from lintas.vocabulary.errors import Unavailable

_TOTAL_S = 10.0


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

    async def close(self) -> None:
        """Let go of what is open."""
        await self._client.aclose()
