from pathlib import Path

from lintas.web import Pages
from router.pages import STATIC
from router.pages.words import WORDS


def test_no_word_lacks_a_language():
    assert Pages(Path(), WORDS).missing_words() == set()


def test_the_style_is_small():
    assert sum(file.stat().st_size for file in STATIC.iterdir()) < 4_000
