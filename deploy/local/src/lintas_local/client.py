"""The operator's way to running services: over HTTP, with a key."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import IO, Any, Self

import httpx2
from pydantic import Field

from lintas.config import Secret, Settings
from lintas_local.layout import HOME, Home
from lintas_local.settings import LauncherSettings
from lintas_local.stack.ports import Ports
from lintas_local.stack.secrets import read_secret

#: too many requests, and not available
_AWAY = frozenset({429, 503})
_PIECE_BYTES = 64 << 10
_URL = r"^https?://[^/\s]+$"


class CallFailed(Exception):
    """A service refused or did not answer; the message says which, and why as it says itself."""


class Away(CallFailed):
    """A service did not answer, or says that it cannot work now; asking again may help."""


class OperatorSettings(Settings):
    """Where the `lintas` command finds the services, and as whom it speaks."""

    ingest_url: str | None = Field(
        None, pattern=_URL, description="Address of ingest; of the stack that runs here if unset."
    )
    router_url: str | None = Field(None, pattern=_URL, description="Address of the router.")
    agency_gateway_url: str | None = Field(
        None, pattern=_URL, description="Address of the agency-gateway."
    )
    metrics_url: str | None = Field(None, pattern=_URL, description="Address of metrics.")
    operator_key: Secret | None = Field(
        None, description="Key the `lintas` command uses; the embedded stack's own if unset."
    )
    publisher_key: Secret | None = Field(
        None,
        description="Key it publishes rules with: of another party than hands them in. The embedded"
        " stack's own if unset.",
    )


class Service:
    """One service as the operator sees it."""

    def __init__(
        self,
        name: str,
        address: str,
        key: str | None,
        *,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._name = name
        self._client = httpx2.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=30,
            trust_env=False,
            transport=transport,
        )

    @classmethod
    def of(cls, name: str, environ: Mapping[str, str], *, holder: str = "operator") -> Self:
        """The service as configured, else of the stack that runs here, else on its usual port.

        It is asked with the key of `holder`: the operator or the publisher.
        """
        operator = OperatorSettings.load(environ)
        home = Home(LauncherSettings.load(environ).home or HOME)
        chosen: str | None = getattr(operator, f"{name.replace('-', '_')}_url")
        address = chosen or _running(home, name) or f"http://127.0.0.1:{Ports().of(name)}"
        own = home.keys / f"{holder}.key"
        given: Secret | None = getattr(operator, f"{holder}_key")
        if given:
            return cls(name, address, given.get_secret_value())
        if holder == "publisher" and not own.exists():
            raise CallFailed(
                "there is no key to publish with (LINTAS_PUBLISHER_KEY). The version is kept as a"
                " draft; whoever holds another key publishes it: `lintas rules publish --stored"
                " VERSION`"
            )
        return cls(name, address, read_secret(own) if own.exists() else None)

    @property
    def address(self) -> str:
        """Where it answers."""
        return str(self._client.base_url).rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int | None) -> Any:
        """The JSON at `path`."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", path, params=given)

    def page(self, path: str, **query: str) -> str:
        """The HTML at `path`."""
        return self._send("GET", path, params=query, headers={"Accept": "text/html"}).text

    def content(self, path: str) -> bytes:
        """The bytes at `path`."""
        return self._send("GET", path).content

    def items(self, path: str, **query: str | None) -> list[dict[str, Any]]:
        """Every item of a paged list."""
        return list(self.each(path, **query))

    def each(self, path: str, **query: str | None) -> Iterator[dict[str, Any]]:
        """The items of a paged list one by one, of which there may be many."""
        given = {name: value for name, value in query.items() if value is not None}
        following: str | None = str(httpx2.URL(path, params=given)) if given else path
        while following:
            answer = self._send("GET", following)
            yield from answer.json()["items"]
            following = answer.links.get("next", {}).get("url")

    def post(self, path: str, body: object, *, idempotency_key: str | None = None) -> Any:
        """The JSON answer to a POST."""
        headers = {"Idempotency-Key": f'"{idempotency_key}"'} if idempotency_key else {}
        return self._call("POST", path, json=body, headers=headers)

    def post_lines(self, path: str, lines: bytes) -> Any:
        """The JSON answer to a POST of JSON texts, one a line.

        Raises:
            Away: nothing of it is known to be taken; it may be sent again.
        """
        return self._call(
            "POST", path, content=lines, headers={"Content-Type": "application/x-ndjson"}
        )

    def post_file(self, path: str, file: IO[bytes], **query: str | bool | None) -> Any:
        """The JSON answer to a POST of a file, sent a piece at a time."""
        given = {name: str(value).lower() for name, value in query.items() if value is not None}
        pieces = iter(partial(file.read, _PIECE_BYTES), b"")
        return self._call(
            "POST",
            path,
            params=given,
            content=pieces,
            headers={"Content-Type": "application/octet-stream"},
        )

    def put(self, path: str, body: object) -> Any:
        """The JSON answer to a PUT."""
        return self._call("PUT", path, json=body)

    def _call(self, method: str, path: str, **request: Any) -> Any:
        answer = self._send(method, path, **request)
        return answer.json() if answer.content else None

    def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        try:
            answer = self._client.request(method, path, **request)
        except httpx2.HTTPError as error:
            raise Away(
                f"{self._name} at {self._client.base_url} does not answer"
                f" ({type(error).__name__}). Is `lintas up` running?"
            ) from error
        if answer.is_success:
            return answer
        kind = Away if answer.status_code in _AWAY else CallFailed
        raise kind(f"{self._name} refuses {method} {path}: {_reason(answer)}")


def _reason(answer: httpx2.Response) -> str:
    """What a problem document says (RFC 9457): title, detail and each field in the way."""
    try:
        problem = answer.json()
        parts = [str(answer.status_code), problem.get("title"), problem.get("detail")]
        parts += [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", [])]
    except (ValueError, AttributeError, KeyError, TypeError):
        return str(answer.status_code)
    return ", ".join(str(part) for part in parts if part)


def _running(home: Home, name: str) -> str | None:
    try:
        address: str | None = json.loads(home.running.read_text())["addresses"].get(name)
    except (OSError, ValueError, KeyError):
        return None
    return address
