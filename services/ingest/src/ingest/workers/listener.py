"""Letters that a mail server hands over to us, by SMTP or LMTP."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

from ingest.channels.email import EmailAccount
from ingest.channels.letters import Letter
from ingest.usecases.deps import Deps
from ingest.usecases.receiving import hear
from lintas.telemetry import get_logger
from lintas.vocabulary.errors import Unavailable

_log = get_logger(__name__)

_KEPT = "250 2.0.0 Kept"
_LATER = "451 4.3.0 Not kept; try again later"
_NOBODY = "550 5.1.1 Nobody here has this address"
_TOO_MANY = "452 4.5.3 Too many recipients"
_BUSY = b"421 4.3.2 Too many connections; try again later\r\n"
_MOST_RECIPIENTS = 100
#: broken programs send longer lines than they may; what they say counts all the same
_LONGEST_LINE = 64 * 1024
_SILENCE_S = 60.0


class ListenerLoop:
    """Listens where a mail server of ours delivers; nobody else is to reach it.

    A letter is answered 250 once it is durable and 451 where that is not known: it may be handed
    over twice and counts once, and none is lost.
    """

    def __init__(
        self,
        deps: Deps,
        accounts: Sequence[EmailAccount],
        *,
        address: tuple[str, int],
        protocol: Literal["smtp", "lmtp"],
        most_bytes: int,
        most_connections: int,
    ) -> None:
        self._handler = _Handler(deps, accounts)
        self._address = address
        self._kind = _Lmtp if protocol == "lmtp" else _Smtp
        self._most_bytes = most_bytes
        self._open = _Open(most_connections)
        #: where it listens; empty while it does not
        self.listening: list[tuple[str, int]] = []

    async def run(self) -> None:
        """Listen until cancelled; OSError where the address is taken."""
        # it names addresses of people
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        host, port = self._address
        server = await asyncio.get_running_loop().create_server(self._session, host, port)
        try:
            self.listening = [one.getsockname()[:2] for one in server.sockets]
            await server.serve_forever()
        finally:
            self.listening = []
            server.close()
            self._open.end()

    def _session(self) -> "_Smtp | _Lmtp":
        return self._kind(
            self._handler,
            self._open,
            data_size_limit=self._most_bytes,
            enable_SMTPUTF8=True,
            hostname="lintas",
            ident="ready",
            timeout=_SILENCE_S,
            loop=asyncio.get_running_loop(),
        )


class _Open:
    """The connections of one listener."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._transports: set[asyncio.Transport] = set()

    def let_in(self, transport: asyncio.Transport) -> bool:
        if len(self._transports) >= self._most:
            transport.write(_BUSY)
            transport.close()
            return False
        self._transports.add(transport)
        return True

    def gone(self, transport: asyncio.Transport | None) -> None:
        if transport is not None:
            self._transports.discard(transport)

    def end(self) -> None:
        """Cut what is open; a letter that was not answered is handed over again."""
        for transport in [*self._transports]:
            transport.abort()


class _Smtp(SMTP):
    line_length_limit = _LONGEST_LINE

    def __init__(self, handler: "_Handler", opened: _Open, **more: Any) -> None:
        super().__init__(handler, **more)
        self._opened = opened
        self._let_in = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # for the type checker
        self._let_in = self._opened.let_in(transport)
        if self._let_in:
            super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if self._let_in:
            self._opened.gone(
                self.transport if isinstance(self.transport, asyncio.Transport) else None
            )
            super().connection_lost(error)

    @override
    def data_received(self, data: bytes) -> None:
        if self._let_in:
            super().data_received(data)

    @override
    def eof_received(self) -> bool | None:
        return super().eof_received() if self._let_in else False


class _Lmtp(_Smtp, LMTP):
    """As SMTP, with an answer for each recipient (RFC 2033)."""


class _Handler:
    """What each command of a session means here."""

    def __init__(self, deps: Deps, accounts: Sequence[EmailAccount]) -> None:
        self._deps = deps
        self._accounts = accounts

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether somebody here has this address."""
        if self._account(address) is None:
            return _NOBODY
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return _TOO_MANY
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # as aiosmtpd calls it
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        """Keep the letter for each account it was sent to."""
        raw = envelope.content
        addressed: dict[str, list[str]] = defaultdict(list)
        for recipient in envelope.rcpt_tos:
            account = self._account(recipient)
            if account is not None:
                addressed[account.name].append(recipient)
        became = {}
        for account in self._accounts:
            recipients = addressed.get(account.name)
            if recipients and isinstance(raw, bytes):
                letter = Letter(raw, envelope.mail_from, tuple(recipients))
                became[account.name] = await self._keep(account, letter)
        if isinstance(server, LMTP):
            answers = [became[self._name(recipient)] for recipient in envelope.rcpt_tos]
            return "\r\n".join(answers)
        # one answer for all: what is kept already counts once when it comes again
        return _KEPT if set(became.values()) == {_KEPT} else _LATER

    async def handle_exception(self, error: Exception) -> str:
        """What a session hears when we fail."""
        # no traceback: it would show what people wrote
        _log.error("mail_session_failed", error=type(error).__name__)
        return _LATER

    async def _keep(self, account: EmailAccount, letter: Letter) -> str:
        try:
            parts = await asyncio.to_thread(account.read, letter, self._deps.work.clock())
            await hear(self._deps, account, letter.packed(), parts)
        except Unavailable:
            return _LATER
        return _KEPT

    def _account(self, address: str) -> EmailAccount | None:
        return next((one for one in self._accounts if one.takes(address)), None)

    def _name(self, address: str) -> str:
        account = self._account(address)
        return account.name if account else ""
