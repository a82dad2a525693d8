import asyncpg
import pytest

from ingest.workers import UpkeepLoop

pytestmark = pytest.mark.stack

HANDLE, PHONE, NAME = "warga_kenari9", "0812-7734-9055", "Kenari Rahayu"
#: a detail the redactor cannot know
STREET = "pagar hijau berukir naga"
MENTION = {
    "channel": "x",
    "account": "kotabogor",
    "external_id": "901",
    "text": f"Saya {NAME}, hp {PHONE}. Rumah {STREET} kebanjiran",
    "author": {"handle": HANDLE, "phone": PHONE},
    "location": {"address": f"Jl. Dadali 5, {STREET}"},
    "anonymity": "open",
}
CANARIES = (HANDLE, PHONE, "Kenari", STREET)


async def erase(ingest, client="operator", **body):
    asked = {"purpose": "data_subject_request"} | body
    return await ingest.http.post("/v1/vault/erase", json=asked, headers=ingest.bearer(client))


async def stored(ingest) -> str:
    """Every row of every table, as text; bytes in hexadecimal and, where they are text, as such."""
    tables = await ingest.database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    rows = []
    for table in tables:
        for row in await ingest.database.fetch(f"SELECT * FROM {table['tablename']}"):
            rows += [
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for value in row.values()
            ]
    return "\n".join(rows).casefold()


