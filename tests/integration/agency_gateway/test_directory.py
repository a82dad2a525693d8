import pytest

pytestmark = pytest.mark.stack

SATPOL = {
    "version": "1",
    "effective_from": "2026-01-01T00:00:00+07:00",
    "known_from": "2026-01-01T00:00:00+07:00",
    "body": {"name": {"id": "Satpol PP", "en": "Civil police"}, "kind": "office"},
}
PATH = "/v1/directory/agency/satpolpp"


async def put(gateway, body, path=PATH, who=None):
    return await gateway.http.put(path, json=body, headers=who or gateway.admin)


async def test_a_version_is_published_once_and_never_changes(gateway, owner):
    assert (await put(gateway, SATPOL)).status_code == 201
    assert (await put(gateway, SATPOL)).status_code == 200
    changed = await put(gateway, SATPOL | {"body": {"name": {"id": "Lain", "en": "Other"}}})
    assert changed.status_code == 409
    keys = await owner.fetch("SELECT key FROM outbox WHERE topic = 'lintas.directory.v1'")
    assert [row["key"] for row in keys] == [b"agency:satpolpp:1"]


async def test_the_newest_known_version_is_shown_unless_another_is_asked_for(gateway):
    await put(gateway, SATPOL)
    renamed = SATPOL | {
        "version": "2",
        "known_from": "2026-06-01T00:00:00+07:00",
        "body": {"name": {"id": "Satpol Baru", "en": "New civil police"}},
    }
    await put(gateway, renamed)
    assert (await gateway.http.get(PATH)).json()["version"] == "2"
    assert (await gateway.http.get(f"{PATH}?version=1")).json()["body"] == SATPOL["body"]
    found = (await gateway.http.get("/v1/directory/agency?limit=200")).json()["items"]
    assert {doc["id"]: doc["version"] for doc in found}["satpolpp"] == "2"
    assert (await gateway.http.get("/v1/directory/agency/none")).status_code == 404


async def test_lists_come_page_by_page(gateway):
    ids, path = [], "/v1/directory/agency?limit=2"
    while path:
        answer = await gateway.http.get(path)
        ids += [doc["id"] for doc in answer.json()["items"]]
        link = answer.headers.get("Link", "")
        path = link.partition(">")[0].lstrip("<")
    assert ids == ["dinkes", "dishub", "dlh", "dpupr", "tirta"]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        pytest.param(PATH, {"body": {}}, "/body/name", id="agency without a name"),
        pytest.param(
            "/v1/directory/policy/p",
            {"body": {"class": "complaint", "stage": "verify", "calendar": "o", "amount": 0,
                      "unit": "hours"}},
            "/body/amount", id="policy without an amount",
        ),
        pytest.param(
            "/v1/directory/calendar/c", {"body": {"zone": "Mars/Base", "weekly": {}}}, "/body/zone",
            id="calendar of another planet",
        ),
        pytest.param(PATH, {"body": {"name": {"id": "a\x00"}}}, "/body", id="NUL"),
        pytest.param(PATH, {"known_from": "2026-01-01T00:00:00"}, "/known_from", id="naive time"),
    ],
)  # fmt: skip
async def test_a_document_that_cannot_be_used_is_refused(gateway, path, body, pointer):
    refused = await put(gateway, SATPOL | body, path)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_only_its_scope_publishes(gateway):
    ani = await gateway.person("ani", "dpupr")
    kota = await gateway.person("kota", None, "coordinator")
    assert (await put(gateway, SATPOL, who=ani)).status_code == 403
    assert (await put(gateway, SATPOL, who=kota)).status_code == 201


@pytest.mark.parametrize(
    "path", ["/v1/directory/secret", "/v1/directory/agency/%00", "/v1/directory/agency/a%2Fb"]
)
async def test_odd_addresses_are_refused(gateway, path):
    assert (await gateway.http.get(path)).status_code in {400, 404, 422}
