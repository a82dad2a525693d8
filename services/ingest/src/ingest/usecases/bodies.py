"""What webhooks brought, and what of other feeds was not read, kept as it came, so that it can be read again after a mend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.channels.accounts import Account, Unread
from ingest.domain.bodies import Body
from ingest.domain.heard import Edited, Heard, Noted, Posted, Renamed
from ingest.domain.identity import Identities
from ingest.store import bodies as store
from lintas.database.work import UnitOfWork
from lintas.privacy import seal, unseal

#: larger ones are letters with files, which the media store keeps
_LARGEST = 1024 * 1024
_BOUND_TO = b"webhook_body"

Parts = Sequence[Heard | Unread]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads again."""

    actor: str
    client: str | None


class Bodies:
    """Keeps bodies sealed for so long; an erasure takes those that tell of the reporter with it."""

    def __init__(
        self, work: UnitOfWork, identities: Identities, key: bytes, kept_for: timedelta
    ) -> None:
        self._work = work
        self._identities = identities
        self._key = key
        self._kept_for = kept_for

    async def keep(
        self, account: Account, body: bytes, parts: Parts, received_at: datetime
    ) -> None:
        """Keep a body that was read as `parts`; durable when this returns.

        What nobody said (a receipt, a reaction) is not worth keeping, nor what is very large.

        Raises:
            Unavailable: it is not known to be kept.
        """
        if not self._kept_for or len(body) > _LARGEST or not any(map(_may_be_misread, parts)):
            return
        digest = self._identities.body(account.channel, account.name, body)
        kept = Body(0, account.channel, account.name, _unread(parts), received_at, None)
        sealed = seal(self._key, body, _BOUND_TO)
        async with self._work.begin() as tx:
            await store.keep(
                tx, digest, kept, sealed, self._told_of(parts), received_at + self._kept_for
            )

    async def listed(self, *, every: bool, after: int, most: int) -> Sequence[Body]:
        """Bodies behind number `after`, oldest first: those not wholly read, or every one."""
        async with self._work.begin() as tx:
            return await store.listed(
                tx, every=every, after=after, most=most, now=self._work.clock()
            )

    async def opened(self, number: int) -> bytes | None:
        """The content of one; None where it is gone meanwhile."""
        async with self._work.begin() as tx:
            sealed = await store.sealed(tx, number)
        return None if sealed is None else unseal(self._key, sealed, _BOUND_TO)

    async def replayed(self, number: int, parts: Parts, reader: Reader) -> tuple[str, ...]:
        """It was read again as `parts` by `reader`; what is still unread."""
        unread, at = _unread(parts), self._work.clock()
        outcome = "unread" if unread else "read"
        async with self._work.begin() as tx:
            await store.replayed(tx, number, unread, self._told_of(parts), at)
            await store.record(tx, number, reader.actor, reader.client, outcome, at)
        return unread

    def _told_of(self, parts: Parts) -> Sequence[bytes]:
        return sorted({one for part in parts for one in self._reporters(part)})

    def _reporters(self, part: Heard | Unread) -> Iterator[bytes]:
        if isinstance(part, Posted | Edited):
            said = part.said
            post = self._identities.post(said.channel, said.account, said.external_id or "")
            yield self._identities.reporter(said, post)
        elif isinstance(part, Renamed):
            for name in (part.previous, part.current):
                yield from self._identities.aliases(part.channel, part.account, name)


def _unread(parts: Parts) -> tuple[str, ...]:
    return tuple(sorted({part.reason for part in parts if isinstance(part, Unread)}))


def _may_be_misread(part: Heard | Unread) -> bool:
    if isinstance(part, Noted):
        return part.kind == "unknown"
    return isinstance(part, Posted | Edited | Renamed | Unread)
