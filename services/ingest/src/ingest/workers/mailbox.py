"""Reading a mailbox, now and then."""

import asyncio
from collections.abc import Awaitable, Callable

from ingest.channels.accounts import Unread
from ingest.channels.email import EmailAccount
from ingest.channels.letters import Letter
from ingest.channels.mailbox import Found, Mailbox, MailboxAway
from ingest.domain.cursors import Cursor
from ingest.usecases import cursors
from ingest.usecases.deps import Deps
from ingest.usecases.receiving import hear, keep
from lintas.telemetry import get_logger

_log = get_logger(__name__)

#: letters of one connection
_AT_ONCE = 20


class MailboxLoop:
    """Reads one account's mailbox.

    The position moves only over letters that are durable, so one may be read again and counts
    once, and none is lost. A letter that is too large or that nobody can read does not stop those
    behind it; it stays in the mailbox.
    """

    def __init__(
        self,
        deps: Deps,
        account: EmailAccount,
        *,
        most_bytes: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._deps = deps
        self._account = account
        self._mailbox = Mailbox(account)
        self._most_bytes = most_bytes
        self._sleep = sleep

    async def run(self) -> None:
        """Turn until cancelled; Unavailable, to be started again, while nothing can be kept."""
        while True:
            try:
                more = await self.run_once()
            except MailboxAway:
                # a server that is asked again and again may lock the account
                _log.warning("mailbox_away", account=self._account.name)
                more = False
            if not more:
                await self._sleep(self._account.imap_every_s)

    async def run_once(self) -> bool:
        """Read what is new, up to a number of letters; whether there may be more."""
        held = await cursors.read(self._deps, self._account) or Cursor("0")
        epoch, found = await asyncio.to_thread(
            self._mailbox.read, held.epoch, int(held.position), _AT_ONCE, self._most_bytes
        )
        for one in found:
            await self._hear(one)
            await cursors.move(self._deps, self._account, Cursor(str(one.uid), epoch))
        await asyncio.to_thread(self._mailbox.settle, [one.uid for one in found])
        return len(found) == _AT_ONCE

    async def _hear(self, found: Found) -> None:
        if found.raw is None:
            too_large = Unread("too_large", f"UID {found.uid}".encode())
            await keep(self._deps, self._account, [too_large])
            return
        letter = Letter(found.raw)
        parts = await asyncio.to_thread(self._account.read, letter, self._deps.work.clock())
        await hear(self._deps, self._account, letter.packed(), parts)
