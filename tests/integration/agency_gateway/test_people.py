import pytest

pytestmark = pytest.mark.stack

RINA = {
    "username": "rina",
    "password": "kuda-hujan-batu-sungai",
    "name": "Rina",
    "agency": "dpupr",
    "roles": ["officer", "confirmer"],
}


async def test_an_account_from_making_to_signing_out(gateway):
    made = await gateway.post("/v1/persons", RINA, gateway.admin)
    assert made.status_code == 201, made.text
    assert "password" not in made.text
    said = {"username": "rina", "password": RINA["password"]}
    session = await gateway.http.post("/login", json=said)
    assert session.status_code == 200
    assert session.headers["Cache-Control"] == "no-store"
    who = {"Authorization": f"Bearer {session.json()['token']}"}
    assert (await gateway.get("/v1/agencies/dpupr/queue", who)).status_code == 200
    assert (await gateway.http.post("/logout", headers=who)).status_code == 204
    assert (await gateway.get("/v1/agencies/dpupr/queue", who)).status_code == 401


@pytest.mark.parametrize("said", [("rina", "kuda-hujan-batu-sunga"), ("nobody", "kuda-hujan")])
async def test_a_wrong_sign_in_tells_nothing(gateway, said):
    await gateway.post("/v1/persons", RINA, gateway.admin)
    body = {"username": said[0], "password": said[1]}
    refused = await gateway.http.post("/login", json=body)
    assert refused.status_code == 401
    assert refused.json()["detail"] == "Username or password is wrong."


async def test_a_closed_account_is_signed_out(gateway, owner):
    who = await gateway.person("ani", "dpupr")
    await owner.execute("UPDATE person SET active = false")
    assert (await gateway.get("/v1/agencies/dpupr/queue", who)).status_code == 401


async def test_a_username_is_taken_once(gateway):
    await gateway.post("/v1/persons", RINA, gateway.admin)
    again = await gateway.post("/v1/persons", RINA | {"name": "Rina lain"}, gateway.admin)
    assert (again.status_code, again.json()["state"]) == (409, "taken")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"password": "kuda"}, id="short password"),
        pytest.param({"roles": []}, id="no role"),
        pytest.param({"roles": ["mayor"]}, id="unknown role"),
        pytest.param({"agency": None}, id="an officer of no agency"),
        pytest.param({"agency": "moonbase"}, id="unknown agency"),
        pytest.param({"username": "Rina Besar"}, id="username with a space"),
        pytest.param({"is_admin": True}, id="unknown field"),
    ],
)
async def test_an_account_that_is_refused(gateway, change):
    assert (await gateway.post("/v1/persons", RINA | change, gateway.admin)).status_code == 422


async def test_coordinators_manage_accounts_and_officers_do_not(gateway):
    kota = await gateway.person("kota", None, "coordinator")
    ani = await gateway.person("ani", "dpupr")
    assert (await gateway.post("/v1/persons", RINA, ani)).status_code == 403
    assert (await gateway.post("/v1/persons", RINA, kota)).status_code == 201
    found = (await gateway.get("/v1/persons?limit=2", kota)).json()
    assert [person["username"] for person in found["items"]] == ["ani", "kota"]
    assert found["has_more"] is True
    assert (await gateway.get("/v1/persons", ani)).status_code == 403


async def test_a_key_is_shown_once_and_works_in_its_agency_only(gateway, owner):
    wanted = {"client": "sibadra", "agency": "dpupr", "scopes": ["queue:read"]}
    once = {"Idempotency-Key": '"kunci-1"'}
    made = await gateway.post("/v1/keys", wanted, gateway.admin, **once)
    assert made.status_code == 201
    repeated = await gateway.post("/v1/keys", wanted, gateway.admin, **once)
    assert repeated.json() == made.json() | {"key": None}
    secret = made.json()["key"]
    kept = await owner.fetch("SELECT agency_key::text AS r FROM agency_key")
    kept += await owner.fetch("SELECT answered_request::text AS r FROM answered_request")
    assert not any(secret.rpartition("_")[2] in row["r"] for row in kept)
    who = {"Authorization": f"Bearer {secret}"}
    assert (await gateway.get("/v1/agencies/dpupr/queue", who)).status_code == 200
    assert (await gateway.get("/v1/agencies/dlh/queue", who)).status_code == 404
    assert (await gateway.post("/v1/agencies/dpupr/claims", {"max": 1}, who)).status_code == 403


async def test_a_key_gives_no_more_than_queues(gateway):
    wanted = {"client": "x", "agency": "dpupr", "scopes": ["persons:write"]}
    assert (await gateway.post("/v1/keys", wanted, gateway.admin)).status_code == 422


async def test_a_revoked_key_is_refused(gateway, owner):
    who = await gateway.key("dpupr")
    await owner.execute("UPDATE agency_key SET revoked_at = now()")
    assert (await gateway.get("/v1/agencies/dpupr/queue", who)).status_code == 401
