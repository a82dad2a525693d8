"""What webhooks brought is kept for a while as it came, and read again after a mend."""

import json
from datetime import timedelta

import asyncpg
import pytest

from ingest.channels import facebook
from ingest.usecases.upkeep import Keep, forget_overdue

pytestmark = pytest.mark.stack

SARI = {"id": "901", "name": "Sari Wangi"}


def posts(*values):
    changes = [{"field": "feed", "value": value} for value in values]
    return {"object": "page", "entry": [{"id": "5", "time": 1_790_000_000, "changes": changes}]}


def post(number: int, **more):
    given = {"item": "post", "verb": "add", "post_id": f"5_{number}", "message": f"Lubang {number}"}
    return given | {"from": SARI} | more


HALF = posts(post(1), post(2, item="hologram"))


@pytest.fixture
def ask(webhooks):
    """Asks as an operator."""

    async def listed(**query) -> list[dict]:
        answer = await webhooks.ingest.http.get(
            "/v1/quarantine", params=query, headers=webhooks.ingest.bearer("operator")
        )
        return answer.json()["items"]

    return listed


@pytest.fixture
def replay(webhooks):
    """Reads again as an operator."""

    async def replayed(client: str = "operator", **body):
        return await webhooks.ingest.http.post(
            "/v1/quarantine/replay", json=body, headers=webhooks.ingest.bearer(client)
        )

    return replayed


async def test_a_part_nobody_could_read_is_heard_after_a_mend_as_of_when_it_came(
    webhooks, ask, replay, monkeypatch
):
    await webhooks.post("facebook", HALF)
    [kept] = await ask()
    assert (kept["channel"], kept["account"], kept["unread"]) == ("facebook", "kota", ["unknown"])
    assert "Lubang" not in json.dumps(kept)
    assert (await replay()).json()["items"][0]["unread"] == ["unknown"]
    monkeypatch.setattr(facebook, "_POSTS", facebook._POSTS | {"hologram"})
    for _ in range(2):
        [again] = (await replay(every=True)).json()["items"]
        assert (again["id"], again["unread"]) == (kept["id"], [])
    assert await webhooks.texts() == ["Lubang 1", "Lubang 2"]
    first, second = await webhooks.ingest.events()
    assert second["mention"]["received_at"] == kept["received_at"]
    assert first["complaint_id"] != second["complaint_id"]
    assert await ask() == []
    assert await webhooks.ingest.count("set_aside") == 1


async def test_every_reading_stands_in_the_audit_for_good(webhooks, replay):
    await webhooks.post("facebook", HALF)
    await replay()
    line = await webhooks.ingest.database.fetchrow(
        "SELECT client, outcome, actor FROM replay_audit"
    )
    assert tuple(line)[:2] == ("operator", "unread")
    assert line["actor"].startswith("key:")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await webhooks.ingest.database.execute("DELETE FROM replay_audit")


async def test_what_was_read_is_kept_once_sealed_and_what_nobody_said_is_not(webhooks, ask):
    for body in (posts(post(1)), posts(post(1)), posts(post(2, item="like"))):
        await webhooks.post("facebook", body)
    assert await ask() == []
    assert len(await ask(every=True)) == 1
    sealed = await webhooks.ingest.database.fetchval("SELECT sealed FROM webhook_body")
    assert b"Lubang" not in sealed
    assert b"Sari" not in sealed


async def test_it_goes_when_its_time_is_over(webhooks, ask):
    await webhooks.post("facebook", HALF)
    deps = webhooks.ingest.app.state.deps
    await forget_overdue(deps.work, Keep(*[timedelta(days=7)] * 4))
    assert await webhooks.ingest.count("webhook_body") == 1
    await webhooks.ingest.database.execute(
        "UPDATE webhook_body SET expires_at = $1", deps.work.clock() - timedelta(seconds=1)
    )
    assert await ask() == []
    await forget_overdue(deps.work, Keep(*[timedelta(days=7)] * 4))
    assert await webhooks.ingest.count("webhook_body") == 0


async def test_an_erasure_takes_what_tells_of_the_reporter_and_nothing_else(webhooks):
    await webhooks.post("facebook", HALF)
    await webhooks.post("facebook", posts(post(3, **{"from": {"id": "902", "name": "Budi"}})))
    reporter = {"channel": "facebook", "account": "kota", "platform_id": SARI["id"]}
    answer = await webhooks.ingest.http.post(
        "/v1/vault/erase",
        json={"purpose": "data_subject_request", "reporter": reporter},
        headers=webhooks.ingest.bearer("operator"),
    )
    assert answer.status_code == 200
    assert await webhooks.ingest.count("webhook_body") == 1


async def test_kept_not_at_all_where_that_is_the_setting(database, start, as_platform):
    async with start(LINTAS_BODIES_KEEP_HOURS="0") as ingest:
        answer = await as_platform(ingest).post("facebook", HALF)
        assert answer.status_code == 200
        assert await ingest.count("webhook_body") == 0


async def test_only_who_may_reads_again(webhooks, replay):
    assert (await replay("front-door")).status_code == 403
    assert (await webhooks.ingest.http.get("/v1/quarantine")).status_code == 401
    answer = await replay(after=-1)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/after"


async def test_many_are_listed_answer_by_answer(webhooks, monkeypatch, replay):
    monkeypatch.setattr("ingest.api.quarantine._MOST", 2)
    for number in range(3):
        await webhooks.post("facebook", posts(post(number, item="hologram")))
    first = (await replay()).json()
    second = (await replay(after=first["after"])).json()
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert second["after"] is None
