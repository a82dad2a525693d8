"""A TCP proxy that can misbehave like a network, or like a machine that went away."""

import asyncio
import socket
import struct
from contextlib import suppress
from enum import StrEnum

_CHUNK = 65_536
_ADDRESS = "127.0.0.1"
#: close() sends a reset instead of an orderly end
_RESET = struct.pack("ii", 1, 0)


class Mode(StrEnum):
    """What happens to what passes."""

    #: everything passes
    PASS = "pass"
    #: each piece is held for `latency_s`
    LATENCY = "latency"
    #: no more than `bytes_per_s` each way
    BANDWIDTH = "bandwidth"
    #: nothing passes and nobody is told; what was sent meanwhile passes afterwards
    BLACK_HOLE = "black_hole"
    #: connections are reset, the new ones at once
    RESET = "reset"
    #: the server's side is gone, and the client is not told: what it sends disappears
    HALF_OPEN = "half_open"
    #: requests reach the server, its replies disappear, then the connection is reset
    SWALLOW_REPLY = "swallow_reply"


class Pipe:
    """One proxied connection; a subclass may look into what passes."""

    def __init__(
        self, proxy: "Proxy", client: asyncio.StreamWriter, server: asyncio.StreamWriter
    ) -> None:
        self.proxy = proxy
        self.client = client
        self.server = server

    async def forward(self, data: bytes) -> None:
        """Pass on what the client sent."""
        self.server.write(data)
        await self.server.drain()

    async def reply(self, data: bytes) -> None:
        """Pass on what the server sent."""
        self.client.write(data)
        await self.client.drain()


class Proxy:
    """Listens on `port` and passes everything on to `target`, as its mode says.

    A mode holds for connections that are open and for new ones; `heal` is `PASS` again.
    """

    def __init__(self, port: int, target: int, *, pipe: type[Pipe] = Pipe) -> None:
        self.port = port
        self.target = target
        self.mode = Mode.PASS
        self.latency_s = 0.2
        self.bytes_per_s = 65_536
        self._make_pipe = pipe
        self._open: set[Pipe] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, _ADDRESS, self.port)

    async def stop(self) -> None:
        """End every connection, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def set(self, mode: Mode) -> None:
        """Behave like this from now on."""
        self.mode = mode
        if mode is Mode.BLACK_HOLE:
            self._passes.clear()
        else:
            self._passes.set()
        for pipe in list(self._open):
            if mode is Mode.RESET:
                _reset(pipe.client)
                pipe.server.close()
            elif mode is Mode.HALF_OPEN:
                pipe.server.close()

    def heal(self) -> None:
        """Let everything pass again; connections that lost something are reset."""
        lost = self.mode in {Mode.HALF_OPEN, Mode.SWALLOW_REPLY}
        for pipe in list(self._open) if lost else ():
            _reset(pipe.client)
        self.set(Mode.PASS)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.RESET:
            _reset(writer)
            return
        await self._passes.wait()
        try:
            server_reader, server_writer = await asyncio.open_connection(_ADDRESS, self.target)
        except OSError:
            # nobody listens there: the client is to see the same
            _reset(writer)
            return
        for each in (writer, server_writer):
            connection = each.get_extra_info("socket")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pipe = self._make_pipe(self, writer, server_writer)
        self._open.add(pipe)
        ways = [
            asyncio.create_task(self._pass(reader, pipe, to_server=True)),
            asyncio.create_task(self._pass(server_reader, pipe, to_server=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            # half open: the client may go on for as long as it believes in the connection
            if self.mode is Mode.HALF_OPEN:
                await ways[0]
        finally:
            self._open.discard(pipe)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            server_writer.close()

    async def _pass(self, reader: asyncio.StreamReader, pipe: Pipe, *, to_server: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._passes.wait()
                if self.mode is Mode.LATENCY:
                    await asyncio.sleep(self.latency_s)
                elif self.mode is Mode.BANDWIDTH:
                    await asyncio.sleep(len(data) / self.bytes_per_s)
                if to_server:
                    if self.mode is not Mode.HALF_OPEN:
                        await pipe.forward(data)
                elif self.mode is Mode.SWALLOW_REPLY:
                    _reset(pipe.client)
                    return
                else:
                    await pipe.reply(data)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
