from uuid import uuid4

import asyncpg
import pytest

pytestmark = pytest.mark.stack

MENTION = {
    "channel": "x",
    "account": "kotabogor",
    "external_id": "501",
    "text": "Pohon tumbang di Jl. Sudirman",
    "author": {"handle": "warga_5", "phone": "081299990000"},
    "media": [{"url": "https://foto.example/1.jpg"}],
}


async def sealed(ingest) -> dict[str, str]:
    await ingest.post(MENTION)
    [event] = await ingest.events()
    return {"complaint_id": event["complaint_id"], **event["mention"]["sealed"]}


async def unseal(ingest, items, purpose="delivery", client="agency-gateway"):
    return await ingest.http.post(
        "/v1/vault/unseal",
        json={"purpose": purpose, "items": items},
        headers=ingest.bearer(client),
    )


async def test_what_was_sealed_opens_for_a_purpose_and_stands_in_the_audit(ingest):
    item = await sealed(ingest)
    answer = await unseal(ingest, [item])
    assert answer.status_code == 200, answer.text
    [opened] = answer.json()["items"]
    assert opened["outcome"] == "opened"
    assert opened["content"] == {
        "text": MENTION["text"],
        "author": {"handle": "warga_5", "phone": "081299990000", "stakeholder": "citizen"},
        "reply_to": {
            "channel": "x",
            "account": "kotabogor",
            "external_id": "501",
            "in_reply_to": None,
            "conversation": None,
        },
        "address": None,
        "media": [{"url": "https://foto.example/1.jpg", "media_type": None}],
        "files": [],
        "besides": {
            "posted_at": None,
            "stated_class": None,
            "stated_category": None,
            "anonymity": "anonymous",
            "public": True,
            "own": False,
            "language": None,
            "reply": None,
        },
    }
    line = await ingest.database.fetchrow("SELECT * FROM unseal_audit")
    assert line["actor"].startswith("key:")
    assert (line["client"], line["purpose"]) == ("agency-gateway", "delivery")
    assert (str(line["complaint_id"]), line["outcome"]) == (item["complaint_id"], "opened")
    assert line["opened_at"] is not None


async def test_every_item_is_answered_and_audited_opened_or_not(ingest):
    item = await sealed(ingest)
    answer = await unseal(
        ingest,
        [
            item,
            item | {"complaint_id": str(uuid4())},
            item | {"key_id": str(uuid4())},
            item | {"data": "AAAA"},
        ],
    )
    outcomes = ["opened", "unreadable", "unreadable", "unreadable"]
    assert [one["outcome"] for one in answer.json()["items"]] == outcomes
    assert [one["content"] is None for one in answer.json()["items"]] == [False, True, True, True]
    lines = await ingest.database.fetch("SELECT outcome FROM unseal_audit ORDER BY id")
    assert [line["outcome"] for line in lines] == outcomes


async def test_what_a_destroyed_key_sealed_is_gone(ingest):
    item = await sealed(ingest)
    await ingest.database.execute("UPDATE reporter_key SET wrapped = NULL, destroyed_at = now()")
    answer = await unseal(ingest, [item])
    assert answer.json()["items"][0]["outcome"] == "erased"
    # and the reporter who comes back gets a fresh one
    assert (await ingest.post(MENTION | {"external_id": "502"})).status_code == 202
    assert await ingest.count("reporter_key") == 2


async def test_what_was_wrapped_before_a_rotation_still_opens(ingest, start, environ):
    item = await sealed(ingest)
    old, new = environ["LINTAS_VAULT_KEY"], environ["LINTAS_QUARANTINE_KEY"]
    async with start(LINTAS_VAULT_KEY=new, LINTAS_VAULT_KEY_PREVIOUS=old) as rotated:
        assert (await unseal(rotated, [item])).json()["items"][0]["outcome"] == "opened"


@pytest.mark.parametrize(
    ("purpose", "client", "status"),
    [
        pytest.param("curiosity", "agency-gateway", 422, id="a purpose not in the list"),
        pytest.param("reporter_link", "agency-gateway", 422, id="the purpose of links"),
        pytest.param(None, "agency-gateway", 422, id="no purpose"),
        pytest.param("delivery", "front-door", 403, id="no scope"),
    ],
)
async def test_without_scope_and_purpose_nothing_opens(ingest, purpose, client, status):
    item = await sealed(ingest)
    assert (await unseal(ingest, [item], purpose, client)).status_code == status
    assert await ingest.count("unseal_audit") == 0


@pytest.mark.parametrize("change", ["UPDATE unseal_audit SET purpose = 'x'",
                                    "DELETE FROM unseal_audit", "TRUNCATE unseal_audit"])  # fmt: skip
async def test_the_audit_only_grows(ingest, change):
    await unseal(ingest, [await sealed(ingest)])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ingest.database.execute(change)
    assert await ingest.count("unseal_audit") == 1
