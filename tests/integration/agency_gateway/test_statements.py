import contextlib
import hashlib
import random

import asyncpg
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lintas.testing.builders import complaint_id, with_help

pytestmark = pytest.mark.stack


@pytest.fixture
async def office(gateway):
    """Complaint 1 in progress; an author, a confirmer, and one who is both."""
    await gateway.register(1, contributors=with_help("dlh"))
    people = {
        "ani": await gateway.person("ani", "dpupr"),
        "budi": await gateway.person("budi", "dpupr", "confirmer"),
        "dewi": await gateway.person("dewi", "dpupr", "officer confirmer"),
        "citra": await gateway.person("citra", "dlh", "officer confirmer"),
    }
    await gateway.act(1, "accept", people["ani"])
    await gateway.act(1, "accept", people["citra"])
    path = f"/v1/complaints/{complaint_id(1)}/contributions"
    await gateway.post(path, {"text": "Pohon dipangkas."}, people["citra"])
    return people


async def edit(gateway, id_, who, text="Kata lain", etag=None):
    now = await gateway.get(f"/v1/statements/{id_}", who)
    headers = {**who, "If-Match": etag or now.headers["ETag"]}
    body = {"text": text, "variants": {}}
    return await gateway.http.put(f"/v1/statements/{id_}", json=body, headers=headers)


async def test_the_hash_is_over_text_and_variants_and_anyone_can_compute_it(gateway, office):
    made = (await gateway.draft(office["ani"], 1)).json()
    words = {"text": made["text"], "variants": made["variants"]}
    canonical = orjson.dumps(words, option=orjson.OPT_SORT_KEYS)
    assert made["sha256"] == hashlib.sha256(canonical).hexdigest()


async def test_an_author_never_confirms(gateway, office, owner):
    made = (await gateway.draft(office["dewi"], 1)).json()
    path = f"/v1/statements/{made['id']}"
    await gateway.post(f"{path}/review", {}, office["dewi"])
    refused = await gateway.post(f"{path}/confirm", {"sha256": made["sha256"]}, office["dewi"])
    assert (refused.status_code, refused.json()["state"]) == (409, "in_review")
    assert refused.json()["type"] == "/problems/author-cannot-confirm"
    with pytest.raises(asyncpg.CheckViolationError, match="an author does not confirm"):
        await owner.execute(
            "INSERT INTO statement_confirmation (id, statement_id, version, sha256, person_id,"
            " agency, confirmed_at) SELECT gen_random_uuid(), statement_id, version, $1, person_id,"
            " 'dpupr', now() FROM statement_author",
            made["sha256"],
        )


async def test_whoever_edits_becomes_an_author(gateway, office):
    made = (await gateway.draft(office["ani"], 1)).json()
    edited = (await edit(gateway, made["id"], office["dewi"])).json()
    assert len(edited["authors"]) == 2
    path = f"/v1/statements/{made['id']}"
    await gateway.post(f"{path}/review", {}, office["ani"])
    seen = {"sha256": edited["sha256"]}
    assert (await gateway.post(f"{path}/confirm", seen, office["dewi"])).status_code == 409
    assert (await gateway.post(f"{path}/confirm", seen, office["budi"])).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param("ani", 403, id="no confirmer"),
        pytest.param("citra", 403, id="confirmer of a contributing agency"),
        pytest.param("budi", 200, id="confirmer of the lead"),
    ],
)
async def test_who_confirms(gateway, office, who, status):
    made = (await gateway.draft(office["ani"], 1)).json()
    path = f"/v1/statements/{made['id']}"
    await gateway.post(f"{path}/review", {}, office["ani"])
    answer = await gateway.post(f"{path}/confirm", {"sha256": made["sha256"]}, office[who])
    assert answer.status_code == status


async def test_a_key_alone_neither_writes_nor_confirms(gateway, office):
    key = await gateway.key("dpupr")
    made = (await gateway.draft(office["ani"], 1)).json()
    path = f"/v1/statements/{made['id']}"
    assert (await gateway.draft(key, 1)).status_code == 403
    seen = {"sha256": made["sha256"]}
    assert (await gateway.post(f"{path}/confirm", seen, key)).status_code == 403
    assert (await gateway.post(f"{path}/publish", {}, key)).status_code == 403


