from collections.abc import Iterator
from pathlib import Path

import pytest

from .city import City, end, start_demo, wait_until


@pytest.fixture(scope="session")
def city(home_folder: Path) -> Iterator[City]:
    """The day is played and everything still runs."""
    city = start_demo(home_folder / "city", "--seconds", "12")
    try:
        wait_until(city, (city.home / "demo.json").exists, "demo.json")
        yield city
    finally:
        end(city)
