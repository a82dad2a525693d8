import pytest

from lintas.testing.builders import complaint_id, complaint_routed

pytestmark = pytest.mark.stack

#: the triggers stop it; a superuser can still switch them off, and then the chain tells
UNLOCK = "SET session_replication_role = replica"


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        pytest.param("SELECT 1", None, id="untouched"),
        pytest.param(
            """UPDATE history SET body = replace(body, 'dpupr', 'dlh') WHERE seq = 2""", 2,
            id="a body is edited",
        ),
        pytest.param(
            "UPDATE history SET recorded_at = recorded_at - interval '1 day' WHERE seq = 3", 3,
            id="a time is edited",
        ),
        pytest.param(
            "UPDATE history SET type = 'lintas.complaint.closed.v1' WHERE seq = 3", 3,
            id="a type is edited",
        ),
        pytest.param("DELETE FROM history WHERE seq = 2", 2, id="a fact is deleted"),
        pytest.param("DELETE FROM history WHERE seq = 3", 3, id="the last fact is cut off"),
        pytest.param("DELETE FROM history", 1, id="all is deleted"),
        pytest.param(
            "UPDATE history SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3);"
            " UPDATE history SET seq = -seq WHERE seq < 0", 2,
            id="two facts are swapped",
        ),
        pytest.param(
            "INSERT INTO history SELECT complaint_id, 4, gen_random_uuid(), type, occurred_at,"
            " recorded_at, person_id, hash, hash, body FROM history WHERE seq = 3", 4,
            id="a fact is added",
        ),
        pytest.param(
            "UPDATE history h SET body = o.body, hash = o.hash, previous_hash = o.previous_hash,"
            " event_id = o.event_id FROM history o WHERE h.complaint_id = $1 AND o.complaint_id <>"
            " $1 AND h.seq = o.seq", 1,
            id="another complaint's facts",
        ),
        pytest.param("UPDATE complaint SET head_hash = repeat('1', 64)", 4, id="the head is edited"),
    ],
)  # fmt: skip
async def test_the_chain_tells_what_was_done(gateway, owner, tampering, broken_at):
    await gateway.register(1, 2)
    ani = await gateway.person("ani", "dpupr")
    for number in (1, 2):
        await gateway.act(number, "accept", ani)
    await owner.execute(UNLOCK)
    target = complaint_id(1)
    if "$1" in tampering:
        await owner.execute(tampering, target)
    else:
        await owner.execute(tampering)
    proof = (await gateway.get(f"/v1/audit/{target}", ani)).json()
    assert (proof["verified"], proof["broken_at"]) == (broken_at is None, broken_at)


async def test_the_audit_shows_what_the_topic_shows(gateway, owner, registrar):
    await registrar.apply([complaint_routed(1)])
    who = await gateway.key("dpupr")
    items = (await gateway.get(f"/v1/audit/{complaint_id(1)}", who)).json()["items"]
    values = await owner.fetch("SELECT convert_from(value, 'UTF8') AS v FROM outbox ORDER BY id")
    assert [item["body"] for item in items] == [row["v"] for row in values]
