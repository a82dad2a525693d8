"""The bad-input matrix on the gateway's own addresses: a problem, never an echo, never a 500."""

import json

import pytest

from lintas.testing.builders import complaint_id

pytestmark = pytest.mark.stack

CANARY = "kanari-biru-9471"
CLAIMS = "/v1/agencies/dpupr/claims"
ACCEPT = f"/v1/complaints/{complaint_id(1)}/accept"
NOTES = f"/v1/complaints/{complaint_id(1)}/notes"
STATEMENTS = "/v1/statements"


def statement(**changes) -> bytes:
    body = {"kind": "answer", "purpose": "listening", "complaint_ids": [], "text": CANARY}
    return json.dumps(body | changes).encode()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param(CLAIMS, b"{", 400, id="not JSON"),
        pytest.param(CLAIMS, b"\xff{}", 400, id="not UTF-8"),
        pytest.param(CLAIMS, b"", 422, id="empty"),
        pytest.param(CLAIMS, b"[]", 422, id="a list"),
        pytest.param(CLAIMS, b"null", 422, id="null"),
        pytest.param(CLAIMS, b'{"max": 1, "max": 2}', 400, id="a key twice"),
        pytest.param(CLAIMS, b'{"max": NaN}', 400, id="NaN"),
        pytest.param(CLAIMS, b'{"max": 1e400}', 400, id="infinite"),
        pytest.param(CLAIMS, b'{"max": ' + b"9" * 5000 + b"}", 400, id="5,000 digits"),
        pytest.param(CLAIMS, b'{"max": 0}', 422, id="none"),
        pytest.param(CLAIMS, b'{"max": 501}', 422, id="too many"),
        pytest.param(CLAIMS, b'{"max": 9223372036854775808}', 422, id="2^63"),
        pytest.param(CLAIMS, b'{"max": "1"}', 422, id="text for a number"),
        pytest.param(CLAIMS, b'{"max": true}', 422, id="true for a number"),
        pytest.param(CLAIMS, b'{"max": 1, "agency": "dlh"}', 422, id="unknown field"),
        pytest.param(CLAIMS, b"[" * 900 + b"]" * 900, 400, id="deep"),
        pytest.param(ACCEPT, b'{"state": "closed"}', 422, id="a field where none is"),
        pytest.param(NOTES, b'{"text": "\\ud800"}', 422, id="lone surrogate"),
        pytest.param(NOTES, b'{"text": "a\\u0000b"}', 422, id="NUL"),
        pytest.param(NOTES, b'{"text": "' + b"a" * 10_001 + b'"}', 422, id="10,001 characters"),
        pytest.param(NOTES, b'{"text": "' + b"a" * 2_000_000 + b'"}', 413, id="2 MB"),
        pytest.param(NOTES, b'{"text": ""}', 422, id="empty text"),
        pytest.param(STATEMENTS, statement(kind="poem"), 422, id="unknown kind"),
        pytest.param(STATEMENTS, statement(complaint_ids=[CANARY]), 422, id="no id"),
        pytest.param(STATEMENTS, statement(variants={"x y": "a"}), 422, id="odd channel"),
        pytest.param(
            STATEMENTS, statement(complaint_ids=["0" * 32] * 501), 422, id="too many complaints"
        ),
        pytest.param(f"{STATEMENTS}/{complaint_id(1)}/confirm", b'{"sha256": "x"}', 422, id="no hash"),
        pytest.param(
            f"/v1/complaints/{complaint_id(1)}/return", b'{"reason": "Bukan kami, pak"}', 422,
            id="free text as a reason",
        ),
    ],
)  # fmt: skip
async def test_a_bad_body_is_a_problem_without_the_input(gateway, path, body, status):
    await gateway.register(1)
    who = await gateway.person("ani", "dpupr", "officer confirmer")
    headers = {**who, "Content-Type": "application/json", "Idempotency-Key": '"k"', "If-Match": "*"}
    answer = await gateway.http.post(path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert CANARY not in answer.text
    assert "aaaa" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Content-Type": "text/plain"}, 415, id="content type"),
        pytest.param({"Content-Encoding": "gzip"}, 415, id="compressed"),
        pytest.param({"Idempotency-Key": ""}, 400, id="empty key"),
        pytest.param({"Idempotency-Key": f'"{"k" * 256}"'}, 400, id="256 characters of key"),
        pytest.param({"Authorization": "Bearer lts_test_aaaaaaaa_x"}, 401, id="no such key"),
        pytest.param({"Authorization": "Basic YTpi"}, 401, id="another scheme"),
    ],
)
async def test_bad_headers(gateway, headers, status):
    who = await gateway.person("ani", "dpupr")
    given = {"Content-Type": "application/json", "Idempotency-Key": '"k"', **who} | headers
    answer = await gateway.http.post(NOTES, content=b'{"text": "x"}', headers=given)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", [NOTES, STATEMENTS])
async def test_what_has_no_identity_of_its_own_needs_a_key(gateway, path):
    who = await gateway.person("ani", "dpupr")
    body = {"text": "x"} if path == NOTES else json.loads(statement())
    answer = await gateway.http.post(path, json=body, headers=who)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=-1", "limit=201", "limit=1e9", "limit=٥", "limit=x"),
        *("state=closed", "category=a%00b", "channel=A B", "limit=1&limit=2"),
    ],
)
async def test_bad_queries(gateway, query):
    who = await gateway.key("dpupr")
    answer = await gateway.get(f"/v1/agencies/dpupr/queue?{query}", who)
    assert answer.status_code in {400, 422}, query


@pytest.mark.parametrize(
    "named",
    ["x", "BGR-0000-0000-0", "'; DROP TABLE complaint; --", "a" * 64, "%F0%9F%98%80"],
)
async def test_odd_names_are_not_there(gateway, named):
    who = await gateway.person("ani", "dpupr", "officer confirmer")
    for path in (f"/v1/complaints/{named}", f"/v1/statements/{named}", f"/v1/audit/{named}"):
        assert (await gateway.get(path, who)).status_code == 404
    assert (await gateway.http.get(f"/pernyataan/{named}")).status_code == 404