async def test_a_confirmer_who_saw_other_words_is_told(gateway, office):
    made = (await gateway.draft(office["ani"], 1)).json()
    path = f"/v1/statements/{made['id']}"
    await edit(gateway, made["id"], office["ani"])
    await gateway.post(f"{path}/review", {}, office["ani"])
    stale = await gateway.post(f"{path}/confirm", {"sha256": made["sha256"]}, office["budi"])
    assert stale.status_code == 412


@pytest.mark.parametrize("text", ["Kata lain", "Lubang ditutup Jumat."])
async def test_any_edit_voids_the_confirmation(gateway, office, owner, text):
    made = await gateway.confirmed(office["ani"], office["budi"], 1, variants={})
    edited = (await edit(gateway, made["id"], office["ani"], text)).json()
    assert (edited["state"], edited["confirmation"]) == ("draft", None)
    refused = await gateway.post(f"/v1/statements/{made['id']}/publish", {}, office["ani"])
    assert (refused.status_code, refused.json()["state"]) == (409, "draft")
    assert await owner.fetchval(
        "SELECT count(*) FROM statement_confirmation WHERE voided_at IS NULL"
    ) == 0  # fmt: skip


async def test_a_draft_is_changed_only_by_who_saw_its_newest_words(gateway, office):
    made = (await gateway.draft(office["ani"], 1)).json()
    first = (await gateway.get(f"/v1/statements/{made['id']}", office["ani"])).headers["ETag"]
    assert (await edit(gateway, made["id"], office["citra"], "Dari DLH", first)).status_code == 200
    assert (await edit(gateway, made["id"], office["ani"], "Terlambat", first)).status_code == 412
    plain = await gateway.http.put(
        f"/v1/statements/{made['id']}", json={"text": "x", "variants": {}}, headers=office["ani"]
    )
    assert plain.status_code == 428


async def test_one_statement_answers_many_complaints_each_in_its_own_chain(gateway, owner):
    numbers = range(1, 21)
    await gateway.register(*numbers)
    ani = await gateway.person("ani", "dpupr")
    budi = await gateway.person("budi", "dpupr", "confirmer")
    for number in numbers:
        await gateway.act(number, "accept", ani)
    made = await gateway.confirmed(ani, budi, *numbers)
    out = await gateway.post(f"/v1/statements/{made['id']}/publish", {}, ani)
    assert out.status_code == 200, out.text
    rows = await owner.fetch(
        "SELECT seq, body FROM history WHERE type = 'lintas.complaint.answered.v1'"
    )
    assert {row["seq"] for row in rows} == {4}
    assert {orjson.loads(row["body"])["sha256"] for row in rows} == {made["sha256"]}
    assert await owner.fetchval("SELECT count(*) FROM complaint WHERE state = 'answered'") == 20
    again = await gateway.post(f"/v1/statements/{made['id']}/publish", {}, ani)
    assert (again.status_code, again.json()["state"]) == (409, "published")


async def test_only_the_lead_answers_and_only_what_it_has_accepted(gateway):
    await gateway.register(1, contributors=with_help("dlh"))
    ani, citra = await gateway.person("ani", "dpupr"), await gateway.person("citra", "dlh")
    budi = await gateway.person("budi", "dpupr", "confirmer")
    assert (await gateway.draft(citra, 1)).status_code == 409
    assert (await gateway.draft(ani, 1, agency="dlh")).status_code == 403
    assert (await gateway.draft(ani, 99)).status_code == 404
    made = await gateway.confirmed(ani, budi, 1)
    early = await gateway.post(f"/v1/statements/{made['id']}/publish", {}, ani)
    assert early.status_code == 409


async def test_drafts_are_for_lead_and_contributors(gateway, office):
    made = (await gateway.draft(office["ani"], 1)).json()
    path = f"/v1/statements/{made['id']}"
    tirta = await gateway.person("tirto", "tirta", "officer confirmer")
    assert (await gateway.get(path, office["citra"])).status_code == 200
    assert (await gateway.get(path, tirta)).status_code == 404
    assert (await gateway.http.get(f"/pernyataan/{made['id']}")).status_code == 404


