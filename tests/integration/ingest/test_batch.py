import pytest

pytestmark = pytest.mark.stack

LINE = {"channel": "x", "account": "kotabogor", "text": "Jalan berlubang"}


def line(number: int, **changes):
    return LINE | {"external_id": str(number)} | changes


async def test_good_lines_are_kept_and_bad_ones_are_named(ingest):
    answer = await ingest.batch(
        [line(1), b"{not json", line(2, text=""), line(3, status="closed"), b"", line(4)]
    )
    assert answer.status_code == 202
    body = answer.json()
    assert body["accepted"] == 2
    assert [result["line"] for result in body["results"]] == [1, 6]
    assert set(body["results"][0]) == {
        *("line", "mention_id", "complaint_id", "ticket", "status_url")
    }
    assert [(row["line"], row["errors"][0]["pointer"]) for row in body["rejected"]] == [
        (2, ""),
        (3, "/text"),
        (4, "/status"),
    ]
    assert await ingest.count("complaint") == 2


async def test_a_batch_sent_again_gets_the_same_answer(ingest):
    lines = [line(n) for n in range(20)] + [LINE]
    first = await ingest.batch(lines, key="b-1")
    again = await ingest.batch(lines, key="b-1")
    assert first.json() == again.json()
    assert await ingest.count("complaint") == 21


async def test_lines_without_identity_are_known_by_the_batchs_key_and_their_number(ingest):
    body = (await ingest.batch([LINE, LINE], key="b-2")).json()
    assert len({result["complaint_id"] for result in body["results"]}) == 2


async def test_lines_without_identity_in_a_batch_without_key_are_rejected(ingest):
    body = (await ingest.batch([LINE, line(1)])).json()
    assert (body["accepted"], body["rejected"][0]["line"]) == (1, 1)
    assert body["rejected"][0]["errors"][0]["pointer"] == "/external_id"


async def test_a_batch_key_stands_for_one_body(ingest):
    await ingest.batch([line(1)], key="b-3")
    refused = await ingest.batch([line(2)], key="b-3")
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/idempotency-key-reused"
    assert await ingest.count("complaint") == 1


async def test_a_single_and_a_batch_may_use_the_same_key(ingest):
    single = await ingest.post(LINE, key="shared")
    batch = await ingest.batch([LINE], key="shared")
    assert (single.status_code, batch.status_code) == (202, 202)
    assert single.json()["complaint_id"] != batch.json()["results"][0]["complaint_id"]


async def test_the_same_post_twice_in_a_batch_is_one_complaint(ingest):
    body = (await ingest.batch([line(1), line(1)])).json()
    first, second = ({**result, "line": 0} for result in body["results"])
    assert first == second
    assert (await ingest.count("complaint"), await ingest.count("outbox")) == (1, 1)


async def test_a_large_batch_goes_through_in_the_order_of_its_lines(ingest):
    answer = await ingest.batch([line(n) for n in range(1_200)])
    assert answer.json()["accepted"] == 1_200
    said = [event["complaint_id"] for event in await ingest.events()]
    assert said == [result["complaint_id"] for result in answer.json()["results"]]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(b"", "application/x-ndjson", 422, id="empty"),
        pytest.param(b"\n\n", "application/x-ndjson", 422, id="only blank lines"),
        pytest.param(b"{}\n" * 5_001, "application/x-ndjson", 422, id="too many lines"),
        pytest.param(b"x" * (8 * 2**20 + 1), "application/x-ndjson", 413, id="over 8 MiB"),
        pytest.param(b"{}", "application/json", 415, id="another content type"),
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(
    ingest, body, content_type, status
):
    headers = ingest.bearer("front-door") | {"Content-Type": content_type}
    answer = await ingest.http.post("/v1/mentions/batch", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
