from collections.abc import Iterator

import pytest

from .city import City, end, start_demo, wait_until


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The day is played and everything still runs."""
    city = start_demo(tmp_path_factory.mktemp("city"), "--seconds", "12")
    try:
        wait_until(city, (city.home / "demo.json").exists, "demo.json")
        yield city
    finally:
        end(city)
