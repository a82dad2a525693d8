from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.pages.front import STATIC, written
from ingest.pages.words import MONTHS, WORDS
from lintas.web import Pages


def test_no_word_lacks_a_language():
    assert Pages(Path(), WORDS).missing_words() == set()
    assert all(len(MONTHS[language]) == 12 for language in WORDS)


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("id", "Asia/Jakarta", "17 Agustus 2026 10.05 WIB"),
        ("en", "Asia/Jakarta", "17 August 2026 10:05 WIB"),
        ("id", "Asia/Jayapura", "17 Agustus 2026 12.05 WIT"),
    ],
)
def test_times_are_written_as_people_read_them(language, zone, text):
    moment = datetime(2026, 8, 17, 3, 5, tzinfo=UTC)
    assert written(moment.astimezone(ZoneInfo(zone)), language) == text


def test_the_first_load_is_small():
    assert sum(file.stat().st_size for file in STATIC.iterdir()) < 10_000
