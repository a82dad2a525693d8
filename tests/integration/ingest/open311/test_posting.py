import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from lintas.contracts.events import complaints
from lintas.vocabulary.terms import Anonymity

pytestmark = pytest.mark.stack

ROAD = {"service_code": "road_damage", "attribute[damage]": "pothole"}
PLACE = {"address_string": "Jalan Pajajaran 12"}
GOOD = ROAD | PLACE | {"description": "Jalan berlubang"}
BASE = "/open311/v2"


def _photo() -> bytes:
    written = BytesIO()
    Image.new("RGB", (64, 48), "red").save(written, "JPEG")
    return written.getvalue()


async def mention(city) -> dict:
    """The only event's mention."""
    rows = await city.database.fetch("SELECT value FROM outbox ORDER BY id")
    assert len(rows) == 1
    return json.loads(rows[0]["value"])["mention"]


LOCATIONS = [
    ({"lat": "-6.6", "long": "106.8"}, {"lat": -6.6, "lon": 106.8, "address": None}),
    (PLACE, {"lat": None, "lon": None, "address": "Jalan Pajajaran 12"}),
    ({"address_id": "A-77"}, {"lat": None, "lon": None, "address": "A-77"}),
    (
        PLACE | {"lat": "-6.6", "long": "106.8", "address_id": "", "jurisdiction_id": " "},
        {"lat": -6.6, "lon": 106.8, "address": "Jalan Pajajaran 12"},
    ),
]


@pytest.mark.parametrize(("sent", "kept"), LOCATIONS)
async def test_a_place_is_a_point_an_address_or_an_address_id(city, sent, kept):
    answer = await city.post(**ROAD, **sent, description="Jalan berlubang")
    assert answer.status_code == 200, answer.text
    assert (await mention(city))["location"] == kept


async def test_what_is_posted_becomes_a_mention_that_names_nobody(city):
    answer = await city.post(
        **ROAD,
        **PLACE,
        title="Lubang besar",
        description="Depan rumah Budi Santoso\r\nsudah sebulan",
        email="budi.santoso@contoh.example",
        first_name="Budi",
        last_name="Santoso",
        phone="0812 9999 0001",
        device_id="device-1",
        media_url="https://foto.example/1.jpg",
    )
    [posted] = answer.json()
    assert posted == {
        "service_request_id": posted["service_request_id"],
        "service_notice": None,
        "account_id": None,
    }
    said = await mention(city)
    assert said["text"].startswith("Lubang besar\n\nDepan rumah [REPORTER_1]\nsudah sebulan")
    assert said["text"].endswith("Jenis kerusakan: Lubang")
    assert (said["channel"], said["account"]) == ("open311", "front-door")
    assert said["anonymity"] == Anonymity.ANONYMOUS
    assert said["stated_category"] == "road_damage"


async def test_both_encodings_and_both_forms_of_answer_take_the_same_request(city):
    xml = await city.post("xml", **GOOD)
    assert xml.status_code == 200
    parts = [(name, (None, value)) for name, value in (GOOD | {"api_key": city.key}).items()]
    # one client repeats plain names and puts the jurisdiction into the query
    parts += [("service_code", (None, "road_damage"))]
    again = await city.http.post(
        f"{BASE}/requests.json?jurisdiction_id=kotabogor.go.id", files=parts
    )
    assert again.status_code == 200, again.text
    assert again.json()[0]["service_request_id"] in xml.text


async def test_an_identical_body_within_the_window_is_the_same_request_however_it_comes(city):
    answers = await asyncio.gather(*(city.post(**GOOD) for _ in range(5)))
    ids = {answer.json()[0]["service_request_id"] for answer in answers}
    assert len(ids) == 1
    assert await city.database.fetchval("SELECT count(*) FROM complaint") == 1
    other = await city.posted(description="Jalan berlubang lagi")
    assert other not in ids


async def test_after_the_window_an_identical_body_is_another_request(city):
    first = await city.posted()
    await city.database.execute("UPDATE open311_post SET posted_at = now() - interval '1 hour'")
    second = await city.posted()
    assert first != second
    assert await city.database.fetchval("SELECT count(*) FROM open311_post") == 1


async def test_two_clients_with_one_body_post_two_requests(city, keys):
    first = await city.posted()
    assert await city.posted(api_key=keys["other-door"]) != first


ANSWERED = [
    pytest.param({"attribute[damage]": "cracks"}, ["cracks"], id="one of a list"),
    pytest.param({"attribute[damage]": ["cracks", "cracks"]}, ["cracks"], id="said twice"),
]


@pytest.mark.parametrize(("sent", "kept"), ANSWERED)
async def test_answers_to_attributes_are_kept(city, sent, kept):
    ticket = await city.posted(**sent)
    [request] = await city.both(f"requests/{ticket}", extensions="true")
    assert [one["value"] for one in request["attributes"]] == kept


