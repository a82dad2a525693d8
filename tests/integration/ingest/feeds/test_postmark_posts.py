"""Postmark's webhook, through the real route with the real name and password."""

import asyncio
from base64 import b64encode

import pytest

pytestmark = pytest.mark.stack

SAMPLE = "email/postmark-inbound-with-raw.json"


async def post(ingest, body: bytes, password: str | None, account: str = "lapor"):
    headers = {"Content-Type": "application/json"}
    if password is not None:
        headers["Authorization"] = "Basic " + b64encode(f"postmark:{password}".encode()).decode()
    return await ingest.http.post(f"/v1/webhooks/email/{account}", content=body, headers=headers)


async def test_a_sample_delivered_five_times_in_parallel_is_one_mention(ingest, secrets, sample):
    password = secrets["postmark-password"]
    answers = await asyncio.gather(*[post(ingest, sample(SAMPLE), password) for _ in range(5)])
    assert {answer.status_code for answer in answers} == {200}
    [event] = await ingest.events()
    assert event["mention"]["text"] == "Test subject\n\nThis is a test text body."
    assert event["mention"]["channel"] == "email"


async def test_the_password_before_the_rotation_works_still(ingest, secrets, sample):
    answer = await post(ingest, sample(SAMPLE), secrets["postmark-password-before"])
    assert answer.status_code == 200


@pytest.mark.parametrize("password", [None, "", "pm-Password_0123456788"])
async def test_without_the_password_it_is_refused_and_leaves_nothing(ingest, sample, password):
    answer = await post(ingest, sample(SAMPLE), password)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await ingest.count("complaint") == 0
    assert await ingest.count("set_aside") == 0


async def test_an_account_without_a_password_takes_nothing(ingest, sample):
    answer = await post(ingest, sample(SAMPLE), "None", "satpol")
    assert answer.status_code == 401


async def test_what_it_posts_and_nobody_can_read_is_set_aside(ingest, secrets):
    password = secrets["postmark-password"]
    for body in (b"{", b"[]", b'{"RecordType": 7}'):
        assert (await post(ingest, body, password)).status_code == 200
    assert await ingest.count("set_aside") == 3
    assert await ingest.count("complaint") == 0


async def test_a_letter_of_several_megabytes_fits(ingest, secrets):
    raw = b"From: a@b.example\\r\\nMessage-ID: <besar@b.example>\\r\\n\\r\\nIsi."
    body = b'{"RawEmail": "%s%s"}' % (raw, b"\\r\\nx" * 500_000)
    assert len(body) > 2_000_000
    assert (await post(ingest, body, secrets["postmark-password"])).status_code == 200
    assert await ingest.count("complaint") + await ingest.count("set_aside") == 1
