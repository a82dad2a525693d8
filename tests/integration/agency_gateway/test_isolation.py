"""Another agency's things are not there: the same bytes as for what never was."""

from uuid import uuid4

import pytest

from lintas.testing.builders import complaint_id, complaint_routed

pytestmark = pytest.mark.stack

PHOTO = {"reference": "r", "media_type": "image/jpeg", "sha256": "a" * 64, "size_bytes": 4}
WORDS = {"text": "x", "variants": {}}
#: every address that leads to something an agency owns, with a body that is valid in itself
OWNED = {
    ("get", "/v1/agencies/{agency}/queue"): None,
    ("post", "/v1/agencies/{agency}/claims"): {"max": 1},
    ("post", "/v1/agencies/{agency}/claims/{claim}/renew"): {"lease_s": 60},
    ("post", "/v1/agencies/{agency}/claims/{claim}/release"): {},
    ("get", "/v1/complaints/{complaint}"): None,
    ("get", "/v1/complaints/{complaint}/timeline"): None,
    ("get", "/v1/complaints/{complaint}/media/{sha256}"): None,
    ("get", "/v1/audit/{complaint}"): None,
    ("post", "/v1/complaints/{complaint}/accept"): {},
    ("post", "/v1/complaints/{complaint}/return"): {"reason": "not_ours"},
    ("post", "/v1/complaints/{complaint}/contributions"): {"text": "x"},
    ("post", "/v1/complaints/{complaint}/notes"): {"text": "x"},
    ("post", "/v1/complaints/{complaint}/resolve"): {},
    ("post", "/v1/complaints/{complaint}/close"): {},
    ("post", "/v1/complaints/{complaint}/reopen"): {"reason": "again"},
    ("get", "/v1/statements/{statement}"): None,
    ("put", "/v1/statements/{statement}"): WORDS,
    ("post", "/v1/statements/{statement}/review"): {},
    ("post", "/v1/statements/{statement}/confirm"): {"sha256": "0" * 64},
    ("post", "/v1/statements/{statement}/publish"): {},
    ("post", "/v1/statements/{statement}/correct"): WORDS,
    ("post", "/v1/statements/{statement}/retract"): {"reason": "x"},
    ("post", "/v1/statements"): {
        "kind": "answer",
        "purpose": "listening",
        "complaint_ids": ["{complaint}"],
        "text": "x",
    },
}
#: for coordinators, who see every agency
COORDINATORS = {
    ("post", f"/v1/complaints/{{complaint}}/{act}") for act in ("assign", "no-action", "reject")
}


@pytest.fixture
async def mine(gateway):
    """What `dpupr` owns, by the name it has in an address."""
    await gateway.registrar.apply([complaint_routed(1, media=[PHOTO])])
    ani = await gateway.person("ani", "dpupr")
    budi = await gateway.person("budi", "dpupr", "confirmer")
    claim = (await gateway.post("/v1/agencies/dpupr/claims", {"max": 1}, ani)).json()
    await gateway.act(1, "accept", ani)
    statement = await gateway.confirmed(ani, budi, 1)
    await gateway.post(f"/v1/statements/{statement['id']}/publish", {}, ani)
    return {
        "agency": "dpupr",
        "claim": claim["claim_id"],
        "complaint": str(complaint_id(1)),
        "statement": statement["id"],
        "sha256": PHOTO["sha256"],
    }


async def ask(gateway, method: str, address: str, names: dict[str, str], who) -> bytes:
    """The answer, bytes and all, but for what differs between any two requests."""
    body = OWNED[method, address]
    path = address.format(**names)
    headers = {**who, "Idempotency-Key": f'"{uuid4()}"', "If-Match": '"none"'}
    if body is not None and "complaint_ids" in body:
        body = body | {"complaint_ids": [names["complaint"]]}
    answer = await gateway.http.request(method.upper(), path, json=body, headers=headers)
    seen = sorted((k, v) for k, v in answer.headers.items() if k != "x-request-id")
    text = answer.text
    if answer.status_code >= 400:
        for member in ("request_id", "instance"):
            text = text.replace(answer.json()[member], "")
    return f"{answer.status_code} {seen} {text}".encode()


async def test_every_address_of_the_api_is_in_the_table(gateway):
    paths = (await gateway.http.get("/openapi.json")).json()["paths"]
    owned = {
        (method, path)
        for path, methods in paths.items()
        for method in methods
        if any(part in path for part in ("/agencies/", "/complaints/", "/audit/", "/v1/statements"))
    }
    assert owned == OWNED.keys() | COORDINATORS


@pytest.mark.parametrize(("method", "address"), OWNED)
async def test_anothers_is_the_same_as_not_there(gateway, mine, method, address):
    never = {
        "agency": "nowhere",
        "claim": str(uuid4()),
        "complaint": str(uuid4()),
        "statement": str(uuid4()),
        "sha256": "f" * 64,
    }
    strangers = [
        await gateway.person("orang", "dlh", "officer confirmer"),
        await gateway.key("dlh"),
    ]
    for who in strangers:
        theirs = await ask(gateway, method, address, mine, who)
        nobodys = await ask(gateway, method, address, never, who)
        assert theirs == nobodys
        # a key is refused what needs a person before anything is looked up
        assert theirs[:3] == b"404" or (theirs[:3] == b"403" and who is strangers[1])


@pytest.mark.parametrize(("method", "address"), [*OWNED, *COORDINATORS])
async def test_without_a_credential_nothing_is_looked_up(gateway, method, address):
    path = address.format(agency="dpupr", claim="x", complaint="x", statement="x", sha256="x")
    answer = await gateway.http.request(method.upper(), path, json={})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
