import pytest

from ingest.domain.likeness import content_words, likeness


@pytest.mark.parametrize(
    ("other", "same_place", "is_shown"),
    [
        pytest.param("Lampu penerangan gelap lagi", False, True, id="three words anywhere"),
        pytest.param("Lampu kamar gelap", False, False, id="two words elsewhere"),
        pytest.param("Lampu kamar gelap", True, True, id="two words in the same area"),
        pytest.param("Lampu hias dicuri", True, False, id="one word is chance"),
        pytest.param("mohon segera tolong sudah setiap hari", True, False, id="empty words"),
        pytest.param("[REPORTER_1] [PHONE_1] [REPORTER_1]", True, False, id="what was masked"),
        pytest.param("", True, False, id="nothing"),
    ],
)
def test_complaints_are_alike_by_words_that_say_something(other, same_place, is_shown):
    mine = content_words("Lampu penerangan di gang mati, gelap. [REPORTER_1] [PHONE_1]")
    assert (likeness(mine, content_words(other), same_place=same_place) > 0) is is_shown
