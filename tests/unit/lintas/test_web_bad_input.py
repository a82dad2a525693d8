"""Rows 1 to 24 of the bad-input matrix, against a plain JSON POST."""

import itertools
import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter

from lintas.telemetry import metric_value
from lintas.web import (
    Int4,
    Limit,
    Moment,
    ShortText,
    Strict,
    Text,
    allow,
    create_service,
    json_body,
    public,
)

CANARY = "canary-7731"
JSON = {"content-type": "application/json"}


class Author(Strict):
    name: ShortText | None = None


class Post(Strict):
    text: Text
    number: Int4 = 0
    size: float = 0
    posted_at: Moment | None = None
    author: Author | None = None
    tags: tuple[ShortText, ...] = ()


router = APIRouter(dependencies=[allow(public)])


@router.post("/posts", status_code=202)
async def accept(post: Annotated[Post, json_body(Post)]) -> dict[str, str | None]:
    return {"text": post.text, "name": post.author.name if post.author else None}


@router.get("/posts")
async def listed(limit: Limit = 50) -> dict[str, int]:
    return {"limit": limit}


@router.get("/posts/{ref}")
async def shown(ref: str) -> dict[str, str]:
    return {"ref": ref}


@pytest.fixture
async def client():
    service = create_service(name="sample", title="Sample", routers=[router])
    unexpected = metric_value("lintas_unexpected_errors_total")
    transport = httpx2.ASGITransport(service)
    async with httpx2.AsyncClient(transport=transport, base_url="http://sample") as client:
        yield client
    assert metric_value("lintas_unexpected_errors_total") == unexpected


def body(**changes: object) -> bytes:
    return json.dumps({"text": CANARY} | changes).encode()


def raw(member: str) -> bytes:
    return b'{"text":"%s",%s}' % (CANARY.encode(), member.encode())


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def nested(depth: int) -> bytes:
    return raw('"tags":' + "[" * (depth - 1) + "]" * (depth - 1))


