"""Hostile requests at every front door: the right problem, never a 500, never an echo."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from .city import City

pytestmark = pytest.mark.stack

CANARY = "zz-canary-7391"
SERVICES = ("ingest", "router", "agency-gateway", "metrics")


@dataclass(frozen=True)
class Door:
    """A route that reads JSON, and a body it would take."""

    service: str
    path: str
    body: dict[str, Any]
    #: whom it takes it from; None where it takes it from anybody
    credential: str | None = "operator"
    #: a body of so many bytes is too large for it
    too_large: int = 2_000_000


DOORS = {
    "mention": Door("ingest", "/v1/mentions", {"channel": "web", "external_id": "e", "text": "t"}),
    "explain": Door("router", "/v1/explain", {"text": "jalan rusak"}),
    "rule set": Door("router", "/v1/rulesets", {"version": "x", "rules": []}, too_large=5_000_000),
    "backtest": Door("router", "/v1/backtests", {"candidate": "x"}, too_large=5_000_000),
    "login": Door("agency-gateway", "/login", {"username": "u", "password": "p"}, None),
    "person": Door("agency-gateway", "/v1/persons", {"username": "u"}),
    "key": Door("agency-gateway", "/v1/keys", {"client": "c", "scopes": []}),
    "statement": Door("agency-gateway", "/v1/statements", {"kind": "answer"}, "person"),
    "claim": Door(
        "agency-gateway", "/v1/agencies/dpupr/claims", {"max": 1, "lease_s": 10}, "person"
    ),
}

JSON = {"Content-Type": "application/json", "Idempotency-Key": '"bad-input"'}
DEEP = b'{"text":' + b"[" * 900 + b"]" * 900 + b"}"


def text(value: bytes) -> bytes:
    return b'{"channel":"web","external_id":"e","username":"u","password":"' + value + b'","text":"' + value + b'"}'  # fmt: skip


BODIES: dict[str, tuple[bytes, dict[str, str], set[int]]] = {
    "not JSON": (CANARY.encode(), JSON, {400}),
    "cut off": (b'{"text": "' + CANARY.encode(), JSON, {400}),
    "not UTF-8": (b'{"text":"\xff\xfe ' + CANARY.encode() + b'"}', JSON, {400}),
    "empty": (b"", JSON, {400, 422}),
    "a list": (b"[]", JSON, {422}),
    "null": (b"null", JSON, {422}),
    "wrong types": (b'{"text": 12, "channel": true, "username": [], "max": "1"}', JSON, {422}),
    "unknown field": (b'{"is_admin": "' + CANARY.encode() + b'"}', JSON, {422}),
    "duplicate keys": (b'{"text":"a","text":"b"}', JSON, {400}),
    "NaN": (b'{"text": NaN}', JSON, {400}),
    "infinite number": (b'{"text": 1e400}', JSON, {400}),
    "too deep": (DEEP, JSON, {400}),
    "lone surrogate": (text(b"\\ud800" + CANARY.encode()), JSON, {422}),
    "NUL": (text(b"\\u0000" + CANARY.encode()), JSON, {422}),
    "2 MB": (b"", JSON, {413}),
    "wrong content type": (b"{}", JSON | {"Content-Type": "text/plain"}, {415}),
    "UTF-16": ('{"text":"a"}'.encode("utf-16"), JSON | {"Content-Type": "application/json; charset=utf-16"}, {415}),
}  # fmt: skip


@pytest.fixture(scope="module")
def credentials(city: City) -> dict[str, str]:
    return {
        "operator": city.key(),
        "person": city.session("petugas.dpupr"),
    }


@pytest.fixture
def clients(city: City) -> Iterator[dict[str, httpx2.Client]]:
    opened = {service: city.client(service) for service in SERVICES}
    yield opened
    for client in opened.values():
        client.close()


def is_problem(answer: httpx2.Response) -> bool:
    return (
        answer.headers["content-type"].startswith("application/problem+json")
        and answer.json()["status"] == answer.status_code
        and {"type", "title", "detail", "request_id"} <= answer.json().keys()
    )


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
@pytest.mark.parametrize(("body", "headers", "expected"), BODIES.values(), ids=BODIES.keys())
def test_a_hostile_body_is_a_problem_without_echo(
    clients, credentials, door: Door, body: bytes, headers: dict[str, str], expected: set[int]
):
    if door.credential:
        headers = headers | {"Authorization": f"Bearer {credentials[door.credential]}"}
    if expected == {413}:
        body = text(b"x" * door.too_large)
    answer = clients[door.service].post(door.path, content=body, headers=headers)
    assert answer.status_code in expected, answer.text
    assert is_problem(answer)
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "door",
    [door for door in DOORS.values() if door.credential],
    ids=[name for name, door in DOORS.items() if door.credential],
)
@pytest.mark.parametrize(
    "credential",
    [None, "nonsense", "lts_local_aaaaaaaa_" + "b" * 43, CANARY],
    ids=["none", "nonsense", "unknown key", "unknown session"],
)
def test_a_wrong_credential_is_401_and_names_the_scheme(clients, door: Door, credential):
    headers = {"Authorization": f"Bearer {credential}"} if credential else {}
    answer = clients[door.service].post(door.path, json=door.body, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert is_problem(answer)
    assert CANARY not in answer.text


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/{CANARY}", 404),
        ("DELETE", "/healthz", 405),
        ("GET", "/healthz?x=1&x=2", 400),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404),
    ],
    ids=["unknown path", "wrong method", "repeated parameter", "climbing path"],
)
def test_a_wrong_address_is_a_problem(clients, service: str, method: str, path: str, status: int):
    answer = clients[service].request(method, path)
    assert answer.status_code == status
    assert is_problem(answer)
    assert CANARY not in answer.text
    if status == 405:
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("metrics", "/v1/kpis?metric=" + CANARY),
        ("metrics", "/v1/kpis?as_of=yesterday"),
        ("metrics", "/v1/kpis?from=2026-01-01T00:00:00"),
        ("agency-gateway", "/v1/agencies/dpupr/queue?limit=0"),
        ("agency-gateway", "/v1/agencies/dpupr/queue?limit=1000000000"),
        ("agency-gateway", "/v1/agencies/dpupr/queue?limit=%D9%A1"),
    ],
)
def test_a_wrong_parameter_is_422(clients, credentials, service: str, path: str):
    headers = {"Authorization": f"Bearer {credentials['person']}"}
    answer = clients[service].get(path, headers=headers)
    assert answer.status_code == 422
    assert is_problem(answer)
    assert CANARY not in answer.text


def test_a_forged_cursor_is_400(clients, credentials):
    headers = {"Authorization": f"Bearer {credentials['person']}"}
    answer = clients["agency-gateway"].get(
        f"/v1/agencies/dpupr/queue?cursor={CANARY}", headers=headers
    )
    assert answer.status_code == 400
    assert is_problem(answer)


def test_an_author_who_confirms_is_409_and_the_statement_stays_in_review(city: City, clients):
    """Also with the confirmer's role: whoever wrote it never approves it."""
    gateway = clients["agency-gateway"]
    both = {"Authorization": f"Bearer {city.session('penyetuju.dpupr')}"}
    draft = {"kind": "announcement", "purpose": "socialisation", "agency": "dpupr"}
    written = gateway.post(
        "/v1/statements",
        json=draft | {"complaint_ids": [], "text": f"Jalan ditutup. {CANARY}", "variants": {}},
        headers=both | {"Idempotency-Key": '"own-words"'},
    ).json()
    path = f"/v1/statements/{written['id']}"
    assert gateway.post(f"{path}/review", json={}, headers=both).status_code == 200
    refused = gateway.post(f"{path}/confirm", json={"sha256": written["sha256"]}, headers=both)
    assert refused.status_code == 409
    assert is_problem(refused)
    assert refused.json()["state"] == "in_review"
    assert CANARY not in refused.text
    assert gateway.get(path, headers=both).json()["state"] == "in_review"


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_that_never_ends_its_headers_is_let_go(city: City, service: str):
    host, port = city.running["addresses"][service].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=15) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        said = b""
        while more := slow.recv(4096):
            said += more
    assert b" 200 " not in said