async def test_a_correction_replaces_and_the_old_version_stays_readable(gateway, office, owner):
    made = await gateway.confirmed(office["ani"], office["budi"], 1)
    path, page = f"/v1/statements/{made['id']}", f"/pernyataan/{made['id']}"
    await gateway.post(f"{path}/publish", {}, office["ani"])
    first = await gateway.http.get(f"{page}.json")
    second = {"text": "Lubang ditutup Sabtu.", "variants": {}}
    drafted = (await gateway.post(f"{path}/correct", second, office["ani"])).json()
    assert (drafted["version"], drafted["state"]) == (2, "draft")
    # while it is a draft, nothing changes in public
    assert (await gateway.http.get(f"{page}.json")).content == first.content
    await gateway.post(f"{path}/review", {}, office["ani"])
    await gateway.post(f"{path}/confirm", {"sha256": drafted["sha256"]}, office["budi"])
    assert (await gateway.post(f"{path}/publish", {}, office["ani"])).status_code == 200
    newest = (await gateway.http.get(f"{page}.json")).json()
    assert (newest["version"], newest["text"], newest["status"]) == (2, second["text"], "published")
    old = (await gateway.http.get(f"{page}.json?versi=1")).json()
    assert (old["text"], old["status"], old["corrected_by"]) == (made["text"], "corrected", 2)
    shown = await gateway.http.get(f"{page}?versi=1&lang=en")
    assert "replaced by version 2" in shown.text
    facts = await owner.fetch(
        "SELECT key FROM outbox WHERE topic = 'lintas.statements.v1' ORDER BY id"
    )
    assert [row["key"].decode().split(":", 1)[1] for row in facts] == [
        *("1:drafted", "1:confirmed", "1:published", "2:drafted", "2:confirmed", "2:corrected"),
    ]


async def test_a_retraction_shows_at_the_address(gateway, office):
    made = await gateway.confirmed(office["ani"], office["budi"], 1)
    path = f"/v1/statements/{made['id']}"
    early = await gateway.post(f"{path}/retract", {"reason": "Keliru"}, office["ani"])
    assert early.status_code == 409
    await gateway.post(f"{path}/publish", {}, office["ani"])
    assert (await gateway.post(f"{path}/retract", {"reason": "Keliru"}, office["ani"])).is_success
    shown = (await gateway.http.get(f"/pernyataan/{made['id']}.json")).json()
    assert (shown["status"], shown["retraction_reason"]) == ("retracted", "Keliru")
    page = await gateway.http.get(f"/pernyataan/{made['id']}?lang=en")
    assert "Reason: Keliru" in page.text
    assert (await gateway.post(f"{path}/correct", {"text": "x"}, office["ani"])).status_code == 409


async def test_an_announcement_needs_no_complaint(gateway):
    ani = await gateway.person("ani", "dpupr")
    budi = await gateway.person("budi", "dpupr", "confirmer")
    made = await gateway.confirmed(ani, budi, kind="announcement", purpose="socialisation")
    out = await gateway.post(f"/v1/statements/{made['id']}/publish", {}, ani)
    assert out.json()["state"] == "published"


async def test_an_answer_names_a_complaint(gateway):
    ani = await gateway.person("ani", "dpupr")
    assert (await gateway.draft(ani)).status_code == 422