REFUSED = [
    # row 1
    pytest.param(b"not json " + CANARY.encode(), 400, id="01-not-json"),
    pytest.param(b'{"text":"\xff\xfe%s"}' % CANARY.encode(), 400, id="01-invalid-utf8"),
    pytest.param(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400, id="01-gzip-bytes"),
    pytest.param(body() + b"x", 400, id="01-trailing"),
    pytest.param(b"\xef\xbb\xbf" + body(), 400, id="01-byte-order-mark"),
    pytest.param(b"{'text':'a'}", 400, id="01-single-quotes"),
    # row 2
    pytest.param(b"", 422, id="02-empty"),
    pytest.param(b" \n", 422, id="02-blank"),
    pytest.param(b"[]", 422, id="02-list"),
    pytest.param(b"null", 422, id="02-null"),
    pytest.param(b'"text"', 422, id="02-text"),
    # row 4
    pytest.param(body().decode().encode("utf-16"), 415, id="04-utf16"),
    pytest.param(body().decode().encode("utf-16-le"), 415, id="04-utf16-no-mark"),
    pytest.param(body().decode().encode("utf-32"), 415, id="04-utf32"),
    # row 5
    pytest.param(raw('"text":"other"'), 400, id="05-key-twice"),
    pytest.param(raw('"author":{"name":"a","name":"b"}'), 400, id="05-key-twice-inside"),
    pytest.param(raw('"te\\u0078t":"other"'), 400, id="05-key-twice-escaped"),
    pytest.param(raw('"text" \n:"other"'), 400, id="05-key-twice-spaced"),
    pytest.param(raw('"unknown":1,"unknown":2'), 400, id="05-unknown-key-twice"),
    # row 6
    pytest.param(raw('"size":NaN'), 400, id="06-nan"),
    pytest.param(raw('"size":Infinity'), 400, id="06-infinity"),
    pytest.param(raw('"size":-Infinity'), 400, id="06-minus-infinity"),
    pytest.param(raw('"size":1e400'), 400, id="06-1e400"),
    pytest.param(raw('"unknown":NaN'), 400, id="06-nan-in-unknown-field"),
    # row 7
    pytest.param(nested(32), 422, id="07-depth-32"),
    pytest.param(nested(33), 400, id="07-depth-33"),
    pytest.param(nested(900), 400, id="07-depth-900"),
    pytest.param(b"[" * 100_000, 400, id="07-depth-100000"),
    pytest.param(b'{"a":' * 100_000, 400, id="07-objects-100000"),
    pytest.param(b"[" + b"[]," * 100_000 + b"[]]", 400, id="07-too-many-values"),
    # row 8
    pytest.param(raw('"number":' + "9" * 5000), 400, id="08-5000-digits"),
    # row 9
    pytest.param(body(number=2**63), 422, id="09-2^63"),
    pytest.param(body(number=2**31), 422, id="09-2^31"),
    pytest.param(body(number=-(2**31) - 1), 422, id="09-below"),
    # row 10
    pytest.param(b'{"text":"a\\ud800"}', 422, id="10-lone-surrogate"),
    pytest.param(raw('"author":{"name":"\\udc00x"}'), 422, id="10-lone-surrogate-inside"),
    pytest.param(raw('"\\ud800":1'), 422, id="10-lone-surrogate-key"),
    # row 11
    pytest.param(b'{"text":"a\\u0000b"}', 422, id="11-nul"),
    pytest.param(b'{"text":"a","author":{"name":"a\\u0000b"}}', 422, id="11-nul-on-one-line"),
    pytest.param(b'{"text":"a","tags":["b","\\u0000"]}', 422, id="11-nul-alone"),
    # row 12
    pytest.param(body(text="a" * 10_001), 422, id="12-10001-characters"),
    pytest.param(body(text="a" * 10_000_000), 413, id="12-10-megabytes"),
    pytest.param(body(text=""), 422, id="12-no-text"),
    pytest.param(body(text=" \n "), 422, id="12-blank-text"),
    # row 14
    pytest.param(body(number="12"), 422, id="14-text-for-number"),
    pytest.param(body(number=True), 422, id="14-true-for-number"),
    pytest.param(body(number=1.5), 422, id="14-fraction-for-number"),
    pytest.param(body(text=12), 422, id="14-number-for-text"),
    pytest.param(body(text=None), 422, id="14-null-for-text"),
    # row 15
    pytest.param(body(agency_id=CANARY), 422, id="15-agency_id"),
    pytest.param(body(is_admin=True), 422, id="15-is_admin"),
    pytest.param(body(author={"status": "x"}), 422, id="15-unknown-inside"),
    pytest.param(body(**{CANARY * 20: 1}), 422, id="15-long-name"),
    pytest.param(body(**{f"k{n}": n for n in range(500)}), 422, id="15-many"),
    # row 16
    pytest.param(body(posted_at="2026-01-01T10:00:00"), 422, id="16-naive"),
    pytest.param(body(posted_at="0000-01-01T10:00:00Z"), 422, id="16-year-0"),
    pytest.param(body(posted_at="0001-01-01T00:00:00+14:00"), 422, id="16-before-year-1"),
    pytest.param(body(posted_at=ago(days=-18_262)), 422, id="16-plus-50-years"),
    pytest.param(body(posted_at=ago(days=73_049)), 422, id="16-minus-200-years"),
    pytest.param(body(posted_at=1_700_000_000), 422, id="16-number"),
    pytest.param(body(posted_at="1700000000"), 422, id="16-number-as-text"),
    pytest.param(body(posted_at="2026-02-30T10:00:00Z"), 422, id="16-no-such-day"),
    pytest.param(body(posted_at="2026-01-01T10:00:00Z; DROP"), 422, id="16-more-behind"),
]


@pytest.mark.parametrize(("content", "status"), REFUSED)
async def test_a_bad_body_is_refused_without_an_echo(client, content, status):
    answer = await client.post("/posts", content=content, headers=JSON)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= set(problem)
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert CANARY not in answer.text
    assert len(answer.content) < 4000
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "code", "detail"}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="03-missing"),
        pytest.param({"content-type": "text/plain"}, id="03-text"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, id="03-form"),
        pytest.param({"content-type": "application/json; charset=utf-16"}, id="04-charset-utf16"),
        pytest.param({"content-type": "application/json; charset=latin-1"}, id="04-charset-latin1"),
        pytest.param({"content-type": "application/jsonx"}, id="03-similar"),
        pytest.param(JSON | {"content-encoding": "gzip"}, id="01-gzip-declared"),
    ],
)
async def test_other_content_than_json_in_utf8_is_415(client, headers):
    answer = await client.post("/posts", content=body(), headers=headers)
    assert answer.status_code == 415
    assert answer.json()["type"] == "/problems/unsupported-media-type"


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8"])
async def test_json_in_utf8_is_accepted(client, kind):
    answer = await client.post("/posts", content=body(), headers={"content-type": kind})
    assert answer.status_code == 202


