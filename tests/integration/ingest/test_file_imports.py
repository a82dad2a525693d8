"""Files of complaints: handed in, worked through, reported row by row."""

import asyncio
import io
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from openpyxl import Workbook

pytestmark = pytest.mark.stack

HEADING = "tracking_id;tanggal_masuk;isi_laporan;nama_pelapor;no_hp\n"
ROWS = [
    "A1;24 Feb 2024;Lampu jalan mati di depan balai warga;Siti Contoh;0812-0000-1111\n",
    'A2;25 Februari 2024;"Sampah menumpuk,\nsudah tiga hari";;\n',
    "A3;31 Feb 2024;Tanggal ini tidak ada;;\n",
    "A1;24 Feb 2024;Baris yang sama sekali lagi;;\n",
    "A4;2024-02-26 08:15:00;   ;;\n",
]
CSV = (HEADING + "".join(ROWS)).encode()


class Archive:
    """A client that hands files in."""

    def __init__(self, ingest, client: str = "archive") -> None:
        self._http: httpx2.AsyncClient = ingest.http
        self._headers = ingest.bearer(client)

    async def hand_in(self, content: Any, **query: Any) -> httpx2.Response:
        headers = {"Content-Type": "application/octet-stream"} | self._headers
        return await self._http.post("/v1/imports", params=query, content=content, headers=headers)

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        return await self._http.get(f"/v1/imports/{path}", params=query, headers=self._headers)

    async def start(self, import_id: str, **how: Any) -> httpx2.Response:
        return await self._http.post(
            f"/v1/imports/{import_id}/start", json=how, headers=self._headers
        )

    async def ended(self, import_id: str) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while True:
                found = (await self.get(import_id)).json()
                if found["state"] in ("checked", "done", "failed"):
                    return found
                await asyncio.sleep(0.02)

    async def done(self, content: Any, **query: Any) -> dict[str, Any]:
        answer = await self.hand_in(content, **query)
        assert answer.status_code == 202, answer.text
        return await self.ended(answer.json()["import_id"])

    async def report(self, import_id: str) -> list[dict[str, Any]]:
        return (await self.get(f"{import_id}/rows", limit=200)).json()["items"]


@pytest.fixture
def archive(ingest) -> Archive:
    return Archive(ingest)


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    return tuple(found[name] for name in ("rows", "accepted", "duplicate", "rejected"))


async def test_each_row_is_accepted_repeated_or_refused_with_its_column(ingest, archive):
    found = await archive.done(CSV)
    assert (found["state"], found["failure"]) == ("done", None)
    assert counts(found) == (5, 2, 1, 2)
    report = await archive.report(found["import_id"])
    assert [(row["row"], row["outcome"]) for row in report] == [
        (2, "accepted"),
        (3, "accepted"),
        (5, "rejected"),
        (6, "duplicate"),
        (7, "rejected"),
    ]
    assert report[2]["errors"] == [
        {
            "column": "tanggal_masuk",
            "expected": "a time such as 2024-02-24 13:30:21, 24 Feb 2024 or 24/02/2024",
        }
    ]
    assert report[4]["errors"][0]["column"] == "isi_laporan"
    assert report[0]["complaint_id"] == report[3]["complaint_id"]
    shown = await ingest.http.get(f"/v1/complaints/{report[0]['ticket']}")
    assert shown.json()["status"] == "received"


async def test_rows_are_live_mentions_posted_when_the_file_says(ingest, archive):
    await archive.done(CSV, zone="+08:00", channel="counter", source="loket")
    first, _ = await ingest.events()
    mention = first["mention"]
    assert (mention["origin"], mention["channel"], mention["account"]) == (
        "live",
        "counter",
        "loket",
    )
    assert mention["posted_at"] == "2024-02-23T16:00:00Z"
    assert mention["received_at"] > "2026"
    assert mention["anonymity"] == "anonymous"
    told = json.dumps(await ingest.events())
    assert "Siti" not in told
    assert "0812" not in told


async def test_the_same_file_again_is_all_duplicates(ingest, archive):
    await archive.done(CSV)
    again = await archive.done(CSV)
    assert counts(again) == (5, 0, 3, 2)
    assert (await ingest.count("complaint"), await ingest.count("outbox")) == (2, 2)


async def test_rows_without_an_id_are_known_by_the_file_and_their_number(ingest, archive):
    rows = b"isi\nLubang di jalan\nLubang di jalan\n"
    assert counts(await archive.done(rows)) == (2, 2, 0, 0)
    assert counts(await archive.done(rows)) == (2, 0, 2, 0)
    assert counts(await archive.done(rows + b"Lampu mati\n")) == (3, 3, 0, 0)


