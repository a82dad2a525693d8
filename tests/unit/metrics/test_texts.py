from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import metrics.pages
from lintas.vocabulary.terms import Clock
from lintas.web import Pages
from metrics.pages.texts import clock_time, duration, number, percent
from metrics.pages.words import WORDS
from metrics.usecases.exporting import cell

TEMPLATES = Path(metrics.pages.__file__).parent.parent / "templates"


def t(key: str, **parts: Any) -> str:
    return WORDS["en"][key].format(**parts)


@pytest.mark.parametrize(
    ("seconds", "clock", "expected"),
    [
        pytest.param(0, Clock.WALL, "0 s", id="nothing"),
        pytest.param(0.314, Clock.WALL, "0.31 s", id="under ten seconds in hundredths"),
        pytest.param(12.9, Clock.WALL, "12 s", id="whole seconds above"),
        pytest.param(90, Clock.WALL, "1 min 30 s", id="minutes"),
        pytest.param(120, Clock.WALL, "2 min", id="no empty second unit"),
        pytest.param(3_660, Clock.WALL, "1 h 1 min", id="hours"),
        pytest.param(97_200, Clock.WALL, "1 d 3 h", id="days on the wall clock"),
        pytest.param(97_200, Clock.WORKING, "27 h", id="never days in working time"),
    ],
)
def test_duration(seconds: float, clock: Clock, expected: str):
    assert duration(round(seconds * 1_000_000), clock, "en", t) == expected


def test_numbers_are_written_as_each_language_does():
    assert (number(1234.5, "en", 1), number(1234.5, "id", 1)) == ("1,234.5", "1.234,5")
    assert (percent(0.9312, "en"), percent(0.9312, "id")) == ("93.1%", "93,1%")
    moment = datetime(2026, 3, 17, 7, 2, 3, tzinfo=UTC)
    assert clock_time(moment, "Asia/Jakarta", "en") == "14:02:03 WIB"
    assert clock_time(moment, "Asia/Jayapura", "id") == "16.02.03 WIT"


def test_every_word_is_there_in_each_language():
    assert Pages(TEMPLATES, WORDS).missing_words() == set()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param("dpupr", "dpupr", id="a code"),
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("  =1+1", "'  =1+1", id="formula behind blanks"),
        pytest.param("\t=1+1", "'\t=1+1", id="tab"),
        pytest.param("+62", "'+62", id="plus"),
        pytest.param("-2", "'-2", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param(7, "7", id="number"),
        pytest.param(datetime(2026, 3, 17, 5, tzinfo=UTC), "2026-03-17T05:00:00Z", id="time"),
    ],
)
def test_no_spreadsheet_runs_a_cell(value: object, expected: str):
    assert cell(value) == expected
