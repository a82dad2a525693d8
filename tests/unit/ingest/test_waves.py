from datetime import UTC, datetime, timedelta

from ingest.domain.waves import Waves
from lintas.vocabulary.terms import Suspicion

NOW = datetime(2026, 3, 17, 8, tzinfo=UTC)
TEXT = "turunkan tarif air sekarang juga"


def test_many_accounts_with_one_wording_are_a_wave_from_the_fifth_on():
    waves = Waves()
    told = [waves.suspect(TEXT, bytes([n]), NOW + timedelta(seconds=n)) for n in range(7)]
    assert told == [None] * 4 + [Suspicion.WAVE] * 3


def test_one_account_again_and_again_is_repeated_from_the_third_time_on():
    waves = Waves()
    assert [waves.suspect(TEXT, b"a", NOW) for _ in range(4)] == [
        None,
        None,
        Suspicion.REPEATED,
        Suspicion.REPEATED,
    ]


def test_a_new_window_begins_anew():
    waves = Waves()
    for n in range(10):
        waves.suspect(TEXT, bytes([n]), NOW)
    assert waves.suspect(TEXT, b"z", NOW + timedelta(minutes=11)) is None


def test_short_texts_are_alike_without_a_wave():
    waves = Waves()
    assert [waves.suspect("lampu mati", bytes([n]), NOW) for n in range(9)] == [None] * 9


def test_only_the_newest_texts_are_remembered():
    waves = Waves(most=2, times=2)
    for text in ("a" * 20, "b" * 20, "c" * 20):
        assert waves.suspect(text, b"r", NOW) is None
    assert waves.suspect("a" * 20, b"r", NOW) is None
    assert waves.suspect("c" * 20, b"r", NOW) is Suspicion.REPEATED
