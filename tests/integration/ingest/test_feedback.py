"""What the reporter does with the secret of their link."""

import asyncio

import pytest

pytestmark = pytest.mark.stack

POST = {
    "channel": "x",
    "account": "kotabogor",
    "external_id": "9",
    "text": "Lampu mati di gang",
    "author": {"handle": "warga_9"},
}


@pytest.fixture
async def link(ingest) -> tuple[str, str]:
    """Path and secret of a complaint that was just opened."""
    answer = (await ingest.post(POST)).json()
    return f"/v1/complaints/{answer['ticket']}", answer["status_url"].split("?k=")[1]


async def test_feedback_is_kept_once_and_may_change(ingest, link):
    path, secret = link
    say = {"solved": False, "rating": 2}
    answers = await asyncio.gather(
        *(ingest.http.post(f"{path}/feedback?k={secret}", json=say) for _ in range(5))
    )
    assert [answer.status_code for answer in answers] == [200] * 5
    assert answers[0].json() == {"ticket": path.rsplit("/", 1)[1], **say}
    later = await ingest.http.post(f"{path}/feedback?k={secret}", json={"rating": 5})
    assert later.json()["solved"] is False
    first, second, third = await ingest.events()
    assert (second["solved"], second["rating"]) == (False, 2)
    assert (third["solved"], third["rating"]) == (False, 5)
    assert second["complaint_id"] == first["complaint_id"]


REFUSED = {
    "no secret": ("", {"solved": True}, 403),
    "wrong secret": ("?k=AAAAAAAAAAAAAAAAAAAAAA", {"solved": True}, 403),
    "nothing said": (None, {}, 422),
    "rating too high": (None, {"rating": 6}, 422),
    "rating as text": (None, {"rating": "5"}, 422),
    "rating as truth": (None, {"rating": True}, 422),
    "unknown field": (None, {"solved": True, "mood": 1}, 422),
    "no object": (None, [], 422),
}


@pytest.mark.parametrize(("query", "body", "status"), REFUSED.values(), ids=REFUSED)
async def test_other_feedback_is_refused_and_leaves_nothing(ingest, link, query, body, status):
    path, secret = link
    query = f"?k={secret}" if query is None else query
    answer = await ingest.http.post(f"{path}/feedback{query}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert await ingest.count("feedback") == 0
    assert len(await ingest.events()) == 1


@pytest.mark.parametrize("act", ["feedback", "withdrawal"])
async def test_an_unknown_ticket_is_not_found(ingest, act):
    for ticket in ("BGR-2222-2222-2", "x"):
        answer = await ingest.http.post(f"/v1/complaints/{ticket}/{act}?k=x", json={"rating": 1})
        assert answer.status_code == 404


async def test_a_reporter_takes_their_own_texts_back_and_no_strangers(ingest, link):
    path, secret = link
    ticket = path.rsplit("/", 1)[1]
    await ingest.post(POST | {"external_id": "10", "in_reply_to": "9", "text": "Masih mati"})
    stranger = {"author": {"handle": "warga_8"}, "text": f"Saya juga, {ticket}"}
    await ingest.post(POST | {"external_id": "11"} | stranger)
    assert (await ingest.http.post(f"{path}/withdrawal")).status_code == 403
    for _ in range(2):
        assert (await ingest.http.post(f"{path}/withdrawal?k={secret}")).status_code == 204
    events = await ingest.events()
    assert [event["mention_id"] for event in events[3:]] == [
        event["mention"]["mention_id"] for event in events[:2]
    ]
    assert (await ingest.http.get(f"{path}?k={secret}")).json()["text"] is None
