"""Files of a complaint, for a service that knows who may see it."""

import hashlib
import io
from uuid import uuid4

import httpx2
import pytest
from PIL import Image

from ingest.domain.mentions import Author
from ingest.usecases.reporting import Report
from lintas.vocabulary.terms import Anonymity

pytestmark = pytest.mark.stack

PHONE = "0812-7734-5500"


def picture(colour: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(written, "PNG")
    return written.getvalue()


async def reported(ingest, token: str, colour: str, phone: str = PHONE) -> dict[str, str]:
    """A report by the form, with a picture: what the gateway asks for it."""
    report = Report("Jalan rusak", None, Author(phone=phone), Anonymity.SECRET, token * 24)
    await ingest.app.state.deps.reporting.send(report, [picture(colour)])
    event = (await ingest.events())[-1]
    [file] = event["mention"]["media"]
    return {
        "complaint_id": event["complaint_id"],
        "sha256": file["sha256"],
        "purpose": "case_handling",
        "reader": "person:7",
    }


async def ask(ingest, wanted: dict[str, str], client: str = "agency-gateway") -> httpx2.Response:
    return await ingest.http.post("/v1/vault/media", json=wanted, headers=ingest.bearer(client))


async def audit(ingest) -> list[tuple[str, ...]]:
    rows = await ingest.database.fetch("SELECT * FROM unseal_audit ORDER BY id")
    return [(row["client"], row["purpose"], row["reader"], row["outcome"]) for row in rows]


async def test_a_file_opens_for_a_service_and_the_audit_says_for_whom(ingest):
    wanted = await reported(ingest, "a", "red")
    answer = await ask(ingest, wanted)
    assert answer.status_code == 200, answer.text
    assert hashlib.sha256(answer.content).hexdigest() == wanted["sha256"]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "private, no-store"
    assert await audit(ingest) == [("agency-gateway", "case_handling", "person:7", "opened")]


async def test_a_complaint_opens_its_own_files_only(ingest):
    first, second = await reported(ingest, "a", "red"), await reported(ingest, "b", "blue")
    crossed = await ask(ingest, first | {"sha256": second["sha256"]})
    nowhere = await ask(ingest, first | {"complaint_id": str(uuid4())})
    assert (crossed.status_code, nowhere.status_code) == (404, 404)
    # a refusal is on record where there is a complaint that it could be about
    assert [line[-1] for line in await audit(ingest)] == ["unreadable"]


async def test_what_is_erased_is_gone_whether_its_file_is_swept_yet_or_not(ingest):
    wanted, other = await reported(ingest, "a", "red"), await reported(ingest, "b", "red", "0813")
    await ingest.database.execute(
        "UPDATE reporter_key SET wrapped = NULL, destroyed_at = now() WHERE key_id ="
        " (SELECT key_id FROM complaint WHERE complaint_id = $1)",
        wanted["complaint_id"],
    )
    answer = await ask(ingest, wanted)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
    # the same picture of somebody else is another file
    assert (await ask(ingest, other)).status_code == 200
    assert [line[-1] for line in await audit(ingest)] == ["erased", "opened"]


@pytest.mark.parametrize(
    ("change", "client", "status"),
    [
        pytest.param({"purpose": "curiosity"}, "agency-gateway", 422, id="another purpose"),
        pytest.param({"sha256": "x"}, "agency-gateway", 422, id="no hash"),
        pytest.param({"reader": "kanari biru"}, "agency-gateway", 422, id="no name of a reader"),
        pytest.param({"reference": "x"}, "agency-gateway", 422, id="an unknown field"),
        pytest.param({}, "front-door", 403, id="no scope"),
        pytest.param({}, "operator", 403, id="the operator"),
    ],
)
async def test_without_scope_and_purpose_no_file_opens(ingest, change, client, status):
    wanted = await reported(ingest, "a", "red")
    answer = await ask(ingest, wanted | change, client)
    assert answer.status_code == status
    assert "kanari" not in answer.text
    assert await audit(ingest) == []
