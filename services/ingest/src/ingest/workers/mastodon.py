"""Following the notifications of a Mastodon account."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

import httpx2
import orjson

from ingest.channels.accounts import Unread
from ingest.channels.mastodon import MastodonAccount, as_kept
from ingest.channels.mastodon_server import MastodonServer, Refused
from ingest.channels.reading import each
from ingest.domain.cursors import Cursor
from ingest.domain.heard import Heard
from ingest.usecases import cursors, lately
from ingest.usecases.deps import Deps
from ingest.usecases.receiving import hear, keep
from lintas.telemetry import get_logger
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.ids import MentionId

_log = get_logger(__name__)

#: a stream is renewed after this: catching up finds what it may have dropped unseen
LONGEST_STREAM_S = 600.0
#: a notification that is younger may have an older neighbour that is not committed there yet
_SETTLED = timedelta(minutes=5)
_PAUSE_S = 1.0
#: a connection that breaks again and again is no reason to ask for everything each time
_LOOKED_LATELY = timedelta(minutes=5)
#: decision 8: what goes wrong by itself waits no longer
_USUAL_S = 2


class MastodonLoop:
    """Hears one account: a stream for speed, the list of notifications so that none is missing.

    A notification may be heard twice (from both, or again after a break) and counts once, by the
    id and revision of its status. None is lost: the stream is open before the list is read, and
    the position moves only over what is durable. What is told by the stream alone (a deletion)
    waits here while the database is away; while there is no connection it is missed, so what was
    heard lately is looked at again, so many at a time and from the newest to the oldest.
    """

    def __init__(
        self,
        deps: Deps,
        account: MastodonAccount,
        *,
        longest_stream_s: float = LONGEST_STREAM_S,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._deps = deps
        self._account = account
        self._longest_stream_s = longest_stream_s
        self._transport = transport
        self._sleep = sleep
        self._looked_at: datetime | None = None
        #: where the next look goes on; None: at the newest
        self._looked_below: tuple[datetime, MentionId] | None = None

    async def run(self) -> None:
        """Turn until cancelled; Unavailable, to be started again, when the connection breaks."""
        server = MastodonServer(self._account, self._transport)
        try:
            while True:
                await self.run_once(server)
        except Unavailable as error:
            if isinstance(error, Refused):
                _log.error("account_refused", channel="mastodon", account=self._account.name)
            if error.retry_after_s > _USUAL_S:
                # the server asks for more than the pause that follows anyway
                await self._sleep(error.retry_after_s)
            raise
        finally:
            await server.close()

    async def run_once(self, server: MastodonServer) -> None:
        """One stream, from its catch-up to its end."""
        cursor = await self._position(server)
        async with server.streaming() as events:
            await self._catch_up(server, cursor)
            await self._look_again(server)
            end = asyncio.get_running_loop().time() + self._longest_stream_s
            while (left_s := end - asyncio.get_running_loop().time()) > 0:
                try:
                    async with asyncio.timeout(left_s):
                        event = await anext(events)
                except TimeoutError:
                    return
                except StopAsyncIteration:
                    raise Unavailable("The stream ended.", retry_after_s=0) from None
                await self._take(server, event)

    async def _position(self, server: MastodonServer) -> Cursor:
        """Where to go on; what was there before the account was connected is not ours to hear."""
        cursor = await cursors.read(self._deps, self._account)
        if cursor is None:
            cursor = Cursor(await server.newest())
            await cursors.move(self._deps, self._account, cursor)
        return cursor

    async def _catch_up(self, server: MastodonServer, cursor: Cursor) -> None:
        settled, moving = self._deps.work.clock() - _SETTLED, True
        async for page in server.since(cursor.position):
            parts: list[Heard | Unread] = []
            for _, notification in page:
                told = await self._notification(server, notification)
                if any(isinstance(part, Unread) for part in told):
                    kept = as_kept("notification", orjson.dumps(notification))
                    await hear(self._deps, self._account, kept, told)
                else:
                    parts += told
            await keep(self._deps, self._account, parts)
            old = [*takewhile(lambda one: self._account.told_at(one[1]) < settled, page)]
            if old and moving:
                await cursors.move(self._deps, self._account, Cursor(old[-1][0]))
            moving = moving and len(old) == len(page)

    async def _look_again(self, server: MastodonServer) -> None:
        account, now = self._account, self._deps.work.clock()
        if self._looked_at and now - self._looked_at < _LOOKED_LATELY:
            return
        self._looked_at = now
        since, most = now - timedelta(days=account.look_again_days), account.look_again_most
        heard = await lately.heard(self._deps, account, since, self._looked_below, most)
        for one in heard:
            try:
                status = await server.again(one.external_id)
            except Unavailable as error:
                # hearing what is new goes on; the next look begins here
                _log.warning(
                    "look_ended", channel="mastodon", account=account.name, why=error.detail
                )
                return
            if status is None:
                await keep(self._deps, account, [account.gone(one.external_id)])
            elif found := list(each([status], partial(account.again, revision=one.revision))):
                await keep(self._deps, account, found)
            self._looked_below = one.place
        if len(heard) < most:
            self._looked_below = None

    async def _notification(
        self, server: MastodonServer, notification: object
    ) -> list[Heard | Unread]:
        answered = self._account.replied_to(notification)
        known = await server.above(answered) if answered else {}
        return list(each([notification], lambda node: self._account.notification(node, known)))

    async def _take(self, server: MastodonServer, event: httpx2.ServerSentEvent) -> None:
        answered = None
        with suppress(ValueError):
            answered = self._account.replied_to(orjson.loads(event.data))
        known = await server.above(answered) if answered else {}
        parts = self._account.event(event.event, event.data, known)
        await self._surely(as_kept(event.event, event.data.encode("utf-8", "replace")), parts)

    async def _surely(self, content: bytes, parts: Sequence[Heard | Unread]) -> None:
        """Keep what the stream tells once; meanwhile it waits at the other end."""
        while True:
            try:
                return await hear(self._deps, self._account, content, parts)
            except Unavailable:
                await self._sleep(_PAUSE_S)