async def test_a_dry_run_keeps_nothing_and_may_be_started(ingest, archive):
    found = await archive.done(CSV, dry_run=True)
    assert (found["state"], found["dry_run"]) == ("checked", True)
    assert counts(found) == (5, 2, 1, 2)
    assert await ingest.count("complaint") == 0
    preview = (await archive.get(f"{found['import_id']}/preview")).json()
    assert (preview["format"], preview["delimiter"]) == ("csv", ";")
    assert preview["columns"] == HEADING.strip().split(";")
    assert preview["mapping"]["text"] == ["isi_laporan"]
    first = preview["rows"][0]["mention"]
    assert first["posted_at"] == "2024-02-24T00:00:00+07:00"
    assert first["author"] == ["name", "phone"]
    assert (await archive.start(found["import_id"])).status_code == 202
    done = await archive.ended(found["import_id"])
    assert (done["state"], counts(done)) == ("done", (5, 2, 1, 2))
    assert await ingest.count("complaint") == 2


async def test_a_mapping_of_ones_own_replaces_the_proposed_one(ingest, archive):
    content = b"no,kata,kapan\n1,Jalan rusak,2024-03-01 10:00\n"
    failed = await archive.done(content, dry_run=True)
    assert failed["state"] == "failed"
    assert "isi_laporan" in failed["failure"]
    content = content.replace(b"kata", b"isi")
    found = await archive.done(content, dry_run=True)
    mapping = {
        "source": "loket",
        "times": {"zone": "+09:00"},
        "id": "no",
        "text": ["isi"],
        "channel": "counter",
        "received_at": "kapan",
    }
    unknown = await archive.start(found["import_id"], mapping=mapping | {"id": "nomor"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/mapping"
    assert (await archive.start(found["import_id"], mapping=mapping)).status_code == 202
    assert counts(await archive.ended(found["import_id"])) == (1, 1, 0, 0)
    [event] = await ingest.events()
    assert event["mention"]["posted_at"] == "2024-03-01T01:00:00Z"
    again = await archive.start(found["import_id"])
    assert (again.status_code, again.json()["state"]) == (409, "done")


async def test_a_file_is_sealed_while_it_is_kept_and_gone_afterwards(ingest, archive):
    found = await archive.done(CSV, dry_run=True)
    parts = await ingest.database.fetch("SELECT sealed FROM file_import_part")
    preview = await ingest.database.fetchval("SELECT preview FROM file_import")
    assert parts
    assert not any(b"Lampu" in blob for blob in (*(row["sealed"] for row in parts), preview))
    await archive.start(found["import_id"])
    await archive.ended(found["import_id"])
    assert await ingest.count("file_import_part") == 0
    row = await ingest.database.fetchrow("SELECT wrapped, preview FROM file_import")
    assert (row["wrapped"], row["preview"]) == (None, None)
    assert (await archive.get(f"{found['import_id']}/preview")).status_code == 404
    stored = await ingest.database.fetch("SELECT * FROM file_import_row")
    assert "Lampu" not in str([dict(row) for row in stored])


async def test_another_client_sees_nothing_of_an_import(ingest, archive):
    found = await archive.done(CSV, dry_run=True)
    other = Archive(ingest, "other-archive")
    for path in (found["import_id"], f"{found['import_id']}/rows", f"{found['import_id']}/preview"):
        assert (await other.get(path)).status_code == 404
    assert (await other.start(found["import_id"])).status_code == 404
    assert (await Archive(ingest, "front-door").hand_in(CSV)).status_code == 403
    assert (await ingest.http.post("/v1/imports", content=CSV)).status_code == 401


async def test_the_report_comes_in_pages(archive):
    content = b"isi\n" + b"".join(b"Laporan %d\n" % number for number in range(25))
    found = await archive.done(content)
    seen: list[int] = []
    query: dict[str, Any] = {"limit": 10}
    while True:
        answer = await archive.get(f"{found['import_id']}/rows", **query)
        seen += [row["row"] for row in answer.json()["items"]]
        following = answer.links.get("next")
        if following is None:
            break
        query = dict(httpx2.URL(following["url"]).params)
    assert seen == [*range(2, 27)]
    tampered = await archive.get(f"{found['import_id']}/rows", cursor="AAAA")
    assert tampered.status_code == 400
    only = await archive.get(f"{found['import_id']}/rows", outcome="rejected")
    assert only.json()["items"] == []


async def test_a_workbook_is_read_by_its_values(ingest, archive):
    book = Workbook()
    sheet = book.active
    sheet.append(["Tracking ID", "Isi Laporan", "Catatan"])
    sheet.append([1234567, "Saluran air tersumbat", "=1+1"])
    file = io.BytesIO()
    book.save(file)
    found = await archive.done(file.getvalue())
    assert counts(found) == (1, 1, 0, 0)
    assert found["mapping"]["format"] == "xlsx"


REFUSED = {
    "empty": (b"", {}, {}, 422),
    "multipart": (CSV, {}, {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    "packed": (CSV, {}, {"Content-Encoding": "gzip"}, 415),
    "zone": (CSV, {"zone": "Asia/Nowhere"}, {}, 422),
    "source": (CSV, {"source": "Nama Sumber"}, {}, 422),
    "anonymity": (CSV, {"anonymity": "hidden"}, {}, 422),
    "repeated": (CSV, {"zone": ["+07:00", "+08:00"]}, {}, 400),
    "too large": (b"x" * (2 << 20), {}, {}, 413),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_no_import_is_refused_and_leaves_nothing_to_do(database, start, case):
    content, query, headers, status = REFUSED[case]
    async with start(LINTAS_IMPORT_MOST_MIB="1") as ingest:
        answer = await ingest.http.post(
            "/v1/imports",
            params=query,
            content=content,
            headers={"Content-Type": "text/csv"} | ingest.bearer("archive") | headers,
        )
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        waiting = "SELECT count(*) FROM file_import WHERE state <> 'receiving'"
        assert await ingest.database.fetchval(waiting) == 0


UNREADABLE = {
    "an old workbook": b"\xd0\xcf\x11\xe0" + b"\x00" * 100,
    "no workbook": b"PK\x03\x04" + b"\x00" * 100,
    "packed": b"\x1f\x8b\x08",
    "UTF-16": "isi\nLubang\n".encode("utf-16"),
    "no words": b"a,b\n1,2\n",
    "blank": b"\n\n",
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_a_file_that_cannot_be_read_ends_with_what_was_expected(archive, case):
    found = await archive.done(UNREADABLE[case])
    assert found["state"] == "failed"
    assert found["failure"]
    # the next one is not kept waiting
    assert (await archive.done(CSV))["state"] == "done"


@asynccontextmanager
async def process(environ: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Ingest in a process of its own, that may be killed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--factory", "ingest.app:from_environment"),
        *("--port", str(port), "--no-access-log", "--log-level", "critical"),
        env=os.environ | environ,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running, f"http://127.0.0.1:{port}"
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def hand_in_when_up(address: str, key: str, content: bytes) -> str:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        async with asyncio.timeout(30):
            while True:
                try:
                    answer = await http.post("/v1/imports", content=content, headers=headers)
                except httpx2.ConnectError:
                    await asyncio.sleep(0.05)
                else:
                    return answer.json()["import_id"]


@pytest.mark.parametrize("passage", [1, 3])
async def test_a_worker_that_dies_between_two_steps_leaves_no_row_out_and_none_twice(
    database, start, environ, keys, passage
):
    """The process ends right after rows are committed, before it can note that they are."""
    rows = [f"K{number % 990},Laporan nomor {number % 990}\n" for number in range(1_000)]
    rows[500] = "K500,\n"
    content = ("tracking_id,isi\n" + "".join(rows)).encode()
    fault = {"LINTAS_ENVIRONMENT": "test", "LINTAS_FAULT": f"after_commit:exit137@{passage}"}
    async with process(environ | fault) as (running, address):
        import_id = await hand_in_when_up(address, keys["archive"], content)
        async with asyncio.timeout(30):
            assert await running.wait() == 137
    async with start() as ingest:
        archive = Archive(ingest)
        cut = (await archive.get(import_id)).json()
        assert cut["state"] == "working"
        assert await ingest.count("complaint") > cut["accepted"]
        # as if the lease of the one that died had ended
        await ingest.database.execute("UPDATE file_import SET lease_until = now()")
        done = await archive.ended(import_id)
        assert (done["state"], counts(done)) == ("done", (1_000, 989, 10, 1))
        assert (await ingest.count("complaint"), await ingest.count("outbox")) == (989, 989)
        told = await ingest.database.fetch(
            "SELECT outcome, count(*) FROM file_import_row GROUP BY outcome"
        )
        assert dict(told) == {"accepted": 989, "duplicate": 10, "rejected": 1}


async def test_two_instances_share_the_files_and_not_the_rows(database, start):
    async with start() as one, start() as other:
        clients = [Archive(one), Archive(other)]
        content = b"tracking_id,isi\n" + b"".join(b"%d,Laporan\n" % n for n in range(600))
        ended = await asyncio.gather(*(clients[n % 2].done(content) for n in range(4)))
        assert sum(found["accepted"] for found in ended) == 600
        assert {found["rows"] for found in ended} == {600}
        assert await one.count("complaint") == 600


async def test_files_nobody_started_go_after_a_day_and_reports_after_their_time(ingest, archive):
    checked = await archive.done(CSV, dry_run=True)
    done = await archive.done(CSV)
    importing = ingest.app.state.deps.importing
    assert await importing.forget_old() == 0
    await ingest.database.execute("UPDATE file_import SET changed_at = now() - interval '25 hours'")
    assert await importing.forget_old() == 1
    assert (await archive.get(checked["import_id"])).status_code == 404
    await ingest.database.execute("UPDATE file_import SET finished_at = now() - interval '31 days'")
    assert await importing.forget_old() == 1
    assert (await archive.get(done["import_id"])).status_code == 404
    assert await ingest.count("file_import_part") + await ingest.count("file_import_row") == 0
    assert await ingest.count("complaint") == 2
