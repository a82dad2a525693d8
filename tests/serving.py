"""An application as people reach it: over a socket, by the server that production runs."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from lintas.web.protocol import PatientProtocol


@asynccontextmanager
async def served(
    app: Any, *, http: type[asyncio.Protocol] = PatientProtocol, port: int = 0
) -> AsyncIterator[tuple[str, int]]:
    """Serve `app`, whose loops somebody else runs; where it listens, on loopback."""
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(app, http=http, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    # the socket listens already: whoever comes early waits in its queue
    yield listening.getsockname()
    server.should_exit = True
    await serving
