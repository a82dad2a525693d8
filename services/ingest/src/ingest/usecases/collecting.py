"""Files that a mention only names: asked for apart from the acknowledgement, kept, and told of."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urljoin, urlsplit

from ingest.channels.accounts import Accounts, Found, Question, Search, public_address
from ingest.channels.reading import NotRead
from ingest.domain.city import City
from ingest.domain.mentions import Attachment
from ingest.domain.pointed import wait
from ingest.store import awaited as store
from ingest.store import changes
from ingest.store.awaited import Awaited
from ingest.store.changes import State
from ingest.usecases.changing import Attached, Changing, opened
from ingest.usecases.due import Due
from ingest.usecases.intake import Intake, Taken
from ingest.usecases.media import MediaStore
from ingest.usecases.originals import still_named
from ingest.usecases.vault import OpenKey, Vault
from lintas.contracts.events.mentions import Media
from lintas.database.work import Transaction, UnitOfWork
from lintas.net import AddressBlocked, Answer, Asking, TooLong, Unanswered
from lintas.privacy import SealBroken
from lintas.telemetry import count, get_logger
from lintas.vocabulary.errors import DomainError, Unavailable
from lintas.vocabulary.ids import MentionId

_log = get_logger(__name__)

#: mentions at once; each holds one file in memory
_AT_ONCE = 4
#: so long a mention is ours alone; an end while we ask is noticed after it
_LEASE = timedelta(minutes=10)
_OK = 200
_MOVED = frozenset({301, 302, 303, 307, 308})
_MOST_MOVES = 3
#: bytes of an answer that only says where a file is
_LONGEST_ANSWER = 65_536

#: how to get a file, by what a mention calls it
Locate = Callable[[str], Search | Found | None]


class NotNow(Exception):
    """A file did not come; the message says why, and nothing of what was asked."""


class NoToken(NotNow):
    """There is nothing to ask with; an operator may still add it."""


class Refused(Exception):
    """A file came, or would come, that is not kept; asking again changes nothing."""


class Collecting:
    """Downloads what mentions name, keeps it under their reporter's key, and tells of it.

    A mention waits in the database until all its files are kept, refused or given up, and one
    instance at a time asks. The mention itself is out long before: nothing here delays it. An end
    between keeping and telling asks again: the same file has the same reference, and is told once.
    """

    def __init__(
        self,
        work: UnitOfWork,
        accounts: Accounts,
        intake: Intake,
        changing: Changing,
        vault: Vault,
        media: MediaStore,
        asking: Asking,
        *,
        most_bytes: int,
        spread: Callable[[], float],
    ) -> None:
        self._work = work
        self._accounts = accounts
        self._intake = intake
        self._changing = changing
        self._vault = vault
        self._media = media
        self._asking = asking
        self._most_bytes = most_bytes
        self._spread = spread
        self.due = self._queue(public=False)
        #: apart from the platforms': whoever posts addresses may name slow ones, and many
        self.due_public = self._queue(public=True)

    def _queue(self, *, public: bool) -> Due[Awaited]:
        take = partial(store.take, public=public)
        return Due(self._work, take, self._collect, lease=_LEASE, at_once=_AT_ONCE)

    async def remember(
        self, mentions: Sequence[MentionId], channel: str, account: str, traceparent: str
    ) -> None:
        """Ask the platform for the files of these; Unavailable where that is not known to be kept."""
        named = [store.Named(one, channel, account, traceparent) for one in mentions]
        async with self._work.begin() as tx:
            await store.remember(tx, named, self._work.clock())
        self.due.wake()

    async def _collect(self, taken: Awaited) -> None:
        async with self._work.begin() as tx:
            state = (await changes.kept(tx, [taken.mention_id])).get(taken.mention_id)
        named = self._named(state)
        if state is None or not named:
            # withdrawn or erased, or all is kept already
            await self._forget(taken)
            return
        key = OpenKey(state.key.key_id, self._vault.open_key(state.key))
        locate = self._locate(taken)
        files: dict[Attachment, Media] = {}
        refused: set[Attachment] = set()
        for one in named:
            try:
                files[one] = await self._file(locate(one.url), key)
            except Refused as error:
                refused.add(one)
                self._note(taken, "refused", error)
            except NotNow as error:
                self._note(taken, "no_token" if isinstance(error, NoToken) else "put_off", error)
        ended: Counter[str] = Counter()
        await self._intake.committed(partial(self._settle, taken, files, refused, ended), "attach")
        for outcome, number in ended.items():
            count("lintas_media_fetches_total", number, channel=taken.channel, outcome=outcome)

    async def _settle(
        self,
        taken: Awaited,
        files: dict[Attachment, Media],
        refused: set[Attachment],
        ended: Counter[str],
        tx: Transaction,
        city: City,
    ) -> Taken:
        """Tell of what came, and say what becomes of the rest; both or neither."""
        # it may be tried again
        ended.clear()
        attached: Attached = await self._changing.attach(
            tx,
            city,
            taken.mention_id,
            files,
            now=self._work.clock(),
            traceparent=taken.traceparent,
        )
        mention, missing = taken.mention_id, set(attached.missing)
        ended["kept"] = attached.added
        pause = wait(taken.tries, self._spread())
        if not missing:
            await store.forget(tx, mention)
        elif missing <= refused:
            await store.end(tx, mention, "refused")
        elif pause is None:
            ended["given_up"] = len(missing - refused)
            await store.end(tx, mention, "given_up")
        else:
            await store.put_off(tx, mention, self._work.clock() + pause)
        return Taken(events=min(1, attached.added))

    def _named(self, state: State | None) -> Sequence[Attachment]:
        if state is None or state.withdrawn or state.key.wrapped is None or not state.sealed:
            return ()
        try:
            return still_named(opened(state, self._vault.open_key(state.key)))
        except SealBroken:
            return ()

    def _locate(self, taken: Awaited) -> Locate:
        if taken.account is None:
            return public_address
        account = self._accounts.get(taken.channel, taken.account)
        return _nowhere if account is None else account.locate

    async def _file(self, where: Search | Found | None, key: OpenKey) -> Media:
        content = await self._downloaded(where)
        try:
            return await self._media.keep(content, None, None, key=key)
        except Unavailable as error:
            raise NotNow("the media store is away") from error
        except DomainError as error:
            raise Refused(error.code) from error

    async def _downloaded(self, where: Search | Found | None) -> bytes:
        if where is None:
            raise NoToken("no account with a token")
        if not isinstance(where, Found):
            answer = await self._asked(where.question)
            try:
                where = where.found(answer.content)
            except NotRead as error:
                raise NotNow("an answer nobody can read") from error
        content = (await self._asked(where.question, most_bytes=self._most_bytes)).content
        if where.sha256 is not None and hashlib.sha256(content).hexdigest() != where.sha256:
            raise NotNow("not the file that was meant")
        return content

    async def _asked(self, question: Question, most_bytes: int = _LONGEST_ANSWER) -> Answer:
        """The answer, wherever the platform moved it to; each address is guarded."""
        url, headers = question.url, question.headers
        for _ in range(1 + _MOST_MOVES):
            try:
                answer = await self._asking.ask("GET", url, headers=headers, most_bytes=most_bytes)
            except TooLong as error:
                raise Refused("too-large") from error
            except AddressBlocked as error:
                raise Refused(error.code) from error
            except Unanswered as error:
                raise NotNow(type(error).__name__) from error
            if answer.status == _OK:
                return answer
            if answer.status not in _MOVED or "location" not in answer.headers:
                raise NotNow(f"status {answer.status}")
            moved = urljoin(url, answer.headers["location"])
            if urlsplit(moved)[:2] != urlsplit(url)[:2]:
                # what shows that we may is nobody else's
                headers = {}
            url = moved
        raise NotNow("moved too often")

    def _note(self, taken: Awaited, outcome: str, error: Exception) -> None:
        _log.info("no_file", channel=taken.channel, tries=taken.tries, reason=str(error))
        count("lintas_media_fetches_total", channel=taken.channel, outcome=outcome)

    async def _forget(self, taken: Awaited) -> None:
        async with self._work.begin() as tx:
            await store.forget(tx, taken.mention_id)
        count("lintas_media_fetches_total", channel=taken.channel, outcome="gone")


def _nowhere(_url: str) -> None:
    """An account that is there no more has no token."""