async def test_a_list_takes_several_answers_in_either_way_of_writing(city):
    for name in ("attribute[trouble][]", "attribute[trouble]"):
        ticket = await city.posted(
            service_code="drainage", **{name: ["clogged", "overflowing"]}, description=name
        )
        [request] = await city.both(f"requests/{ticket}", extensions="true")
        assert request["attributes"] == [
            {
                "code": "trouble",
                "label": "Apa masalahnya",
                "name": "Tersumbat, Meluap",
                "value": "clogged, overflowing",
            }
        ]
        assert "Apa masalahnya: Tersumbat, Meluap" in request["description"]


async def test_what_a_service_does_not_ask_is_told_in_the_text(city):
    ticket = await city.posted(**{"attribute[RT]": "05"})
    [request] = await city.both(f"requests/{ticket}")
    assert request["description"].endswith("Jenis kerusakan: Lubang\nRT: 05")


async def test_without_a_description_the_service_speaks(city):
    ticket = await city.posted(service_code="bridge", description="")
    [request] = await city.both(f"requests/{ticket}")
    assert request["description"].startswith("Jembatan")


async def test_a_token_stands_for_a_request(city):
    await city.answers_with("bridge", "token")
    answer = await city.post(service_code="bridge", **PLACE, description="Retak")
    [posted] = answer.json()
    assert set(posted) == {"token", "service_notice", "account_id"}
    [found] = await city.both(f"tokens/{posted['token']}")
    assert found["token"] == posted["token"]
    [request] = await city.both(f"requests/{found['service_request_id']}")
    assert request["service_name"] == "Jembatan"
    types = {one["service_code"]: one["type"] for one in await city.both("services")}
    assert (types["bridge"], types["garbage"]) == ("batch", "realtime")


async def test_a_service_may_answer_with_neither_id_nor_token(city):
    await city.answers_with("bridge", "nothing")
    answer = await city.post(service_code="bridge", **PLACE, description="Retak")
    assert answer.json() == [{"service_notice": None, "account_id": None}]
    types = {one["service_code"]: one["type"] for one in await city.both("services")}
    assert types["bridge"] == "blackbox"
    assert [one["description"] for one in await city.both("requests")] == ["Retak"]


async def test_a_secret_request_is_kept_and_never_shown(city):
    ticket = await city.posted(non_public="1", description="Rahasia sekali")
    await city.told(ticket, complaints.ComplaintRegistered, complaints.ComplaintAssigned)
    token = await city.database.fetchval("SELECT mention_id::text FROM mention")
    assert await city.both("requests") == []
    assert await city.both("requests", service_request_id=ticket) == []
    assert await city.both("servicerequestupdates") == []
    for call in (f"requests/{ticket}", f"tokens/{token}"):
        answer = await city.get(call)
        assert answer.status_code == 404
        assert "Rahasia" not in answer.text


async def test_words_go_with_the_reporters_key_and_with_what_is_taken_back(city):
    erased, withdrawn = (
        await city.posted(email="a@b.example"),
        await city.posted(email="c@d.example"),
    )
    await city.both("requests")
    assert await city.database.fetchval("SELECT count(*) FROM open311_words") == 2
    await city.database.execute(
        "UPDATE reporter_key SET wrapped = NULL, destroyed_at = now() WHERE key_id ="
        " (SELECT key_id FROM complaint WHERE ticket = $1)",
        erased,
    )
    assert await city.database.fetchval("SELECT count(*) FROM open311_words") == 1
    await city.told(withdrawn, complaints.ComplaintRegistered, complaints.ComplaintWithdrawn)
    assert await city.database.fetchval("SELECT count(*) FROM open311_words") == 0
    for _ in range(2):
        assert [one["description"] for one in await city.both("requests")] == [None, None]
    assert await city.database.fetchval("SELECT count(*) FROM open311_words") == 0


async def test_every_opening_for_the_list_stands_in_the_audit_once(city):
    await city.posted()
    for _ in range(3):
        await city.both("requests")
    purposes = await city.database.fetch("SELECT purpose FROM unseal_audit")
    assert [row["purpose"] for row in purposes] == ["public_words"]


UPDATE = {
    "update_id": "9",
    "status": "OPEN",
    "updated_datetime": "2026-01-31T08:00:00Z",
    "description": "Lubangnya makin besar",
    "first_name": "-",
    "last_name": "-",
    "email": "c@d.example",
}