async def two_complaints(ingest) -> list[dict[str, str]]:
    answers = [
        await ingest.post(MENTION),
        await ingest.post(MENTION | {"external_id": "902", "text": f"Dan {STREET} roboh"}),
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("by", ["ticket", "reporter"])
async def test_an_erased_reporter_is_nowhere_any_more(ingest, by):
    first, second = await two_complaints(ingest)
    sealed = [
        {"complaint_id": event["complaint_id"], **event["mention"]["sealed"]}
        for event in await ingest.events()
    ]
    assert STREET in await stored(ingest)
    whose = {
        "ticket": {"ticket": first["ticket"]},
        "reporter": {
            "reporter": {"channel": "x", "account": "kotabogor", "handle": f"@{HANDLE.upper()}"}
        },
    }
    answer = await erase(ingest, **whose[by])
    assert answer.status_code == 200, answer.text
    assert answer.json()["complaints"] == 2

    left = await stored(ingest)
    assert [canary for canary in CANARIES if canary.casefold() in left] == []
    events = await ingest.events()
    erased = [event["complaint_id"] for event in events if "mention" not in event]
    assert sorted(erased) == sorted([first["complaint_id"], second["complaint_id"]])
    opened = await ingest.http.post(
        "/v1/vault/unseal",
        json={"purpose": "delivery", "items": sealed},
        headers=ingest.bearer("agency-gateway"),
    )
    assert {item["outcome"] for item in opened.json()["items"]} == {"erased"}
    assert {item["content"] for item in opened.json()["items"]} == {None}


async def test_the_ticket_stays_and_its_link_opens_nothing(ingest):
    first, _ = await two_complaints(ingest)
    secret = first["status_url"].partition("?k=")[2]
    before = (await ingest.http.get(f"/v1/complaints/{first['ticket']}?k={secret}")).json()
    await erase(ingest, ticket=first["ticket"])
    after = (await ingest.http.get(f"/v1/complaints/{first['ticket']}?k={secret}")).json()
    assert STREET in before["text"]
    assert after == before | {"text": None}
    assert (await ingest.http.get(f"/lacak/{first['ticket']}?k={secret}")).status_code == 200


async def test_a_delivery_repeated_after_the_erasure_brings_nothing_back(ingest):
    first, _ = await two_complaints(ingest)
    await erase(ingest, ticket=first["ticket"])
    again = await ingest.post(MENTION)
    assert again.json()["complaint_id"] == first["complaint_id"]
    assert STREET not in await stored(ingest)


async def test_erasing_again_changes_nothing_and_stands_in_the_audit_too(ingest):
    first, second = await two_complaints(ingest)
    await erase(ingest, ticket=first["ticket"])
    events = await ingest.events()
    assert (await erase(ingest, ticket=second["ticket"])).json()["complaints"] == 2
    assert await ingest.events() == events
    lines = await ingest.database.fetch("SELECT * FROM erasure_audit ORDER BY id")
    assert [(line["client"], line["purpose"], line["complaints"]) for line in lines] == [
        ("operator", "data_subject_request", 2)
    ] * 2
    assert all(line["actor"].startswith("key:") for line in lines)
    for change in ("UPDATE erasure_audit SET purpose = 'x'", "DELETE FROM erasure_audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ingest.database.execute(change)


async def test_what_came_in_under_a_key_destroyed_meanwhile_is_erased_by_the_upkeep(ingest):
    await two_complaints(ingest)
    await ingest.database.execute("UPDATE reporter_key SET wrapped = NULL, destroyed_at = now()")
    await UpkeepLoop(ingest.app.state.deps, keep_hours=1, aside_keep_hours=1).run_once()
    assert STREET not in await stored(ingest)
    assert len(await ingest.events()) == 4


async def test_a_guest_in_anothers_complaint_is_erased_alone(ingest):
    first, _ = await two_complaints(ingest)
    guest = {"handle": "tetangga_8"}
    text = f"Tiket {first['ticket']}: tembok saya retak seribu"
    await ingest.post(MENTION | {"external_id": "903", "text": text, "author": guest})
    assert "retak seribu" in await stored(ingest)
    await erase(ingest, reporter={"channel": "x", "account": "kotabogor", **guest})
    left = await stored(ingest)
    assert "retak seribu" not in left
    assert STREET in left
    told = [event for event in await ingest.events() if "mention" not in event]
    assert [event["complaint_id"] for event in told] == [first["complaint_id"]]
    assert told[0]["mention_id"]


async def test_a_reporter_known_by_another_id_before_is_erased_under_both(ingest):
    await ingest.post(MENTION)
    [old] = await ingest.database.fetch("SELECT reporter FROM reporter_key")
    await ingest.post(MENTION | {"external_id": "904", "author": {"handle": "nama_baru"}})
    await ingest.database.execute(
        "INSERT INTO same_reporter SELECT reporter, $1 FROM reporter_key WHERE reporter <> $1",
        old["reporter"],
    )
    answer = await erase(
        ingest, reporter={"channel": "x", "account": "kotabogor", "handle": "nama_baru"}
    )
    assert answer.json()["complaints"] == 2
    assert STREET not in await stored(ingest)


async def test_others_keep_what_is_theirs(ingest):
    first, _ = await two_complaints(ingest)
    other = MENTION | {"external_id": "903", "author": {"handle": "tetangga_8"}}
    await ingest.post(other)
    await erase(ingest, ticket=first["ticket"])
    assert STREET in await stored(ingest)
    assert await ingest.database.fetchval(
        "SELECT count(*) FROM reporter_key WHERE wrapped IS NOT NULL"
    )


@pytest.mark.parametrize(
    ("body", "client", "status"),
    [
        pytest.param({"ticket": "BGR-0000-0000-0"}, "operator", 404, id="no such ticket"),
        pytest.param({"ticket": "x"}, "operator", 404, id="no ticket at all"),
        pytest.param(
            {"reporter": {"channel": "x", "account": "a", "handle": "nobody"}},
            "operator",
            404,
            id="no such reporter",
        ),
        pytest.param({}, "operator", 422, id="nobody named"),
        pytest.param(
            {"reporter": {"channel": "x", "account": "a"}}, "operator", 422, id="no detail"
        ),
        pytest.param(
            {"reporter": {"channel": "x", "account": "a", "handle": "b", "phone": "1"}},
            "operator",
            422,
            id="two details",
        ),
        pytest.param({"ticket": "x", "purpose": "tidiness"}, "operator", 422, id="no purpose"),
        pytest.param({"ticket": "x"}, "agency-gateway", 403, id="no scope"),
    ],
)
async def test_who_may_not_or_says_nobody_erases_nothing(ingest, body, client, status):
    await two_complaints(ingest)
    assert (await erase(ingest, client, **body)).status_code == status
    assert await ingest.count("erasure_audit") == 0
