import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from ingest.domain.mentions import Author, ReporterKey
from ingest.usecases.reporting import Report
from ingest.usecases.upkeep import Keep
from ingest.usecases.vault import OpenKey
from ingest.workers import UpkeepLoop
from lintas.vocabulary.terms import Anonymity

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
HOUR, DAY = timedelta(hours=1), timedelta(days=1, minutes=1)
KEEP = Keep(HOUR, HOUR, HOUR, HOUR)
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
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
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


async def hold(ingest, client="counsel", **body):
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    asked = {"reason": "court", "reference": "12/Pid.B/2026/PN Bgr", "until": until} | body
    return await ingest.http.post("/v1/vault/holds", json=asked, headers=ingest.bearer(client))


async def end_hold(ingest, hold_id, client="counsel"):
    path = f"/v1/vault/holds/{hold_id}/end"
    return await ingest.http.post(path, headers=ingest.bearer(client))


REPORTER = {"channel": "x", "account": "kotabogor", "handle": HANDLE}


@pytest.mark.parametrize("by", ["ticket", "reporter"])
async def test_what_is_held_is_not_erased_until_the_hold_is_ended(ingest, by):
    first, second = await two_complaints(ingest)
    whose = {"ticket": {"ticket": first["ticket"]}, "reporter": {"reporter": REPORTER}}
    placed = await hold(ingest, **whose[by])
    assert placed.status_code == 201, placed.text
    # by another complaint of the same reporter: one key seals both
    refused = await erase(ingest, ticket=second["ticket"])
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"].endswith("/under-legal-hold")
    assert refused.json()["state"] == "held"
    assert (await erase(ingest, ticket=second["ticket"])).status_code == 409
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert STREET in await stored(ingest)
    assert await ingest.count("erasure_audit") == 0

    ended = await end_hold(ingest, placed.json()["hold_id"])
    assert ended.status_code == 200, ended.text
    assert ended.json()["ended_at"]
    left = await stored(ingest)
    assert [canary for canary in CANARIES if canary.casefold() in left] == []
    [line] = await ingest.database.fetch("SELECT * FROM erasure_audit")
    assert (line["client"], line["purpose"], line["complaints"]) == (
        "operator",
        "data_subject_request",
        2,
    )
    assert await ingest.count("held_erasure WHERE applied_at IS NOT NULL") == 1


async def test_a_hold_that_is_over_by_itself_lets_the_upkeep_erase(ingest):
    first, _ = await two_complaints(ingest)
    until = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    await hold(ingest, ticket=first["ticket"], until=until)
    assert (await erase(ingest, ticket=first["ticket"])).status_code == 409
    deps = ingest.app.state.deps
    deps.work.clock = lambda: datetime.now(UTC) + timedelta(seconds=2)
    await UpkeepLoop(deps, KEEP).run_once()
    assert STREET not in await stored(ingest)


async def test_a_held_complaint_keeps_what_its_guests_said_and_no_more(ingest):
    first, _ = await two_complaints(ingest)
    guest = {"handle": "tetangga_8"}
    text = f"Tiket {first['ticket']}: tembok saya retak seribu"
    await ingest.post(MENTION | {"external_id": "903", "text": text, "author": guest})
    stranger = MENTION | {"external_id": "904", "author": {"handle": "orang_lain"}}
    await ingest.post(stranger | {"text": "Banjir di gang kepiting"})
    await hold(ingest, ticket=first["ticket"])
    told = {"channel": "x", "account": "kotabogor"}
    assert (await erase(ingest, reporter=told | guest)).status_code == 409
    assert (await erase(ingest, reporter=told | {"handle": "orang_lain"})).status_code == 200
    left = await stored(ingest)
    assert "retak seribu" in left
    assert "kepiting" not in left


async def test_a_hold_covers_every_name_of_a_reporter(ingest):
    await ingest.post(MENTION)
    [old] = await ingest.database.fetch("SELECT reporter FROM reporter_key")
    await ingest.post(MENTION | {"external_id": "904", "author": {"handle": "nama_baru"}})
    await ingest.database.execute(
        "INSERT INTO same_reporter SELECT reporter, $1 FROM reporter_key WHERE reporter <> $1",
        old["reporter"],
    )
    new_name = REPORTER | {"handle": "nama_baru"}
    placed = await hold(ingest, reporter=new_name)
    assert (await erase(ingest, reporter=REPORTER)).status_code == 409
    await end_hold(ingest, placed.json()["hold_id"])
    assert STREET not in await stored(ingest)


