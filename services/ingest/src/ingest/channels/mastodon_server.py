"""A Mastodon server as its API shows it to one account."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from ingest.channels.mastodon import MastodonAccount
from ingest.channels.reading import Node, NotRead
from lintas.vocabulary.errors import Invalid, Unavailable
from lintas.web import parse_tree

#: the server says something every 15 s, if only that it is there
_SILENCE_S = 45
_ANSWER_S = 10
_PER_PAGE = "40"
_WHAT_WE_READ = [("types[]", "mention"), ("types[]", "update"), ("limit", _PER_PAGE)]
#: pages of one catch-up; more come with the next one
_MOST_PAGES = 1_000
_REFUSED = frozenset({401, 403})
_GONE = frozenset({404, 410})
#: questions of one period that are kept for what is new
_LEFT_FOR_OTHERS = 60


class Refused(Unavailable):
    """The server does not let this account in: its token is wrong, or its permission is gone."""


class MastodonServer:
    """Asks for one account; every failure of the way there is `Unavailable`."""

    def __init__(
        self, account: MastodonAccount, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._account = account
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {account.token_file.get_secret_value()}"},
            timeout=_ANSWER_S,
            transport=transport,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def newest(self) -> str:
        """The id of the newest notification; `0` before the first."""
        found = await self._get("/api/v1/notifications", [("limit", "1")])
        return max((one[0] for one in _listed(found)), key=_order, default="0")

    async def since(self, position: str) -> AsyncIterator[list[tuple[str, Any]]]:
        """Mentions and edits after `position`, oldest first, page by page: ids and notifications."""
        for _ in range(_MOST_PAGES):
            answer = await self._get(
                "/api/v1/notifications", [*_WHAT_WE_READ, ("min_id", position)]
            )
            page = sorted(_listed(answer), key=lambda one: _order(one[0]))
            if not page:
                return
            yield page
            # only the number is taken over: our token goes nowhere else than to this server
            further = max(_min_id(answer) or page[-1][0], page[-1][0], key=_order)
            if _order(further) <= _order(position):
                return
            position = further

    async def above(self, status: str) -> Mapping[str, Node]:
        """What a status answers, up to the first of its thread; nothing where that is not told."""
        with suppress(Unavailable, NotRead):
            answer = await self._get(f"/api/v1/statuses/{status}/context", [])
            found = Node(_tree(answer)).parts("ancestors")
            return {one.need_id("id"): one for one in found}
        return {}

    async def again(self, status: str) -> Node | None:
        """A status as it is by now; None where it is gone, or hidden from this account.

        Raises:
            Unavailable: it is not told; also while few questions are left to us.
        """
        with _as_outage():
            answer = await self._client.get(f"{self._account.server}/api/v1/statuses/{status}")
        if answer.status_code in _GONE and _says_so(answer):
            return None
        _check(answer)
        left = answer.headers.get("x-ratelimit-remaining", "")
        if left.isdigit() and int(left) < _LEFT_FOR_OTHERS:
            raise Unavailable("The Mastodon server wants fewer questions.")
        try:
            return Node(_tree(answer))
        except NotRead:
            raise Unavailable("The Mastodon server answered no status.") from None

    @asynccontextmanager
    async def streaming(self) -> AsyncIterator[AsyncIterator[httpx2.ServerSentEvent]]:
        """The events from now on; whoever catches up inside the block misses none."""
        address = f"{await self._streaming_address()}/api/v1/streaming/user/notification"
        timeout = httpx2.Timeout(_ANSWER_S, read=_SILENCE_S)
        with _as_outage():
            async with self._client.stream("GET", address, timeout=timeout) as response:
                _check(response)
                yield _events(response)

    async def _streaming_address(self) -> str:
        with suppress(Unavailable, NotRead):
            told = Node(_tree(await self._get("/api/v2/instance", [])))
            address = told.part("configuration").part("urls").text("streaming")
            scheme, _, rest = address.rstrip("/").partition("://")
            web = {"wss": "https", "https": "https", "ws": "http", "http": "http"}.get(scheme)
            # a token that went over TLS so far does not go without
            if rest and web and (web == "https" or self._account.server.startswith("http:")):
                return f"{web}://{rest}"
        return self._account.server

    async def _get(self, path: str, query: Sequence[tuple[str, str]]) -> httpx2.Response:
        with _as_outage():
            answer = await self._client.get(
                self._account.server + path, params=httpx2.QueryParams([*query])
            )
        _check(answer)
        return answer


async def _events(response: httpx2.Response) -> AsyncIterator[httpx2.ServerSentEvent]:
    with _as_outage():
        async for event in httpx2.EventSource(response):
            yield event


class _as_outage:  # noqa: N801  # reads as the statement it is
    """Turns what goes wrong on the way to the server into Unavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, httpx2.HTTPError):
            # no chain: an address may hold a person's id
            raise Unavailable("The Mastodon server is not available.") from None


def _check(answer: httpx2.Response) -> None:
    if answer.status_code in _REFUSED:
        raise Refused("The Mastodon server refuses the token.", retry_after_s=60)
    if answer.is_success:
        return
    wait = answer.headers.get("retry-after", "")
    raise Unavailable(
        f"The Mastodon server answered {answer.status_code}.",
        retry_after_s=int(wait) if wait.isdigit() and len(wait) <= 4 else 2,  # noqa: PLR2004
    )


def _says_so(answer: httpx2.Response) -> bool:
    """Whether it is the server itself that knows of nothing there, and no proxy before it."""
    with suppress(Unavailable, NotRead):
        return Node(_tree(answer)).has("error")
    return False


def _tree(answer: httpx2.Response) -> Any:
    try:
        return parse_tree(answer.content)
    except Invalid:
        raise Unavailable("The Mastodon server answered no JSON.") from None


def _listed(answer: httpx2.Response) -> list[tuple[str, Any]]:
    found = _tree(answer)
    if not isinstance(found, list):
        raise Unavailable("The Mastodon server answered no list.")
    listed = []
    for one in found:
        with suppress(NotRead):
            listed.append((Node(one).need_id("id"), one))
    return listed


def _min_id(answer: httpx2.Response) -> str | None:
    newer = answer.links.get("prev", {}).get("url", "")
    return next(iter(parse_qs(urlsplit(newer).query).get("min_id", [])), None)


def _order(number: str) -> tuple[int, str]:
    """Ids of one server in the order of this are in the order of time."""
    return len(number), number
