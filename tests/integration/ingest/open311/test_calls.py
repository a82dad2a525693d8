import pytest

pytestmark = pytest.mark.stack


async def test_a_request_that_is_posted_is_read_back_by_its_id(city):
    ticket = await city.posted()
    answer = await city.get(f"requests/{ticket}")
    assert answer.status_code == 200, answer.text
    [request] = answer.json()
    print(request)
    assert request["service_request_id"] == ticket


@pytest.mark.parametrize(
    "call", ["discovery", "services", "services/road_damage", "requests", "servicerequestupdates"]
)
@pytest.mark.parametrize("form", ["xml", "json"])
async def test_smoke(city, call, form):
    answer = await city.get(call, form)
    print(answer.text[:500])
    assert answer.status_code == 200