async def test_holds_are_on_record_and_only_added(ingest):
    first, _ = await two_complaints(ingest)
    until = "2030-01-01T00:00:00Z"
    placed = (await hold(ingest, ticket=first["ticket"], until=until)).json()
    again = (await hold(ingest, ticket=first["ticket"], until=until)).json()
    assert again == placed
    listed = await ingest.http.get("/v1/vault/holds", headers=ingest.bearer("counsel"))
    assert listed.json()["items"] == [placed]
    assert placed["placed_by"].startswith("key:")
    assert HANDLE not in listed.text
    await end_hold(ingest, placed["hold_id"])
    assert (await end_hold(ingest, placed["hold_id"])).status_code == 200
    listed = await ingest.http.get("/v1/vault/holds", headers=ingest.bearer("counsel"))
    assert listed.json()["items"] == []
    renewed = await hold(ingest, ticket=first["ticket"], until=until)
    assert (renewed.status_code, renewed.json()["state"]) == (409, "ended")
    for table in ("legal_hold", "legal_hold_end"):
        assert await ingest.count(table) == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ingest.database.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("body", "client", "status"),
    [
        pytest.param({"ticket": "BGR-0000-0000-0"}, "counsel", 404, id="no such ticket"),
        pytest.param({}, "counsel", 422, id="nothing named"),
        pytest.param({"ticket": "x", "reporter": REPORTER}, "counsel", 422, id="both named"),
        pytest.param({"ticket": "x", "reason": "spite"}, "counsel", 422, id="no reason"),
        pytest.param({"ticket": "x", "reference": ""}, "counsel", 422, id="no reference"),
        pytest.param(
            {"ticket": "x", "until": "2020-01-01T00:00:00Z"}, "counsel", 422, id="over already"
        ),
        pytest.param(
            {"ticket": "x", "until": "2999-01-01T00:00:00Z"}, "counsel", 422, id="for ever"
        ),
        pytest.param({"ticket": "x"}, "operator", 403, id="who may erase"),
    ],
)
async def test_who_may_not_or_names_nothing_holds_nothing(ingest, body, client, status):
    assert (await hold(ingest, client, **body)).status_code == status
    assert await ingest.count("legal_hold") == 0


async def test_ending_a_hold_that_is_none_is_404_and_needs_the_scope(ingest):
    nowhere = "00000000-0000-5000-8000-000000000000"
    assert (await end_hold(ingest, nowhere)).status_code == 404
    assert (await end_hold(ingest, nowhere, "operator")).status_code == 403
    assert (await end_hold(ingest, "x")).status_code == 422


async def test_nothing_is_kept_longer_than_it_may_be_and_a_metric_says_so(ingest):
    first, second = await two_complaints(ingest)
    await ingest.post({"channel": "web", "text": "Lampu jalan mati"}, key="k")
    deps = ingest.app.state.deps
    await deps.aside.keep("x", "kotabogor", "unknown", b"{}", datetime.now(UTC))
    await hold(ingest, ticket=first["ticket"])
    await ingest.database.execute("UPDATE outbox SET published_at = now()")
    deps.work.clock = lambda: datetime.now(UTC) + 2 * HOUR
    await UpkeepLoop(deps, KEEP).run_once()

    assert await ingest.count("outbox WHERE published_at IS NOT NULL") == 0
    assert [await ingest.count(table) for table in ("set_aside", "request")] == [0, 0]
    # a hold keeps its complaint, and with it the key; the reporter's other one is over
    rows = await ingest.database.fetch("SELECT complaint_id FROM mention WHERE sealed <> ''")
    assert [str(row["complaint_id"]) for row in rows] == [first["complaint_id"]]
    assert await ingest.count("reporter_key WHERE wrapped IS NOT NULL") == 1
    told = [event for event in await ingest.events() if "mention" not in event]
    assert second["complaint_id"] in {event["complaint_id"] for event in told}
    assert len(told) == 2
    metrics = (await ingest.http.get("/metrics")).text
    for kind in ("published", "set_aside", "request", "original"):
        assert f'lintas_overdue_seconds{{kind="{kind}"}} 0.0' in metrics


