import io
import json
import logging

import pytest
import structlog
from pydantic import SecretStr

from lintas.telemetry import bind, bound, configure_logging, get_logger, in_trace, unbind

PHONE = "081234567890"
SECRET = 'kJ8"zQ2\\vN5xR7tB'


@pytest.fixture
def lines():
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    stream = io.StringIO()
    configure_logging(
        service="sample",
        level="info",
        secrets=[SecretStr(SECRET), SecretStr("postgresql://u:hidden-part@h/d")],
        stream=stream,
    )
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_with_its_context(lines):
    with in_trace(None) as trace, bound(complaint_id="c-1"):
        get_logger("here").info("happened", n=3)
    get_logger("here").debug("below_the_level")
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "happened",
        "level": "info",
        "logger": "here",
        "service": "sample",
        "trace_id": trace.trace_id,
        "complaint_id": "c-1",
        "n": 3,
    }


def test_bound_values_stay_until_they_are_taken_back(lines):
    bind(complaint_id="c-2")
    get_logger("here").info("one")
    unbind("complaint_id")
    get_logger("here").info("two")
    assert ["complaint_id" in line for line in lines()] == [True, False]


def test_personal_data_is_masked_wherever_it_stands(lines):
    log = get_logger("here")
    log.info("called", text=f"call {PHONE}", author={"phone": PHONE}, several=[PHONE])
    try:
        int(f"no number: {PHONE}")
    except ValueError:
        log.exception("broke")
    logging.getLogger("library").warning("saw %s", PHONE)
    assert len(lines()) == 3
    assert PHONE not in json.dumps(lines())


def test_planted_secrets_never_appear(lines):
    log = get_logger("here")
    log.info("opened", url="postgresql://u:hidden-part@h/d", header=f"Bearer {SECRET}")
    log.info("held", secret=SecretStr(SECRET), nested={"deep": [SECRET]})
    logging.getLogger("library").error("failed for %s with %s", SECRET, "hidden-part")
    text = json.dumps(lines())
    assert len(lines()) == 3
    assert "hidden-part" not in text
    assert "zQ2" not in text


def test_a_traceback_shows_no_local_values(lines):
    local = [*"inside"]
    try:
        int(local.pop())
    except ValueError:
        get_logger("here").exception("failed")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert "'i', 'n'" not in json.dumps(line)


def test_a_line_cannot_be_split_and_anything_can_be_logged(lines):
    get_logger("here").info(
        "odd", text="a\r\nINFO forged", broken="\ud800", thing=object(), f={1: 2}
    )
    (line,) = lines()
    assert line["text"] == "a\r\nINFO forged"


def test_libraries_log_through_the_same_stream_and_requests_are_not_logged_by_uvicorn(lines):
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("uvicorn.access").info("GET /?phone=1")
    logging.getLogger("aiokafka.consumer").warning("rebalancing")
    assert [(line["event"], line["logger"]) for line in lines()] == [
        ("started", "uvicorn.error"),
        ("rebalancing", "aiokafka.consumer"),
    ]