async def test_errors_point_at_the_fields(client):
    content = body(number="12", author={"name": 3}, tags=["ok", 5], odd=1)
    answer = await client.post("/posts", content=content, headers=JSON)
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {
        "/number": "int_type",
        "/author/name": "string_type",
        "/tags/1": "string_type",
        "/odd": "extra_forbidden",
    }


async def test_a_lone_surrogate_is_pointed_at(client):
    answer = await client.post("/posts", content=raw('"author":{"name":"\\ud83d"}'), headers=JSON)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/author/name"]


KEPT = [
    pytest.param("a\u200bb\u202ec", "a\u200bb\u202ec", "abc", id="17-zero-width-and-direction"),
    pytest.param("e\u0301", "\u00e9", "\u00e9", id="17-nfc"),
    pytest.param("\u0410BC", "\u0410BC", "\u0410BC", id="17-homoglyph"),
    pytest.param("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469", id="17-joined-emoji"),
    pytest.param("a\tb\nc", "a\tb\nc", "abc", id="17-controls"),
    pytest.param("<script>alert(1)</script>", "<script>alert(1)</script>", "<script>alert(1)</script>", id="18-script"),
    pytest.param("'; DROP TABLE x; --\r\nX: y", "'; DROP TABLE x; --\r\nX: y", "'; DROP TABLE x; --X: y", id="20-injection"),
    pytest.param('he said \\": "no"', 'he said \\": "no"', 'he said \\": "no"', id="colons-and-quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "prose", "display"), KEPT)
async def test_odd_text_is_kept_and_made_safe_to_show(client, sent, prose, display):
    content = json.dumps({"text": sent, "author": {"name": sent}}).encode()
    answer = await client.post("/posts", content=content, headers=JSON)
    assert answer.status_code == 202
    assert answer.json() == {"text": prose, "name": display}


async def test_ten_thousand_combining_marks_are_kept_in_short_runs(client):
    sent = "a" + "\u0301\u0323" * 4999
    answer = await client.post("/posts", json={"text": sent})
    assert answer.status_code == 202
    marks = [unicodedata.combining(character) != 0 for character in answer.json()["text"]]
    assert sum(marks) >= 9997
    assert max(len(list(run)) for mark, run in itertools.groupby(marks) if mark) <= 30


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/posts?limit=1", 200, id="least"),
        pytest.param("/posts?limit=200", 200, id="most"),
        pytest.param("/posts?limit=0", 422, id="0"),
        pytest.param("/posts?limit=-1", 422, id="minus-1"),
        pytest.param("/posts?limit=1e9", 422, id="1e9"),
        pytest.param("/posts?limit=201", 422, id="201"),
        pytest.param("/posts?limit=%D9%A3", 422, id="arabic-digit"),
        pytest.param("/posts?limit=+5", 422, id="space"),
        pytest.param("/posts?limit=1_0", 422, id="underscore"),
        pytest.param("/posts?limit=10&limit=20", 400, id="repeated"),
        pytest.param("/posts?limit=10&lim%69t=20", 400, id="repeated-escaped"),
        pytest.param("/posts?other=%00", 400, id="24-nul-in-query"),
        pytest.param("/posts/a%00b", 400, id="24-nul-in-path"),
        pytest.param("/posts/..%2f..%2fetc", 404, id="24-dots-escaped"),
        pytest.param("/posts/../../etc", 404, id="24-dots"),
        pytest.param("/posts/" + "a" * 9000, 414, id="24-long"),
        pytest.param("/" + CANARY, 404, id="23-unknown"),
    ],
)
async def test_an_address_is_checked(client, address, status):
    answer = await client.get(address)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert CANARY not in answer.text


async def test_a_refused_parameter_is_pointed_at(client):
    answer = await client.get("/posts?limit=0")
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "#/query/limit"


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("DELETE", "/posts", 405, "GET, HEAD, POST"),
        ("TRACE", "/posts", 405, "GET, HEAD, POST"),
        ("PATCH", "/posts/1", 405, "GET, HEAD"),
        ("POST", "/healthz", 405, "GET, HEAD"),
        ("POST", "/docs/assets/start.js", 405, "GET, HEAD"),
        ("HEAD", "/posts", 200, None),
        ("HEAD", "/nowhere", 404, None),
    ],
)
async def test_methods_are_answered_or_named(client, method, path, status, allow):
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers.get("allow") == allow
    if method == "HEAD":
        assert answer.content == b""


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({f"x-{n}": "1" for n in range(200)}, id="200-headers"),
        pytest.param({"x-long": "a" * 65_536}, id="64-kilobytes"),
    ],
)
async def test_too_many_headers_are_431(client, headers):
    assert (await client.get("/healthz", headers=headers)).status_code == 431
