"""Accepting requests and updates that others hand in."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from ingest.domain.identity import Identities
from ingest.domain.mentions import Acceptance, Arrival, Guard, Said, first_mention_id
from ingest.domain.open311.posts import NewRequest, NewUpdate, Upload
from ingest.domain.open311.requests import Hidden
from ingest.domain.open311.services import UNSORTED
from ingest.store import changes
from ingest.store import open311 as store
from ingest.usecases.committing import SharedCommit
from ingest.usecases.last_word import LastWord
from ingest.usecases.media import MediaStore
from ingest.usecases.vault import Vault, data_key
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import DomainError
from lintas.vocabulary.ids import ComplaintId

_OPERATION = "open311"
_FORGOTTEN_AT_ONCE = 1_000


class Posting:
    """The way of a form into the intake.

    Nothing is accepted twice: the same body from the same client within a short while is the same
    request, an update is known by its sender's own id. Nothing accepted is lost: an answer leaves
    after the commit.
    """

    def __init__(
        self,
        work: UnitOfWork,
        commit: SharedCommit,
        identities: Identities,
        vault: Vault,
        media: MediaStore,
        last_word: LastWord,
        *,
        repeat_window: timedelta,
        fresh_id: Callable[[], UUID],
    ) -> None:
        self._work = work
        self._commit = commit
        self._identities = identities
        self._vault = vault
        self._media = media
        self._last_word = last_word
        self._repeat_window = repeat_window
        self._fresh_id = fresh_id

    async def open(
        self, new: NewRequest, *, client: str, body: bytes, traceparent: str
    ) -> Acceptance:
        """Keep a request; `body` is what makes two posts of one client the same.

        Raises:
            Invalid: an answer is not as its attribute asks.
            MediaEmpty, MediaTooLarge, MediaTypeRefused, MediaBroken: a file may not be kept.
            Unavailable: it may be sent again.
        """
        said, now = new.said(client), self._work.clock()
        nonce = await self._nonce(client, body, now)
        guard = Guard(_OPERATION, str(nonce), hashlib.sha256(body).digest())
        arrival = Arrival(said, client, now, traceparent, guard)
        said = await self._with_files(said, self._identities.complaint(arrival), new.uploads)
        [outcome] = await self._commit.submit([replace(arrival, said=said)])
        if isinstance(outcome, DomainError):
            raise outcome
        code = new.service.code
        async with self._work.begin() as tx:
            await store.keep_posted(
                tx,
                outcome.complaint_id,
                None if code == UNSORTED else code,
                Hidden.SECRET if new.secret else None,
                new.given(),
            )
        return outcome

    async def add(
        self, new: NewUpdate, *, client: str, language: str, traceparent: str
    ) -> Acceptance:
        """Keep an update as more of its complaint; its ticket in the text joins them.

        Raises:
            TooLate: it says for the first time that it is not solved, and that counts no more.
            Unavailable: it may be sent again.
        """
        said = new.said(client, language)
        post = self._identities.post(said.channel, said.account, said.external_id or "")
        if new.is_unsolved:
            async with self._work.begin() as tx:
                # what was said in time may be said again, by a client that lost the answer
                if not await changes.kept(tx, [first_mention_id(post)]):
                    await self._last_word.check(tx, new.ticket)
        said = await self._with_files(said, post, new.uploads)
        arrival = Arrival(said, client, self._work.clock(), traceparent)
        [outcome] = await self._commit.submit([arrival])
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

    async def _with_files(self, said: Said, post: ComplaintId, uploads: Sequence[Upload]) -> Said:
        if not uploads:
            return said
        reporter = self._identities.reporter(said, post)
        key = await data_key(self._work, self._vault, reporter)
        kept = [
            await self._media.keep(one.content, one.media_type, one.name, key=key)
            for one in uploads
        ]
        return replace(said, files=tuple(kept))

    async def _nonce(self, client: str, body: bytes, now: datetime) -> UUID:
        digest = hashlib.sha256(body)
        post = self._identities.request(client, Guard(_OPERATION, digest.hexdigest(), b""))
        async with self._work.begin() as tx:
            await store.forget_posts(tx, now - self._repeat_window, _FORGOTTEN_AT_ONCE)
            return await store.nonce_of(tx, post, self._fresh_id(), now, self._repeat_window)
