"""Accepting requests and updates that others hand in."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from ingest.domain.identity import Identities
from ingest.domain.mentions import Acceptance, Arrival, Guard, Said
from ingest.domain.open311.posts import NewRequest, NewUpdate
from ingest.domain.open311.requests import Hidden
from ingest.domain.open311.services import UNSORTED
from ingest.store import open311 as store
from ingest.usecases.committing import SharedCommit
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import DomainError

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
        *,
        repeat_window: timedelta,
        fresh_id: Callable[[], UUID],
    ) -> None:
        self._work = work
        self._commit = commit
        self._identities = identities
        self._repeat_window = repeat_window
        self._fresh_id = fresh_id

    async def open(
        self, new: NewRequest, *, client: str, body: bytes, traceparent: str
    ) -> Acceptance:
        """Keep a request; `body` is what makes two posts of one client the same.

        Raises:
            Invalid: an answer is not as its attribute asks.
            Unavailable: it may be sent again.
        """
        said, now = new.said(client), self._work.clock()
        nonce = await self._nonce(client, body, now)
        guard = Guard(_OPERATION, str(nonce), hashlib.sha256(body).digest())
        acceptance = await self._accepted(said, client, now, traceparent, guard)
        code = new.service.code
        async with self._work.begin() as tx:
            await store.keep_posted(
                tx,
                acceptance.complaint_id,
                None if code == UNSORTED else code,
                Hidden.SECRET if new.secret else None,
                new.given(),
            )
        return acceptance

    async def add(
        self, new: NewUpdate, *, client: str, language: str, traceparent: str
    ) -> Acceptance:
        """Keep an update as more of its complaint."""
        said = new.said(client, language)
        return await self._accepted(said, client, self._work.clock(), traceparent, None)

    async def _accepted(
        self, said: Said, client: str, now: datetime, traceparent: str, guard: Guard | None
    ) -> Acceptance:
        arrival = Arrival(said, client, now, traceparent, guard)
        [outcome] = await self._commit.submit([arrival])
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

    async def _nonce(self, client: str, body: bytes, now: datetime) -> UUID:
        digest = hashlib.sha256(body)
        post = self._identities.request(client, Guard(_OPERATION, digest.hexdigest(), b""))
        async with self._work.begin() as tx:
            await store.forget_posts(tx, now - self._repeat_window, _FORGOTTEN_AT_ONCE)
            return await store.nonce_of(tx, post, self._fresh_id(), now, self._repeat_window)
