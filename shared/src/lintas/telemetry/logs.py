"""One JSON object per log line, on standard output, without personal data or secrets."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO, cast
from urllib.parse import urlsplit

import orjson
import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from lintas.privacy import mask_for_log
from lintas.telemetry.exceptions import describe_exception
from lintas.telemetry.traces import current_trace

#: set by this module, or codes and ids by nature
_UNMASKED = frozenset(
    {"level", "logger", "timestamp", "service", "trace_id", "complaint_id", "event_id"}
)
_HIDDEN = "[secret]"
#: replacing anything shorter would only garble the lines
_SHORTEST = 4


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger; say what happened in snake_case and give values by keyword."""
    return cast("FilteringBoundLogger", structlog.get_logger(logger_name=name))


def bind(**context: object) -> None:
    """Add to every later line of this task and of the tasks it starts."""
    structlog.contextvars.bind_contextvars(**context)


def unbind(*keys: str) -> None:
    """Take back what `bind` added."""
    structlog.contextvars.unbind_contextvars(*keys)


def clear_bound() -> None:
    """Take back everything `bind` added; a server may start a request in the context of another."""
    structlog.contextvars.clear_contextvars()


@contextmanager
def bound(**context: object) -> Iterator[None]:
    """Add to every line of a block."""
    with structlog.contextvars.bound_contextvars(**context):
        yield


def configure_logging(
    *,
    service: str,
    level: str = "info",
    secrets: Iterable[SecretStr] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every line of this process, also those of libraries, through one masked JSON stream.

    May be called again; the last call counts. Requests are not logged by uvicorn, as its lines
    carry addresses and queries.
    """
    target = stream or sys.stdout
    number = logging.getLevelNamesMapping()[level.upper()]
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _adder(service),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(describe_exception),
        _mask,
    ]
    render = _renderer(_plain(secrets))
    structlog.configure(
        processors=[*common, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)


def _adder(service: str) -> Processor:
    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        if "logger_name" in event:
            event["logger"] = event.pop("logger_name")
        trace = current_trace()
        if trace is not None:
            event["trace_id"] = trace.trace_id
        return event

    return add


def _mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if key not in _UNMASKED and not key.startswith("_"):
            event[key] = mask_for_log(value)
    return event


def _renderer(secrets: tuple[str, ...]) -> Processor:
    def render(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
        try:
            line = orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            # a lone surrogate, or an object that cannot be shown
            line = json.dumps(event, default=repr, skipkeys=True)
        for secret in secrets:
            line = line.replace(secret, _HIDDEN)
        return line

    return render


def _plain(secrets: Iterable[SecretStr]) -> tuple[str, ...]:
    """The texts that must never be written, longest first, so no part of one is left behind."""
    texts = set()
    for secret in secrets:
        value = secret.get_secret_value()
        texts.add(value)
        if "://" in value:
            texts.add(urlsplit(value).password or value)
    texts |= {json.dumps(text)[1:-1] for text in texts}
    return tuple(sorted((text for text in texts if len(text) >= _SHORTEST), key=len, reverse=True))
