"""What platforms only pointed to: remembered, and asked for apart from the acknowledgement."""

import hmac
from collections.abc import Callable, Sequence
from datetime import timedelta

import orjson

from ingest.channels.accounts import Account, Accounts, FetchingAccount, Unread
from ingest.domain.heard import Heard, Pointed
from ingest.domain.pointed import wait
from ingest.store import pointers as store
from ingest.store.pointers import Pointer, Taken
from ingest.usecases.due import Due
from ingest.usecases.keeping import Keeping, Source
from lintas.database.work import UnitOfWork
from lintas.net import AddressBlocked, Asking, Unanswered
from lintas.privacy import SealBroken, seal, unseal
from lintas.telemetry import count, get_logger

_log = get_logger(__name__)

_UNIT = "\x1f"  # cannot occur in an accepted identifier
_AT_ONCE = 8
#: so long a pointer is ours alone; longer than any question may take
_LEASE = timedelta(minutes=1)
_OK = 200


class NotFetched(Exception):
    """The platform gave no text now; the message says why, and nothing of what was asked."""


class Fetching:
    """Remembers pointers until their text is heard; ids stand in the database only sealed.

    A pointer is asked for again until it is answered or given up, by one instance at a time. An end
    between hearing and forgetting asks again, and hearing counts each mention once.
    """

    def __init__(
        self,
        work: UnitOfWork,
        accounts: Accounts,
        keeping: Keeping,
        asking: Asking,
        *,
        key: bytes,
        spread: Callable[[], float],
    ) -> None:
        self._work = work
        self._accounts = accounts
        self._keeping = keeping
        self._asking = asking
        self._key = key
        self._spread = spread
        self.due = Due(work, store.take, self._fetch, lease=_LEASE, at_once=_AT_ONCE)

    async def remember(self, pointed: Sequence[Pointed], source: Source) -> None:
        """Keep each once, however often it comes; Unavailable where that is not known."""
        pointers = {one.pointer: one for one in map(self._pointer, pointed)}
        async with self._work.begin() as tx:
            await store.remember(tx, [*pointers.values()], source.received_at, source.traceparent)
        self.due.wake()

    async def _fetch(self, taken: Taken) -> None:
        try:
            pointed = self._opened(taken)
        except SealBroken:
            # the key it was sealed with is gone; others are still asked for
            await self._keeping.set_aside(_source(taken), "unreadable", taken.sealed)
            await self._forget(taken, "given_up")
            return
        try:
            parts = await self._asked(self._accounts.get(taken.channel, taken.account), pointed)
        except NotFetched as error:
            await self._put_off(taken, str(error))
        else:
            await self._keeping.keep(_source(taken), parts)
            await self._forget(taken, "fetched")

    async def _asked(self, account: Account | None, pointed: Pointed) -> Sequence[Heard | Unread]:
        question = account.question(pointed) if isinstance(account, FetchingAccount) else None
        if question is None or not isinstance(account, FetchingAccount):
            raise NotFetched("no account with a token")
        try:
            answer = await self._asking.ask("GET", question.url, headers=question.headers)
        except (AddressBlocked, Unanswered) as error:
            raise NotFetched(type(error).__name__) from error
        if answer.status != _OK:
            raise NotFetched(f"status {answer.status}")
        return account.answer(pointed, answer.content)

    async def _put_off(self, taken: Taken, reason: str) -> None:
        pause = wait(taken.tries, self._spread())
        _log.info("not_fetched", channel=taken.channel, tries=taken.tries, reason=reason)
        if pause is None:
            await self._keeping.set_aside(_source(taken), "unfetched", self._content(taken))
            await self._forget(taken, "given_up")
            return
        count("lintas_fetches_total", channel=taken.channel, outcome="put_off")
        async with self._work.begin() as tx:
            await store.put_off(tx, taken.pointer, self._work.clock() + pause)

    async def _forget(self, taken: Taken, outcome: str) -> None:
        async with self._work.begin() as tx:
            await store.forget(tx, taken.pointer)
        count("lintas_fetches_total", channel=taken.channel, outcome=outcome)

    def _pointer(self, pointed: Pointed) -> Pointer:
        name = _UNIT.join((pointed.channel, pointed.account, pointed.external_id)).encode()
        pointer = hmac.digest(self._key, b"pointer" + name, "sha256")
        content = orjson.dumps([pointed.external_id, pointed.ids])
        return Pointer(pointer, pointed.channel, pointed.account, seal(self._key, content, pointer))

    def _opened(self, taken: Taken) -> Pointed:
        external_id, ids = orjson.loads(self._content(taken))
        return Pointed(
            taken.channel, taken.account, external_id, tuple((name, one) for name, one in ids)
        )

    def _content(self, taken: Taken) -> bytes:
        return unseal(self._key, taken.sealed, taken.pointer)


def _source(taken: Taken) -> Source:
    return Source(taken.channel, taken.account, taken.received_at, taken.traceparent)
