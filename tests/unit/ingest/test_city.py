from datetime import UTC, datetime, timedelta

import pytest

from ingest.domain.city import City, CityDocument, city_in_force
from ingest.domain.mentions import Author
from ingest.usecases.cities import Cities

NOW = datetime(2026, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)


def document(prefix: str, start=None, end=None, known=NOW - 90 * DAY) -> CityDocument:
    body = {"ticket_prefix": prefix, "zone": "Asia/Jakarta"}
    return CityDocument("bogor", prefix, start, end, known, body)


@pytest.mark.parametrize(
    ("documents", "prefix"),
    [
        pytest.param([], None, id="none"),
        pytest.param([document("AAA")], "AAA", id="one without dates"),
        pytest.param([document("AAA", NOW + DAY)], None, id="not yet in force"),
        pytest.param([document("AAA", NOW - 9 * DAY, NOW)], None, id="no longer in force"),
        pytest.param(
            [document("AAA", NOW - DAY), document("BBB", NOW - 9 * DAY)], "AAA", id="the newer"
        ),
        pytest.param(
            [document("AAA", NOW - DAY), document("BBB", NOW - DAY, known=NOW)],
            "BBB",
            id="of two from the same day the one known later",
        ),
    ],
)
def test_which_document_is_in_force(documents, prefix):
    city = city_in_force(documents, NOW)
    assert (city.ticket_prefix if city else None) == prefix


@pytest.mark.parametrize(
    ("channel", "author", "own"),
    [
        ("x", Author(handle="@PemKot"), True),
        ("x", Author(handle="pemkot2"), False),
        ("facebook", Author(handle="pemkot"), False),
        ("email", Author(email="Humas@Kota.go.id"), True),
        ("x", Author(name="pemkot"), False),
        ("x", Author(), False),
    ],
)
def test_who_speaks_for_the_city(channel, author, own):
    accounts = [
        {"channel": "x", "handles": ["pemkot"]},
        {"channel": "email", "handles": ["humas@kota.go.id"]},
    ]
    body = {"ticket_prefix": "KTA", "zone": "Asia/Jakarta", "own_accounts": accounts}
    assert City.from_body(body).speaks_for_itself(channel, author) is own


def test_a_document_that_is_no_city_leaves_the_one_before_in_force():
    cities = Cities(lambda: NOW)
    cities.learn([document("AAA", NOW - 9 * DAY)])
    broken = CityDocument("bogor", "2", NOW - DAY, None, NOW, {"name": "Bogor"})
    cities.learn([broken])
    city = cities.in_force()
    assert city is not None
    assert city.ticket_prefix == "AAA"