def picture(colour: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(written, "PNG")
    return written.getvalue()


async def reported(ingest, token: str, *colours: str, phone: str = PHONE) -> str:
    """The number of a report by the form, with pictures."""
    report = Report("Jalan rusak", None, Author(phone=phone), Anonymity.ANONYMOUS, token * 24)
    sent = await ingest.app.state.deps.reporting.send(report, [picture(one) for one in colours])
    return str(sent.ticket)


async def grows_old(ingest, folder: Path, ticket: str, *, untouched: timedelta = DAY) -> None:
    """Two hours pass since the last word in a complaint, and some time since any file was sent."""
    for table in ("complaint", "mention"):
        await ingest.database.execute(
            f"UPDATE {table} SET received_at = now() - interval '2 hours' WHERE complaint_id ="
            " (SELECT complaint_id FROM complaint WHERE ticket = $1)",
            ticket,
        )
    at = (datetime.now(UTC) - untouched).timestamp()
    for path in kept_in(folder):
        os.utime(path, (at, at))


def kept_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


async def test_files_of_an_old_complaint_go_with_its_words_and_those_named_elsewhere_stay(
    ingest, tmp_path
):
    folder = tmp_path / "media"
    old = await reported(ingest, "a", "red", "green")
    young = await reported(ingest, "b", "green", "blue")
    other = await reported(ingest, "c", "red", phone="0812-0000-0001")
    assert len(kept_in(folder)) == 4
    await grows_old(ingest, folder, old)
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    # red went with the old one; green is named by the young one, and the other's red is another file
    assert len(kept_in(folder)) == 3
    assert await ingest.count("reporter_key WHERE wrapped IS NOT NULL") == 2
    files = [
        file
        for event in await ingest.events()
        if event.get("mention", {}).get("ticket") in (young, other)
        for file in event["mention"]["media"]
    ]
    assert {folder / one[:2] / one[:32] / one[32:] for one in (f["reference"] for f in files)} == (
        kept_in(folder)
    )
    # the last of a reporter's takes the key and everything along
    await grows_old(ingest, folder, young)
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert len(kept_in(folder)) == 1


async def test_a_file_that_was_sent_again_of_late_waits_for_the_commit_that_names_it(
    ingest, tmp_path
):
    folder = tmp_path / "media"
    old, _ = await reported(ingest, "a", "red"), await reported(ingest, "b", "blue")
    await grows_old(ingest, folder, old)
    key = await data_key_of(ingest)
    media = ingest.app.state.deps.media
    # kept and not told of yet
    await media.keep(picture("red"), None, None, key=key)
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert await ingest.count("complaint WHERE erased_at IS NOT NULL") == 1
    assert len(kept_in(folder)) == 2
    # nobody told of it
    at = (datetime.now(UTC) - 2 * DAY).timestamp()
    for path in kept_in(folder):
        os.utime(path, (at, at))
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert len(kept_in(folder)) == 1


async def test_a_held_complaint_keeps_its_files(ingest, tmp_path):
    folder = tmp_path / "media"
    old, _ = await reported(ingest, "a", "red"), await reported(ingest, "b", "blue")
    assert (await hold(ingest, ticket=old)).status_code == 201
    await grows_old(ingest, folder, old)
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert len(kept_in(folder)) == 2


async def data_key_of(ingest) -> OpenKey:
    """The data key of the only reporter."""
    deps = ingest.app.state.deps
    row = await ingest.database.fetchrow("SELECT key_id, reporter, wrapped FROM reporter_key")
    key = ReporterKey(row["key_id"], row["reporter"], row["wrapped"])
    return OpenKey(key.key_id, deps.vault.open_key(key))


async def test_a_word_said_later_keeps_its_whole_complaint(ingest):
    first, _ = await two_complaints(ingest)
    await ingest.database.execute("UPDATE complaint SET received_at = now() - interval '2 hours'")
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert await ingest.count("complaint WHERE erased_at IS NOT NULL") == 0
    await ingest.database.execute(
        "UPDATE mention SET received_at = now() - interval '2 hours' WHERE complaint_id = $1",
        first["complaint_id"],
    )
    await UpkeepLoop(ingest.app.state.deps, KEEP).run_once()
    assert await ingest.count("complaint WHERE erased_at IS NOT NULL") == 1


async def test_erasing_finds_published_events_by_their_key(ingest):
    plan = await ingest.database.fetch("SET enable_seqscan = off; ") or await ingest.database.fetch(
        "EXPLAIN SELECT 1 FROM outbox WHERE key = ANY($1) AND published_at IS NOT NULL", [b"k"]
    )
    assert "outbox_key" in str(plan)