async def test_an_update_continues_its_complaint_once(city):
    ticket = await city.posted()
    update = UPDATE | {
        "service_request_id": ticket,
        "updated_datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    answers = [await city.post("json", "servicerequestupdates", **update) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    [kept] = {answer.json()[0]["update_id"] for answer in answers}
    assert await city.database.fetchval("SELECT count(*) FROM complaint") == 1
    rows = await city.database.fetch(
        "SELECT mention_id::text FROM mention JOIN complaint USING (complaint_id)"
        " WHERE ticket = $1 ORDER BY mention.received_at",
        ticket,
    )
    assert [row["mention_id"] for row in rows][1:] == [kept]
    xml = await city.post("xml", "servicerequestupdates", **update)
    assert f"<update_id>{kept}</update_id>" in xml.text
    [request] = await city.both(f"requests/{ticket}")
    assert request["description"].startswith("Jalan berlubang")


async def test_what_the_reporter_makes_of_it_is_said_in_words(city):
    ticket = await city.posted()
    await city.post(
        "json",
        "servicerequestupdates",
        **UPDATE | {"service_request_id": ticket, "status": "FIXED"},
    )
    rows = await city.database.fetch("SELECT value FROM outbox ORDER BY id")
    assert b"Menurut pelapor sudah selesai." in rows[1]["value"]


async def test_not_solved_is_refused_after_its_last_day_unless_it_was_said_in_time(city):
    ticket = await city.posted()
    await city.told(
        ticket,
        complaints.ComplaintRegistered,
        (complaints.ComplaintResolved, {"disposition": "solved"}),
    )
    reopening = UPDATE | {"service_request_id": ticket, "status": "REOPEN"}
    post = partial(city.post, call="servicerequestupdates")
    in_time = await post("json", **reopening)
    assert in_time.status_code == 200, in_time.text
    await city.database.execute("UPDATE public_step SET at = now() - interval '60 days'")

    again = await post("json", **reopening)
    assert again.json() == in_time.json()
    late = reopening | {"update_id": "10"}
    for form in ("json", "xml"):
        refused = await post(form, **late)
        assert refused.status_code == 400
        assert ticket in refused.text
        assert "could be said until 20" in refused.text
    [error] = (await post("json", **late)).json()
    assert error["code"] == "400"
    # more about it is taken all the same
    assert (await post("json", **late | {"status": "OPEN"})).status_code == 200
    assert await city.database.fetchval("SELECT count(*) FROM mention") == 3


def picture(colour: str) -> bytes:
    """A small photograph."""
    kept = BytesIO()
    Image.new("RGB", (8, 8), colour).save(kept, "JPEG")
    return kept.getvalue()


async def test_photographs_are_kept_with_what_they_show(city):
    files = [
        (name, (f"{name}.jpg", picture(colour), "image/jpeg"))
        for name, colour in (("media", "red"), ("photo1", "green"), ("photo2", "blue"))
    ]
    for _ in range(2):
        answer = await city.post(files=files, **GOOD)
        assert answer.status_code == 200, answer.text
    media = (await mention(city))["media"]
    assert [one["media_type"] for one in media] == ["image/jpeg"] * 3
    assert len({one["reference"] for one in media}) == 3
    ticket = answer.json()[0]["service_request_id"]
    update = UPDATE | {"service_request_id": ticket}
    answer = await city.post("json", "servicerequestupdates", files=files[:1], **update)
    assert answer.status_code == 200, answer.text


async def test_no_photograph_is_shown_as_no_officer_has_released_it(city):
    files = [("media", ("rumah-budi.jpg", picture("red"), "image/jpeg"))]
    answer = await city.post(files=files, media_url="https://foto.example/budi.jpg", **GOOD)
    [reference] = [one["reference"] for one in (await mention(city))["media"] if "reference" in one]
    ticket = answer.json()[0]["service_request_id"]
    for call in ("requests", f"requests/{ticket}", "bulk"):
        for form in ("json", "xml"):
            told = (await city.get(call, form, extensions="true")).text
            assert ticket in told
            for hidden in ("foto.example", "rumah-budi", reference):
                assert hidden not in told


async def test_a_file_that_is_no_picture_is_refused_and_leaves_nothing(city):
    answer = await city.post(
        files=[("media", ("a.jpg", b"MZ\x90 no picture", "image/jpeg"))], **GOOD
    )
    assert answer.status_code == 400, answer.text
    assert await city.database.fetchval("SELECT count(*) FROM complaint") == 0


async def test_media_addresses_of_requests_and_updates_are_downloaded_and_shown_to_nobody(
    learned, until
):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        content = _photo()
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, learned(LINTAS_ENVIRONMENT="test", LINTAS_ASK_ALSO=origin) as city:
        ticket = await city.posted(media_url=[f"{origin}/1.jpg", f"{origin}/kanari.jpg"])
        update = {
            "service_request_id": ticket,
            "update_id": "u-1",
            "status": "OPEN",
            "updated_datetime": datetime.now(UTC).isoformat(),
            "description": "Foto baru",
            "media_url": f"{origin}/2.jpg",
        }
        answer = await city.post(call="servicerequestupdates", **update)
        assert answer.status_code == 200, answer.text

        async def kept() -> bool:
            rows = await city.database.fetch("SELECT value FROM outbox ORDER BY id")
            media = [json.loads(row["value"])["mention"]["media"] for row in rows]
            # the same bytes twice are one file
            return sorted(map(len, media)) == [0, 0, 1, 1]

        await until(kept)
        await city.told(ticket, complaints.ComplaintRegistered)
        for call in ("requests", f"requests/{ticket}"):
            answer = await city.get(call, extensions="true")
            [shown] = answer.json()
            assert shown["media_url"] is None
            assert "kanari" not in answer.text
            assert origin not in answer.text
