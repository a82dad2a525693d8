import io
import logging

import pytest

pytestmark = pytest.mark.stack

PHONE = "0812-7734-9021"
NIK = "3271046504930002"
EMAIL = "kanari.warga@surat.example"
HANDLE = "kanari_warga77"
NAME = "Kanari Wulandari"
CANARIES = (PHONE, PHONE.replace("-", ""), NIK, EMAIL, HANDLE, NAME, "Wulandari", "kanari")

MENTION = {
    "channel": "whatsapp",
    "account": "6281100000000",
    "external_id": f"wamid.{HANDLE}",
    "text": f"Saya {NAME}, NIK {NIK}, hp {PHONE}, {EMAIL}, @{HANDLE}. Pipa bocor di Jl. Ahmad Yani.",
    "author": {"handle": HANDLE, "name": NAME, "phone": PHONE, "email": EMAIL},
    "location": {"address": f"Rumah {NAME}, Jl. Ahmad Yani 5, hubungi {PHONE}"},
    "in_reply_to": f"post-{HANDLE}",
    "media": [{"url": f"https://foto.example/{HANDLE}.jpg"}],
}


@pytest.mark.parametrize("anonymity", ["open", "anonymous", "secret", None])
async def test_no_detail_of_the_reporter_leaves_in_clear(ingest, anonymity):
    changes = {"anonymity": anonymity} if anonymity else {}
    assert (await ingest.post(MENTION | changes)).status_code == 202
    row = await ingest.database.fetchrow("SELECT key, value, headers FROM outbox")
    sent = f"{row['key'].decode()} {row['value'].decode()} {row['headers']}".casefold()
    assert [canary for canary in CANARIES if canary.casefold() in sent] == []
    assert "pipa bocor" in sent
    assert "ahmad yani" in sent


async def test_no_table_holds_a_detail_of_the_reporter_in_clear(ingest):
    await ingest.post(MENTION, key=f"key-of-{HANDLE}")
    tables = await ingest.database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    for table in tables:
        rows = await ingest.database.fetch(f"SELECT t::text AS row FROM {table['tablename']} t")
        stored = " ".join(row["row"] for row in rows).casefold()
        readable = [*CANARIES, *(canary.encode().hex() for canary in CANARIES)]
        found = [canary for canary in readable if canary.casefold() in stored]
        assert found == [], table["tablename"]


async def test_no_log_line_and_no_metric_holds_a_detail_of_the_reporter(database, start):
    lines = io.StringIO()
    async with start(LINTAS_LOG_LEVEL="debug") as ingest:
        handler = logging.StreamHandler(lines)
        logging.getLogger().addHandler(handler)
        await ingest.post(MENTION, key=f"key-of-{HANDLE}")
        await ingest.post(MENTION | {"text": 5, "author": {"name": NAME, "nik": NIK}})
        metrics = (await ingest.http.get("/metrics")).text
        logging.getLogger().removeHandler(handler)
    assert "lintas_mentions_total" in metrics
    seen = f"{lines.getvalue()} {metrics}".casefold()
    assert [canary for canary in CANARIES if canary.casefold() in seen] == []


@pytest.mark.parametrize(
    ("anonymity", "external_id", "shown"),
    [
        pytest.param("open", "77001", "77001", id="open"),
        pytest.param("open", f"at://{HANDLE}/1", None, id="open, but it names the reporter"),
        pytest.param("anonymous", "77001", None, id="anonymous"),
        pytest.param("secret", "77001", None, id="secret"),
        pytest.param(None, "77001", None, id="unknown is anonymous"),
    ],
)
async def test_a_post_id_is_shown_only_of_open_reporters(ingest, anonymity, external_id, shown):
    changes = {"anonymity": anonymity} if anonymity else {}
    await ingest.post(MENTION | {"external_id": external_id} | changes)
    [event] = await ingest.events()
    assert event["mention"]["external_id"] == shown


async def test_the_citys_own_accounts_may_be_named(ingest):
    await ingest.post(MENTION | {"text": f"@pemkotbogor tolong, @{HANDLE} sudah lapor"})
    [event] = await ingest.events()
    assert "@pemkotbogor" in event["mention"]["text"]
