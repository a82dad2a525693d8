"""One HTTP request to an address that somebody else chose."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import httpx2

from lintas.net.addresses import AddressBlocked, Resolve, is_blocked, resolve

KIB = 1024
_PORTS = frozenset({443, 8443})
_CONNECT_S = 5.0
_TOTAL_S = 15.0
_MOST_BYTES = 64 * KIB
_OWN_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "lintas"}


class Unanswered(Exception):
    """There is no usable answer now; asking again later may help."""


class TooLong(Unanswered):
    """The answer has more bytes than were wanted; asking again gives no other one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; a redirection is an answer like any other, and is not followed."""

    status: int
    content: bytes
    #: lower-case names
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Target:
    url: httpx2.URL
    host: str
    port: int
    addresses: Sequence[str]


class Asking:
    """Asks https addresses outside, and nothing else.

    A name is resolved once: if any of its addresses is closed it is blocked, and the connection
    goes to the address that was checked. No redirections, no proxies from the environment, no
    coded bodies, bounds on time and size.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        also: Collection[str] = (),
        total_s: float = _TOTAL_S,
        verify: bool = True,
    ) -> None:
        self._resolve = resolve
        #: `http://host:port` that may be asked although it is closed, for tests
        self._also = frozenset(also)
        self._total_s = total_s
        self._client = httpx2.AsyncClient(
            verify=verify,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(total_s, connect=_CONNECT_S),
            # a kept connection would be found again by its address, whatever its certificate says
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Let go of what is open."""
        await self._client.aclose()

    async def check(self, url: str) -> None:
        """Return if `url` may be asked now; it is checked again whenever it is.

        Raises:
            AddressBlocked: it may not.
            Unanswered: its name has no address.
        """
        await self._target(url)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        most_bytes: int = _MOST_BYTES,
    ) -> Answer:
        """The answer to one request.

        Raises:
            AddressBlocked: the address may not be asked.
            Unanswered: none came in time.
            TooLong: it was longer than `most_bytes`.
        """
        try:
            async with asyncio.timeout(self._total_s):
                target = await self._target(url)
                return await self._ask(method, target, headers or {}, content, most_bytes)
        except (TimeoutError, OSError, httpx2.HTTPError) as error:
            raise Unanswered(type(error).__name__) from error

    async def _ask(
        self,
        method: str,
        target: _Target,
        headers: Mapping[str, str],
        content: bytes | None,
        most_bytes: int,
    ) -> Answer:
        request = self._client.build_request(
            method,
            target.url.copy_with(host=target.addresses[0]),
            headers={**headers, **_OWN_HEADERS, "Host": target.url.netloc.decode("ascii")},
            content=content,
            # the certificate has to be that of the name, not of the number
            extensions={"sni_hostname": target.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise Unanswered("a coded body")
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > most_bytes:
                    raise TooLong("too long")
        finally:
            await response.aclose()
        return Answer(response.status_code, bytes(body), dict(response.headers))

    async def _target(self, url: str) -> _Target:
        try:
            if not url.isprintable() or " " in url:
                raise AddressBlocked("an address without blanks")
            parsed = httpx2.URL(url)
            host, port = parsed.host, parsed.port or 443
        except (httpx2.InvalidURL, ValueError, TypeError):
            raise AddressBlocked("an https address") from None
        if parsed.userinfo:
            raise AddressBlocked("an address without a user")
        if f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}" in self._also:
            return _Target(parsed, host, port, await self._resolved(host, port))
        if parsed.scheme != "https" or not host:
            raise AddressBlocked("an https address")
        if port not in _PORTS:
            raise AddressBlocked("port 443 or 8443")
        addresses = await self._resolved(host, port)
        if any(is_blocked(address) for address in addresses):
            raise AddressBlocked("an address that leads outside")
        return _Target(parsed, host, port, addresses)

    async def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = ()
        if not addresses:
            raise Unanswered("the name has no address")
        return addresses
