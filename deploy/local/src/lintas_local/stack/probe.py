"""Is it ready? One question each to Kafka, PostgreSQL and HTTP; they answer, never raise."""

import asyncio
import struct

import asyncpg

_HOST = "127.0.0.1"
#: Metadata, version 1, correlation id 1, no client id, no topics (a broker lists itself only
#: once the controller lets it serve)
_METADATA_REQUEST = struct.pack(">hhih i", 3, 1, 1, -1, 0)


async def kafka_answers(port: int) -> bool:
    """Whether a broker at `port` answers a metadata request and is part of its cluster."""
    try:
        reader, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return False
    try:
        writer.write(struct.pack(">i", len(_METADATA_REQUEST)) + _METADATA_REQUEST)
        (size,) = struct.unpack(">i", await reader.readexactly(4))
        answer = await reader.readexactly(size)
        _, brokers = struct.unpack_from(">ii", answer)
    except (OSError, EOFError):
        return False
    finally:
        writer.close()
    return bool(brokers > 0)


async def postgres_answers(url: str) -> bool:
    """Whether the server takes this connection."""
    try:
        connection = await asyncpg.connect(url, timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close(timeout=2)
    return True


async def http_answers(port: int, path: str) -> bool:
    """Whether a service at `port` answers `path` with 200."""
    return (await http_status(port, path))[0] == 200  # noqa: PLR2004 - HTTP's own number


async def http_status(port: int, path: str) -> tuple[int, str]:
    """What a service at `port` says to `path`: status and body; (0, "") if it says nothing."""
    try:
        reader, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return 0, ""
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {_HOST}\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except OSError:
        return 0, ""
    finally:
        writer.close()
    status = head.split(b" ", 2)[1:2]
    return (int(status[0]) if status else 0), body.decode("utf-8", "replace")
