"""What happens to every request before and after its route."""

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lintas.telemetry import (
    clear_bound,
    count,
    enter_trace,
    get_logger,
    leave_trace,
    observe,
    shift,
)
from lintas.vocabulary.errors import DomainError, Malformed, Unavailable
from lintas.web.body import KIB, BodyLimits, GuardedBody, too_large
from lintas.web.problems import AddressTooLong, HeadersTooLarge, InternalError, Refuser
from lintas.web.quotas import Brake, Overruns, quota_headers

LONGEST_ADDRESS = 8 * KIB
MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * KIB
#: where the guarded body of a request is found in its scope
BODY = "lintas.body"

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_UNMATCHED = "unmatched"
_MOST_DIGITS = 19
_SERVER_FAULT = 500
_API_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", _API_POLICY),
    (b"cache-control", b"no-store"),
)
_TOO_LARGE = 413
#: answers after which the rest of the request is not wanted
_CLOSING = {408, _TOO_LARGE}

_log = get_logger(__name__)


class Edge:
    """Trace, bounds, headers, measurements, and an answer even to what nobody foresaw."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuser: Refuser,
        brake: Brake,
        overruns: Overruns,
        limits: BodyLimits,
        answer_within_s: float,
    ) -> None:
        self._app, self._refuser, self._limits = app, refuser, limits
        self._brake, self._overruns = brake, overruns
        self._answer_within_s = answer_within_s
        #: requests that were answered before they ended
        self._leaving: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of connection pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_at = time.perf_counter()
        headers = dict(scope["headers"])
        clear_bound()
        trace, token = enter_trace(_text(headers.get(b"traceparent")))
        body = GuardedBody(
            receive, limit=self._limits.limit(scope["path"]), patience_s=self._limits.patience_s
        )
        answer = _Answer(send, body, trace.trace_id, scope["method"], b"expect" in headers)
        # a route that answers GET answers HEAD too, without a body (RFC 9110, 9.3.2); a scope of our
        # own, as the server's would hold its body and so itself: then only the collector, which
        # stops everybody for long, could free what a request leaves
        inner = {**scope, BODY: body, "method": "GET" if answer.is_head else scope["method"]}
        answer.scope = inner
        shift("lintas_http_in_flight", 1)
        try:
            await self._serve(inner, body, answer, headers)
        finally:
            shift("lintas_http_in_flight", -1)
            _measure(inner, scope["method"], answer.status, time.perf_counter() - started_at)
            leave_trace(token)

    async def _serve(
        self, scope: Scope, body: GuardedBody, answer: "_Answer", headers: dict[bytes, bytes]
    ) -> None:
        try:
            refusal = next(self._early(scope, headers), None)
            if refusal is None:
                await self._in_time(scope, body, answer)
                return
            if refusal.is_braked:
                await self._brake.wait(again=True)
        except DomainError as raised:
            if answer.status:
                raise
            refusal = raised
        except ClientDisconnect:
            # nobody is left to answer
            return
        except Exception:
            count("lintas_unexpected_errors_total")
            _log.exception("unexpected_error", route=_route(scope))
            if answer.status:
                # too late for another answer: the server closes the connection
                raise
            refusal = InternalError("The request could not be answered.")
        await self._refuser.answer(Request(scope), refusal)(scope, body, answer)

    async def _in_time(self, scope: Scope, body: GuardedBody, answer: "_Answer") -> None:
        """Serve, or raise Unavailable when the answer has not begun in time.

        The request is then cancelled, but not waited for: to end, it may need what keeps it.
        """
        if self._limits.is_larger(scope["path"]):
            # a set is committed part by part, each in its own time
            await self._app(scope, body, answer)
            return
        gate = _Gate(answer)
        task = asyncio.create_task(self._reach(scope, body, gate))
        try:
            while not task.done():
                left_s = body.heard_at + self._answer_within_s - asyncio.get_running_loop().time()
                if answer.status or body.is_awaited:
                    # under way; a slow body has its own bound
                    left_s = self._answer_within_s
                elif left_s <= 0:
                    gate.shut = True
                    raise Unavailable("The answer takes too long.")
                await asyncio.wait({task}, timeout=left_s)
        finally:
            if not task.done():
                self._leaving.add(task)
                task.add_done_callback(self._left)
                task.cancel()
        task.result()

    async def _reach(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._leaving.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.info("ended_late", error=type(task.exception()).__name__)

    def _early(self, scope: Scope, headers: dict[bytes, bytes]) -> Iterator[DomainError]:
        path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        if len(path) + len(query) > LONGEST_ADDRESS:
            yield AddressTooLong(f"An address may have at most {LONGEST_ADDRESS} bytes.")
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if len(scope["headers"]) > MOST_HEADERS or size > MOST_HEADER_BYTES:
            yield HeadersTooLarge(
                f"At most {MOST_HEADERS} headers and {MOST_HEADER_BYTES} bytes of them are read."
            )
        if not scope["path"].isprintable() or b"\x00" in unquote_to_bytes(query):
            yield Malformed("The address has control characters.")
        if b"&" in query and _repeats(query):
            yield Malformed("A query parameter is given more than once.")
        declared = headers.get(b"content-length", b"0")
        limit = self._limits.limit(scope["path"])
        if not declared.isdigit() or len(declared) > _MOST_DIGITS:
            yield Malformed("Content-Length is not a number.")
        elif int(declared) > limit:
            yield too_large(limit)
        if overrun := self._overruns.again(scope):
            yield overrun


class _Gate:
    """Lets messages through until it is shut: whoever was answered gets no second answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.shut = False

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if not self.shut:
            await self._send(message)


class _Answer:
    """The `send` of one request: adds the headers that every answer has."""

    def __init__(
        self, send: Send, body: GuardedBody, trace_id: str, method: str, expects: bool
    ) -> None:
        self._send, self._body, self._trace_id = send, body, trace_id
        self._expects = expects
        self.is_head = method == "HEAD"
        self._ended = False
        #: 0 until an answer has begun
        self.status = 0
        #: of the request that is answered
        self.scope: Scope = {}

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self._trace_id.encode())]
            headers += quota_headers(self.scope)
            given = {name.lower() for name, _ in headers}
            headers += [header for header in _HEADERS if header[0] not in given]
            if self.status in _CLOSING:
                headers.append((b"connection", b"close"))
                # a client that waits for "100 Continue" has sent nothing to drain
                if self.status == _TOO_LARGE and not self._expects:
                    await self._body.drain()
            message = {**message, "headers": headers}
        elif self.is_head:
            if self._ended:
                return
            # also of a stream without end nothing follows the headers
            self._ended = True
            message = {**message, "body": b"", "more_body": False}
        await self._send(message)


def _measure(scope: Scope, method: str, status: int, seconds: float) -> None:
    route = _route(scope)
    known = method if method in _METHODS else "other"
    count("lintas_http_requests_total", method=known, route=route, status=str(status))
    observe("lintas_http_request_seconds", seconds, method=known, route=route)
    if status >= _SERVER_FAULT:
        _log.warning("request_failed", method=known, route=route, status=status)


def _route(scope: Scope) -> str:
    """The template of the route, never the path: paths hold ids, and labels must stay few."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else _UNMATCHED


def _repeats(query: bytes) -> bool:
    names = [unquote_to_bytes(part.partition(b"=")[0]) for part in query.split(b"&") if part]
    return len(set(names)) != len(names)


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value is not None else None
