import json

import pytest

pytestmark = pytest.mark.stack

CANARY = "kanari-9f3b"
GOOD = {"channel": "x", "account": "kotabogor", "external_id": "1", "text": f"Halo {CANARY}"}


def body(**changes) -> bytes:
    return json.dumps(GOOD | changes).encode()


BAD = [
    pytest.param(f'{{"text": "{CANARY}'.encode(), 400, id="not JSON"),
    pytest.param(b'{"text": "\xff\xfe kanari-9f3b"}', 400, id="invalid UTF-8"),
    pytest.param(b"", 422, id="empty"),
    pytest.param(b"[]", 422, id="an array"),
    pytest.param(b"null", 422, id="null"),
    pytest.param(json.dumps(GOOD).encode("utf-16"), 415, id="UTF-16"),
    pytest.param(body()[:-1] + b', "text": "kanari-9f3b"}', 400, id="a key twice"),
    pytest.param(body(location={"lat": float("nan"), "lon": 1.0}), 400, id="NaN"),
    pytest.param(b'{"text":' + b"[" * 900 + b"]" * 900 + b"}", 400, id="900 deep"),
    pytest.param(body(text="x\ud800"), 422, id="a lone surrogate"),
    pytest.param(body(text="x\x00kanari-9f3b"), 422, id="NUL in the text"),
    pytest.param(body(external_id="a\x00b"), 422, id="NUL in an identifier"),
    pytest.param(body(author={"name": "a\x00kanari-9f3b"}), 422, id="NUL in a name"),
    pytest.param(body(author={"email": "\x00"}), 422, id="NUL for an e-mail"),
    pytest.param(body(location={"address": "Jalan\x00"}), 422, id="NUL in an address"),
    pytest.param(body(external_id="a\u200bb"), 422, id="invisible symbols in an identifier"),
    pytest.param(body(text=CANARY * 1_000), 422, id="text over 10,000 symbols"),
    pytest.param(body(text="  \n"), 422, id="blank text"),
    pytest.param(body(text=CANARY * 200_000), 413, id="2 MB"),
    pytest.param(body(text=12), 422, id="a number for text"),
    pytest.param(body(location={"lat": "12", "lon": 1.0}), 422, id="text for a number"),
    pytest.param(body(location={"lat": 91.0, "lon": 1.0}), 422, id="latitude out of range"),
    pytest.param(body(location={"lat": 1.0}), 422, id="half a point"),
    pytest.param(body(status=CANARY), 422, id="an unknown field"),
    pytest.param(body(author={"is_admin": True}), 422, id="an unknown field inside"),
    pytest.param(body(posted_at="2026-03-17T08:00:00"), 422, id="a time without offset"),
    pytest.param(body(posted_at="2100-01-01T00:00:00Z"), 422, id="a time far ahead"),
    pytest.param(body(posted_at=1_773_000_000), 422, id="a time as a number"),
    pytest.param(body(channel="X; DROP"), 422, id="a channel that is none"),
    pytest.param(body(anonymity=CANARY), 422, id="a word not in the list"),
    pytest.param(body(media=[{"url": "file:///etc/passwd"}]), 422, id="media that is not http"),
    pytest.param(body(media=[{"url": "https://a.example/1"}] * 11), 422, id="too much media"),
]


@pytest.mark.parametrize(("data", "status"), BAD)
async def test_bad_input_is_a_problem_that_never_shows_it(ingest, data, status):
    headers = ingest.bearer("front-door") | {"Content-Type": "application/json"}
    answer = await ingest.http.post("/v1/mentions", content=data, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= set(problem)
    assert CANARY not in answer.text
    assert await ingest.count("complaint") == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="no key"),
        pytest.param(
            {"Authorization": "Bearer lts_test_aaaaaaaa_" + "a" * 43}, 401, id="wrong key"
        ),
        pytest.param({"Authorization": "Bearer kanari-9f3b"}, 401, id="no key at all"),
        pytest.param({"Authorization": "Basic a2FuYXJp"}, 401, id="another scheme"),
    ],
)
async def test_a_stranger_is_told_to_show_a_key(ingest, headers, status):
    answer = await ingest.http.post("/v1/mentions", json=GOOD, headers=headers)
    assert answer.status_code == status
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert CANARY not in answer.text


async def test_a_key_without_the_scope_is_forbidden(ingest):
    answer = await ingest.post(GOOD, client="agency-gateway")
    assert answer.status_code == 403
    assert await ingest.count("complaint") == 0


@pytest.mark.parametrize(
    "key", [pytest.param("x" * 256, id="over 255 symbols"), pytest.param('""', id="empty")]
)
async def test_an_unusable_idempotency_key_is_refused(ingest, key):
    headers = ingest.bearer("front-door") | {"Idempotency-Key": key}
    answer = await ingest.http.post("/v1/mentions", json=GOOD, headers=headers)
    assert answer.status_code == 400
    assert "xxx" not in answer.text


async def test_text_as_people_write_it_is_kept_in_nfc(ingest):
    text = "Cafe\u0301 \U0001f6a7 <script>alert(1)</script> ' OR 1=1 --\n\u202ebaris"
    answer = await ingest.post(GOOD | {"text": text})
    assert answer.status_code == 202
    [event] = await ingest.events()
    assert event["mention"]["text"].startswith("Café \U0001f6a7 <script>")
