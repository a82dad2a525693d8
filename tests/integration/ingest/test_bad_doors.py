"""The same hostile input at every door of ingest: the right problem, no echo, nothing left behind.

What only one door can be given stands with that door: signatures and handshakes in `webhooks/`, forms in
`open311/test_refusals.py` and `test_reporting.py`, lines in `test_batch.py`, files in `test_imports.py` and
`test_media.py`; what the server does with slow, endless or ambiguous requests in
`tests/integration/test_web_over_a_socket.py`.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from lintas.web import MIB

pytestmark = pytest.mark.stack

CANARY = "kanari-5f1e"
NOBODY = "00000000-0000-5000-8000-000000000000"


@dataclass(frozen=True)
class Door:
    """A route that reads JSON, a body it would take, and whose key may use it."""

    path: str
    body: dict[str, Any]
    client: str | None
    #: a field that takes text, and one that takes something else
    text: str
    other: str


DOORS = {
    "mention": Door(
        "/v1/mentions",
        {"channel": "x", "account": "a", "external_id": "1", "text": "t"},
        "front-door",
        "text",
        "location",
    ),
    "erase": Door(
        "/v1/vault/erase",
        {"purpose": "legal_order", "ticket": "t"},
        "operator",
        "ticket",
        "reporter",
    ),
    "hold": Door(
        "/v1/vault/holds",
        {"reason": "court", "reference": "1", "until": "2030-01-01T00:00:00Z", "ticket": "t"},
        "counsel",
        "ticket",
        "until",
    ),
    "unseal": Door(
        "/v1/vault/unseal",
        {"purpose": "delivery", "items": []},
        "agency-gateway",
        "purpose",
        "items",
    ),
    "import start": Door(
        f"/v1/imports/{NOBODY}/start", {"dry_run": True}, "archive", "mapping", "dry_run"
    ),
    "quarantine": Door("/v1/quarantine/replay", {"after": 0}, "operator", "after", "every"),
    "feedback": Door("/v1/complaints/BGR-2222-2222-2/feedback?k=x", {"rating": 1}, None, "rating", "solved"),
}  # fmt: skip
#: what is not even read as JSON, whatever the door
RAW = {
    "not JSON": (f'{{"a": "{CANARY}'.encode(), 400),
    "invalid UTF-8": (b'{"a": "\xff\xfe kanari-5f1e"}', 400),
    "compressed": (b"\x1f\x8b\x08\x00kanari-5f1e", 400),
    "an array": (b"[]", 422),
    "null": (b"null", 422),
    "a key twice": (b'{"a": 1, "a": "kanari-5f1e"}', 400),
    "NaN": (b'{"a": NaN}', 400),
    "a number beyond all bounds": (b'{"a": 1e400}', 400),
    "a number of 5,000 digits": (b'{"a": ' + b"9" * 5_000 + b"}", 400),
    "900 deep": (b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", 400),
    "100,000 deep": (b"[" * 100_000, 400),
    "2 MB": (b'{"a": "' + b"x" * 2_000_000 + b'"}', 413),
}


async def tables(ingest) -> int:
    """Rows that hostile input could have left."""
    counted = ("complaint", "mention", "outbox", "request", "feedback", "erasure_audit",
               "legal_hold", "held_erasure", "unseal_audit", "file_import", "replay_audit",
               "withdrawn_early")  # fmt: skip
    return sum([await ingest.count(table) for table in counted])


def refused(answer, status: set[int]) -> None:
    assert answer.status_code in status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= problem.keys()
    assert CANARY not in answer.text


def credential(ingest, door: Door) -> dict[str, str]:
    return ingest.bearer(door.client) if door.client else {}


async def ask(ingest, door: Door, content: bytes, kind: str = "application/json"):
    headers = credential(ingest, door) | {"Content-Type": kind}
    return await ingest.http.post(door.path, content=content, headers=headers)


each_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


@each_door
async def test_what_is_no_json_object_is_refused_and_leaves_nothing(ingest, door):
    for name, (content, status) in RAW.items():
        answer = await ask(ingest, door, content)
        # a door that asks for a secret may say that it is wrong before it reads on
        refused(answer, {status, 403, 404} if door.client is None and status == 422 else {status})
        assert name
    assert await tables(ingest) == 0


@each_door
async def test_another_kind_of_content_is_415(ingest, door):
    body = json.dumps(door.body)
    for content, kind in (
        (body.encode(), "text/plain"),
        (body.encode("utf-16"), "application/json; charset=utf-16"),
        (body.encode(), "application/x-www-form-urlencoded"),
    ):
        refused(await ask(ingest, door, content, kind), {415})
    assert await tables(ingest) == 0


@each_door
async def test_fields_that_are_wrong_are_422_and_pointed_at(ingest, door):
    odd = {
        "an unknown field": {"agency_id": CANARY},
        "a field that gives rights": {"is_admin": True},
        "a lone surrogate": {door.text: "x\ud800"},
        "a number for text": {door.text: 2**63},
        "text for something else": {door.other: CANARY},
        "truth for something else": {door.other: 12},
    }
    for name, change in odd.items():
        answer = await ask(ingest, door, json.dumps(door.body | change).encode())
        refused(answer, {422})
        assert answer.json()["errors"], name
        assert all(error["pointer"] and error["detail"] for error in answer.json()["errors"])
    nul = await ask(ingest, door, json.dumps(door.body | {door.text: f"a\x00{CANARY}"}).encode())
    refused(nul, {422})
    assert f"/{door.text}" in [error["pointer"] for error in nul.json()["errors"]]
    assert await tables(ingest) == 0


@each_door
async def test_who_is_nobody_known_or_lacks_the_scope_leaves_nothing(ingest, door):
    if door.client is None:
        return
    unknown = {"Authorization": "Bearer lts_test_aaaaaaaa_" + "a" * 43}
    lacking = ingest.bearer("front-door" if door.client == "archive" else "archive")
    for headers, status in (({}, 401), (unknown, 401), (lacking, 403)):
        answer = await ingest.http.post(door.path, json=door.body, headers=headers)
        refused(answer, {status})
        assert (status == 401) == ("www-authenticate" in answer.headers)
    assert await tables(ingest) == 0


@pytest.mark.parametrize("content", [b"", *(content for content, _ in RAW.values())])
async def test_a_withdrawal_reads_no_body_and_takes_nothing_back_without_the_secret(
    ingest, content
):
    """The one door that is told everything by its address."""
    accepted = (await ingest.post(DOORS["mention"].body)).json()
    for ticket, secret, status in (
        (accepted["ticket"], "", {403}),
        (accepted["ticket"], "?k=kanari-5f1e", {403}),
        (accepted["ticket"], "?k=" + "A" * 65, {422}),
        (accepted["ticket"], "?k=a&k=b", {400}),
        ("BGR-2222-2222-2", "?k=kanari-5f1e", {404}),
        (CANARY, "?k=a", {404}),
    ):
        path = f"/v1/complaints/{ticket}/withdrawal{secret}"
        headers = {"Content-Type": "application/json"}
        answer = await ingest.http.post(path, content=content, headers=headers)
        refused(answer, status | {413} if len(content) > MIB else status)
    told = await ingest.database.fetchval("SELECT withdrawn_at FROM mention")
    assert (told, len(await ingest.events())) == (None, 1)


ADDRESSES = (
    ("GET", "/v1/kanari-5f1e", 404),
    ("GET", "/v1/%2e%2e/%2e%2e/etc/passwd", 404),
    ("GET", "/v1/complaints/%00", 400),
    ("GET", "/v1/complaints/BGR-2222-2222-2?k=a&k=b", 400),
    ("GET", "/v1/complaints/" + "x" * 9_000, 414),
    ("DELETE", "/v1/mentions", 405),
    ("TRACE", "/v1/mentions", 405),
    ("GET", f"/v1/imports/{CANARY}", 401),
    ("POST", f"/v1/imports/{CANARY}/start", 401),
    ("POST", f"/v1/imports/{NOBODY}/start", 401),
    ("GET", f"/v1/quarantine/{CANARY}", 404),
    ("GET", "/v1/quarantine/replay", 405),
    ("GET", "/v1/complaints/BGR-2222-2222-2/withdrawal", 405),
    ("POST", f"/v1/webhooks/kanari-5f1e/{CANARY}", 404),
    ("GET", f"/v1/complaints/{CANARY}", 404),
    ("GET", "/v1/complaints/' OR 1=1 --", 404),
)


async def test_an_address_that_is_none_is_a_problem_without_an_echo(ingest):
    for method, path, status in ADDRESSES:
        answer = await ingest.http.request(method, path)
        refused(answer, {status})
        assert (status == 405) == ("allow" in answer.headers)


NUMBERS = ("0", "-1", "1000000000", "٣", "1e3", CANARY, str(2**31), str(2**63))


async def test_a_number_in_a_query_is_a_small_one_or_422(ingest):
    archive = ingest.bearer("archive")
    for number in NUMBERS:
        path = f"/v1/imports/{NOBODY}/rows?limit={number}"
        refused(await ingest.http.get(path, headers=archive), {422})
    operator = ingest.bearer("operator")
    for number in ("-1", "٣", "1e3", CANARY, str(2**63)):
        refused(await ingest.http.get(f"/v1/quarantine?after={number}", headers=operator), {422})
    for cursor, status in ((CANARY, {400, 404}), ("AAAA", {400, 404}), ("x" * 4_000, {422})):
        path = f"/v1/imports/{NOBODY}/rows?cursor={cursor}"
        refused(await ingest.http.get(path, headers=archive), status)