async def test_the_page_speaks_two_languages_escapes_and_knows_its_version(gateway, office):
    text = "<script>alert(1)</script> & “Jumat”"
    made = await gateway.confirmed(office["ani"], office["budi"], 1, text=text)
    await gateway.post(f"/v1/statements/{made['id']}/publish", {}, office["ani"])
    page = f"/pernyataan/{made['id']}"
    indonesian = await gateway.http.get(page)
    assert "Jawaban resmi" in indonesian.text
    assert "<script>" not in indonesian.text
    assert "&lt;script&gt;" in indonesian.text
    assert "DPUPR" in indonesian.text
    assert made["sha256"] in indonesian.text
    assert str(complaint_id(1)) not in indonesian.text
    english = await gateway.http.get(page, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert "Official answer" in english.text
    assert english.headers["ETag"] != indonesian.headers["ETag"]
    same = await gateway.http.get(page, headers={"If-None-Match": indonesian.headers["ETag"]})
    assert same.status_code == 304
    for missing in (f"{page}?versi=2", "/pernyataan/unknown", f"/pernyataan/{complaint_id(1)}"):
        assert (await gateway.http.get(missing)).status_code == 404
        assert (await gateway.http.get(missing.replace("?", ".json?"))).status_code == 404
    assert (await gateway.http.get(f"{page}?versi=0")).status_code == 422


async def test_words_that_are_published_cannot_be_changed_in_the_database_either(
    gateway, office, owner
):
    made = await gateway.confirmed(office["ani"], office["budi"], 1)
    for refused in (
        "UPDATE statement_version SET content = '{}'",
        (
            "INSERT INTO statement_author SELECT statement_id, version, gen_random_uuid()"
            " FROM statement_version"
        ),
        "UPDATE statement_version SET state = 'published', content = '{\"text\":\"x\"}'",
    ):
        transaction = owner.transaction()
        await transaction.start()
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(refused)
        await transaction.rollback()
    await gateway.post(f"/v1/statements/{made['id']}/publish", {}, office["ani"])
    for refused in (
        "UPDATE statement_version SET content = '{}'",
        "UPDATE statement_version SET state = 'draft'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(refused)


async def test_no_order_of_direct_writes_publishes_words_that_nobody_else_confirmed(
    gateway, office, owner, work
):
    await gateway.draft(office["ani"], 1)
    dice = random.Random(8)
    people = [str(row["id"]) for row in await owner.fetch("SELECT id FROM person")]
    states = ["draft", "in_review", "confirmed", "published", "corrected", "retracted"]
    writes = {
        "words": "UPDATE statement_version SET content = convert_to(:words, 'UTF8')",
        "state": "UPDATE statement_version SET state = :state",
        "both": "UPDATE statement_version SET state = :state, content = convert_to(:words, 'UTF8')",
        "author": "INSERT INTO statement_author SELECT statement_id, version, CAST(:person AS uuid)"
        " FROM statement_version",
        "confirm": "INSERT INTO statement_confirmation (id, statement_id, version, sha256,"
        " person_id, agency, confirmed_at) SELECT gen_random_uuid(), statement_id, version, sha256,"
        " CAST(:person AS uuid), 'dpupr', now() FROM statement_version",
        "void": "UPDATE statement_confirmation SET voided_at = now()",
        "revive": "UPDATE statement_confirmation SET voided_at = NULL",
    }
    invariant = (
        "SELECT count(*) FROM statement_version v WHERE v.state IN ('confirmed', 'published',"
        " 'corrected', 'retracted') AND NOT EXISTS (SELECT FROM statement_confirmation c"
        " WHERE c.statement_id = v.statement_id AND c.version = v.version AND c.sha256 = v.sha256"
        " AND c.person_id NOT IN (SELECT person_id FROM statement_author a"
        "  WHERE a.statement_id = v.statement_id AND a.version = v.version))"
    )
    reached = set()
    for _ in range(250):
        values = {
            "words": dice.choice(['{"text":"a","variants":{}}', '{"text":"b","variants":{}}']),
            "state": dice.choice(states),
            "person": dice.choice(people),
        }
        write = writes[dice.choice(list(writes))]
        used = {name: value for name, value in values.items() if f":{name}" in write}
        with contextlib.suppress(DBAPIError):
            async with work.begin({"app.role": "worker"}) as tx:
                await tx.connection.execute(text(write), used)
        assert await owner.fetchval(invariant) == 0, write
        reached.add(await owner.fetchval("SELECT state FROM statement_version"))
        if dice.random() < 0.05:
            await owner.execute("SET session_replication_role = replica")
            await owner.execute("DELETE FROM statement_confirmation")
            await owner.execute("DELETE FROM statement_author")
            await owner.execute("UPDATE statement_version SET state = 'draft'")
            await owner.execute("SET session_replication_role = DEFAULT")
            await owner.execute(
                "INSERT INTO statement_author SELECT statement_id, version, $1::uuid"
                " FROM statement_version",
                people[0],
            )
    assert reached >= {"draft", "in_review", "published"}
