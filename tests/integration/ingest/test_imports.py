"""Mentions that came to the city before we did."""

import json
from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.stack

POSTED = "2015-03-08T02:30:00-05:00"
LINE = {"channel": "web", "account": "a-source", "text": "Jalan berlubang", "posted_at": POSTED}


def line(number: int, **changes):
    return LINE | {"external_id": str(number)} | changes


async def past(ingest, lines, client: str = "importer"):
    return await ingest.batch(lines, client=client, query="?origin=import")


async def test_history_was_received_when_its_source_says(ingest):
    before = datetime.now(UTC)
    answer = (await past(ingest, [line(1)])).json()
    [event] = await ingest.events()
    posted = datetime.fromisoformat(POSTED)
    assert event["mention"]["origin"] == "import"
    assert datetime.fromisoformat(event["mention"]["received_at"]) == posted
    assert datetime.fromisoformat(event["mention"]["posted_at"]) == posted
    headers = dict(json.loads(await ingest.database.fetchval("SELECT headers FROM outbox")))
    assert datetime.fromisoformat(headers["ce_time"]) == posted
    assert datetime.fromisoformat(headers["ce_recordedtime"]) >= before
    shown = (await ingest.http.get(f"/v1/complaints/{answer['results'][0]['ticket']}")).json()
    assert datetime.fromisoformat(shown["received_at"]) == posted
    assert shown["status"] == "received"


async def test_equal_words_of_another_row_are_another_complaint_and_the_same_row_is_none(ingest):
    first = (await past(ingest, [line(1), line(2)])).json()["results"]
    again = (await past(ingest, [line(1), line(2)])).json()["results"]
    assert first == again
    assert len({result["complaint_id"] for result in first}) == 2
    assert (await ingest.count("complaint"), await ingest.count("outbox")) == (2, 2)


async def test_words_of_history_are_redacted_and_sealed_as_of_today(ingest):
    await past(ingest, [line(1, text="Hubungi 0812-3456-7890 di rumah")])
    [event] = await ingest.events()
    assert "3456" not in json.dumps(event)


@pytest.mark.parametrize(
    "posted_at", [None, (datetime.now(UTC) + timedelta(hours=3)).isoformat()], ids=["none", "ahead"]
)
async def test_history_without_a_past_time_is_refused_line_by_line(ingest, posted_at):
    body = (await past(ingest, [line(1), line(2, posted_at=posted_at)])).json()
    [rejected] = body["rejected"]
    assert (body["accepted"], rejected["line"]) == (1, 2)
    assert rejected["errors"][0]["pointer"] == "/posted_at"
    assert "past time" in rejected["errors"][0]["detail"]


async def test_history_needs_a_scope_of_its_own(ingest):
    refused = await past(ingest, [line(1)], client="front-door")
    assert refused.status_code == 403
    assert await ingest.count("complaint") == 0


async def test_another_origin_is_unknown(ingest):
    answer = await ingest.batch([line(1)], query="?origin=elsewhere")
    assert answer.status_code == 422
