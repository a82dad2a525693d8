import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lintas.web.body import KIB

HEADERS_S = 8.0
MOST_HEADER_BYTES = 64 * KIB


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a limit on the time and size of a request's headers.

    Alone it waits for headers without end, so a few hundred connections that send one byte now
    and then hold all of a server's sockets. Use: `uvicorn --http lintas.web.protocol:PatientProtocol`.
    """

    headers_s = HEADERS_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: asyncio.TimerHandle | None = None
        self._received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A client connected; its first request is due."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived; between requests they begin the next one."""
        if self._waiting is None and self._is_idle():
            self._wait()
        if self._waiting is not None:
            self._received += len(data)
        super().data_received(data)
        # headers and body may come together: then `on_headers_complete` has ended the wait
        if self._waiting is not None and self._received > MOST_HEADER_BYTES:
            self.transport.close()

    def on_headers_complete(self) -> None:
        """The headers are here in time."""
        self._stop_waiting()
        super().on_headers_complete()

    def _is_idle(self) -> bool:
        return self.cycle is None or (self.cycle.response_complete and not self.cycle.more_body)

    def _wait(self) -> None:
        self._received = 0
        self._waiting = self.loop.call_later(self.headers_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()
