"""Files of complaints, read by those who see them; ingest is a stub that keeps what it was asked."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.serving import served

from agency_gateway.channels.ingest import Ingest
from agency_gateway.usecases.complaints import Files
from agency_gateway.usecases.sight import Sights
from lintas.contracts.events import mentions
from lintas.contracts.events.routing import MentionForwarded
from lintas.net import Neighbour
from lintas.testing.builders import NOON, complaint_id, complaint_routed, mention
from lintas.vocabulary.ids import derived_id

pytestmark = pytest.mark.stack

PHOTO = b"photo of a hole"
SHA256 = hashlib.sha256(PHOTO).hexdigest()
MEDIA = {
    "reference": "r",
    "media_type": "image/jpeg",
    "sha256": SHA256,
    "size_bytes": len(PHOTO),
}
PATH = f"/v1/complaints/{complaint_id(1)}/media/{SHA256}"


@dataclass
class Kept:
    """Ingest as the gateway knows it."""

    #: instead of the photograph
    answer: httpx2.Response | httpx2.HTTPError | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Authorization"] == "Bearer key"
        self.asked.append((request.url.path, json.loads(request.content)))
        if isinstance(self.answer, httpx2.HTTPError):
            raise self.answer
        return self.answer or httpx2.Response(200, content=parts())


async def parts() -> AsyncIterator[bytes]:
    yield PHOTO[:5]
    yield PHOTO[5:]


@pytest.fixture
async def ingest(gateway, work) -> AsyncIterator[Kept]:
    kept = Kept()
    neighbour = Neighbour("ingest", "http://ingest", "key", transport=httpx2.MockTransport(kept))
    deps = gateway.app.state.deps
    gateway.app.state.deps = replace(deps, files=Files(work, Sights(), Ingest(neighbour)))
    yield kept
    gateway.app.state.deps = deps
    await neighbour.close()


def told(kind: type, n: int, **payload: Any) -> MentionForwarded:
    return MentionForwarded(
        event_id=derived_id(complaint_id(1), kind.type, n),
        occurred_at=NOON + timedelta(hours=n),
        recorded_at=NOON + timedelta(hours=n),
        complaint_id=complaint_id(1),
        event_type=kind.type,
        payload={"complaint_id": str(complaint_id(1)), **payload},
    )


async def test_an_officer_downloads_what_the_complaint_lists_and_ingest_is_told_who(
    gateway, registrar, ingest
):
    await registrar.apply([complaint_routed(1, media=[MEDIA], ticket="BGR-7K2M-4QXA-9")])
    ani = await gateway.person("ani", "dpupr")
    shown = (await gateway.get(f"/v1/complaints/{complaint_id(1)}", ani)).json()
    [listed] = shown["said"]["media"]
    answer = await gateway.get(f"/v1/complaints/{shown['ticket']}/media/{listed['sha256']}", ani)
    assert (answer.status_code, answer.content) == (200, PHOTO)
    expected = {
        "content-type": "image/jpeg",
        "content-length": str(len(PHOTO)),
        "content-disposition": "attachment",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    [(path, asked)] = ingest.asked
    person = asked.pop("reader")
    assert person.startswith("person:")
    assert path == "/v1/vault/media"
    assert asked == {
        "complaint_id": str(complaint_id(1)),
        "sha256": SHA256,
        "purpose": "case_handling",
    }


async def test_a_file_that_comes_after_the_words_is_listed_and_opens(gateway, registrar, ingest):
    later = mention(1, media=[MEDIA]).model_dump(mode="json")
    reply = mention(1001, text="Ini fotonya").model_dump(mode="json")
    with_photo = mention(1001, text="Ini fotonya", media=[MEDIA]).model_dump(mode="json")
    await registrar.apply([complaint_routed(1), told(mentions.MentionFollowedUp, 1, mention=reply)])
    who = await gateway.key("dpupr")
    assert (await gateway.get(PATH, who)).status_code == 404
    await registrar.apply([told(mentions.MentionEdited, 2, mention=later)])
    await registrar.apply([told(mentions.MentionEdited, 3, mention=with_photo)])
    shown = (await gateway.get(f"/v1/complaints/{complaint_id(1)}", who)).json()
    [message] = shown["messages"]
    assert [len(said["media"]) for said in (shown["said"], message["said"])] == [1, 1]
    assert (await gateway.get(PATH, who)).content == PHOTO


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(told(mentions.MentionErased, 1), id="erased"),
        pytest.param(
            told(mentions.MentionWithdrawn, 1, mention_id=str(mention(1).mention_id)),
            id="taken back",
        ),
    ],
)
async def test_what_the_complaint_shows_no_more_is_not_asked_for(gateway, registrar, ingest, end):
    await registrar.apply([complaint_routed(1, media=[MEDIA]), end])
    later = mention(1, media=[MEDIA]).model_dump(mode="json")
    await registrar.apply([told(mentions.MentionEdited, 2, mention=later)])
    answer = await gateway.get(PATH, await gateway.key("dpupr"))
    assert (answer.status_code, ingest.asked) == (404, [])


async def test_a_stranger_and_a_file_of_nobody_are_not_there(gateway, registrar, ingest):
    await registrar.apply([complaint_routed(1, media=[MEDIA]), complaint_routed(2)])
    strangers = await gateway.get(PATH, await gateway.key("dlh"))
    ours = await gateway.key("dpupr")
    never = await gateway.get(PATH.replace(str(complaint_id(1)), str(complaint_id(9))), ours)
    assert strangers.json()["detail"] == never.json()["detail"]
    others = await gateway.get(PATH.replace(str(complaint_id(1)), str(complaint_id(2))), ours)
    odd = await gateway.get(PATH.replace(SHA256, "x"), ours)
    assert {one.status_code for one in (strangers, never, others, odd)} == {404}
    assert ingest.asked == []


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        pytest.param(httpx2.Response(404), 404, id="named no more"),
        pytest.param(httpx2.Response(410), 410, id="erased a moment ago"),
        pytest.param(httpx2.Response(503), 503, id="not now"),
        pytest.param(httpx2.Response(403), 503, id="our key is refused"),
        pytest.param(httpx2.ConnectError("away"), 503, id="away"),
        pytest.param(httpx2.ReadTimeout("slow"), 503, id="too slow"),
    ],
)
async def test_what_ingest_does_not_give_is_a_problem(gateway, registrar, ingest, answers, status):
    ingest.answer = answers
    await registrar.apply([complaint_routed(1, media=[MEDIA])])
    answer = await gateway.get(PATH, await gateway.key("dpupr"))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "content-disposition" not in answer.headers


async def test_a_file_that_breaks_off_on_its_way_is_not_taken_for_whole(gateway, registrar, ingest):
    async def broken() -> AsyncIterator[bytes]:
        yield PHOTO[:5]
        raise httpx2.ReadError("gone")

    ingest.answer = httpx2.Response(200, content=broken())
    await registrar.apply([complaint_routed(1, media=[MEDIA])])
    who = await gateway.key("dpupr")
    async with served(gateway.app) as (host, port), httpx2.AsyncClient() as http:
        with pytest.raises(httpx2.RemoteProtocolError):
            await http.get(f"http://{host}:{port}{PATH}", headers=who)
    assert ingest.answer.is_closed