def test_another_agencys_complaint_looks_exactly_like_none(city: City, clients):
    """Checked on all of an agency's open complaints: seen by whoever has a share, by nobody else."""
    officer = {"Authorization": f"Bearer {city.session('petugas.dpupr')}"}
    stranger = {"Authorization": f"Bearer {city.session('petugas.dlh')}"}
    gateway = clients["agency-gateway"]
    own = gateway.get("/v1/agencies/dpupr/queue?limit=200", headers=officer).json()["items"]
    foreign_ones = []
    for item in own:
        path = f"/v1/complaints/{item['complaint_id']}"
        shares = gateway.get(path, headers=officer).json()["assignments"]
        shared = "dlh" in {share["agency"] for share in shares}
        assert gateway.get(path, headers=stranger).status_code == (200 if shared else 404)
        if not shared:
            foreign_ones.append(item["complaint_id"])
    complaint = foreign_ones[0]
    absent = "00000000-0000-5000-8000-000000000000"
    for tail in ("", "/timeline"):
        foreign = gateway.get(f"/v1/complaints/{complaint}{tail}", headers=stranger)
        none = gateway.get(f"/v1/complaints/{absent}{tail}", headers=stranger)
        assert foreign.status_code == none.status_code == 404
        assert _without_identity(foreign) == _without_identity(none)
    for act in ("accept", "resolve", "contributions", "notes"):
        refused = gateway.post(
            f"/v1/complaints/{complaint}/{act}",
            json={"text": "x"} if act in {"contributions", "notes"} else {},
            headers=stranger | {"If-Match": '"1"', "Idempotency-Key": '"foreign"'},
        )
        assert refused.status_code == 404, (act, refused.text)
    queue = gateway.get("/v1/agencies/dpupr/queue", headers=stranger)
    assert queue.status_code == 404


def _without_identity(answer: httpx2.Response) -> dict[str, Any]:
    return {k: v for k, v in answer.json().items() if k not in {"request_id", "instance"}}
