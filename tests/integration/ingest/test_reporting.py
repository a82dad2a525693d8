"""The report form over HTTP, as a browser without scripts uses it."""

import asyncio
import gzip
import io
import re
from html import unescape
from typing import Any

import httpx2
import pytest
from PIL import Image
from ticket_story import published_pack

from ingest.domain.areas import Areas
from ingest.pages.maps import HEIGHT, WIDTH

pytestmark = pytest.mark.stack

REPORT = {
    "text": "Lampu penerangan mati sejak Senin, gelap sekali",
    "address": "Jl. Pajajaran, depan sekolah",
    "area": "32.71.03.1007",
    "anonymity": "anonymous",
}
PHONE = "0812-5550-1234"


def photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), (20, 90, 200)).save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def areas(ingest) -> Areas:
    """The places of the pack, known to the service as well."""
    ingest.app.state.deps.reference.learn(published_pack())
    return ingest.app.state.deps.reference.areas()


def fields_of(page: str) -> dict[str, str]:
    """What the hidden fields of a page carry on."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


async def opened(ingest, query: str = "?lang=en") -> dict[str, str]:
    """The hidden fields of a fresh form."""
    answer = await ingest.http.get(f"/lapor{query}")
    assert answer.status_code == 200
    return fields_of(answer.text)


async def look(ingest, query: str = "?lang=en", **typed: Any) -> httpx2.Response:
    """Fill in the form and press a button."""
    return await ingest.http.post(
        f"/lapor{query}", data=await opened(ingest, query) | REPORT | typed
    )


async def send(ingest, filled: dict[str, str], *files: tuple[str, bytes, str]) -> httpx2.Response:
    """Press the last button, with files."""
    attached = [("files", file) for file in files]
    return await ingest.http.post("/lapor/kirim?lang=en", data=filled, files=attached)


async def reported(ingest, *files: tuple[str, bytes, str], **typed: Any) -> httpx2.Response:
    """The whole way: fill in, look over, send, and follow to the page of the ticket."""
    review = await look(ingest, **typed)
    assert review.status_code == 200, review.text
    sent = await send(ingest, fields_of(review.text), *files)
    assert sent.status_code == 303, sent.text
    return await ingest.http.get(sent.headers["location"])


async def test_a_report_is_looked_over_sent_and_shown_with_its_files(ingest, areas):
    review = await look(ingest, phone=PHONE)
    assert "Jl. Pajajaran, depan sekolah, Kel. Tegallega, Kec. Bogor Tengah" in review.text
    page = await reported(ingest, ("../../x.html", photo(), "text/html"), phone=PHONE)

    assert "We have received your report" in page.text
    assert REPORT["text"] in page.text
    [event] = await ingest.events()
    mention = event["mention"]
    assert mention["channel"] == "web"
    assert mention["anonymity"] == "anonymous"
    assert mention["location"]["address"].endswith("Kel. Tegallega, Kec. Bogor Tengah")
    assert [media["media_type"] for media in mention["media"]] == ["image/jpeg"]
    assert PHONE not in str(event)

    [link] = re.findall(r'href="(/lacak/[^"]+/lampiran/[^"]+)"', page.text)
    file = await ingest.http.get(unescape(link))
    assert file.headers["content-disposition"].startswith('attachment; filename="BGR-')
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(file.content)).size == (64, 48)


async def test_the_same_form_sent_again_is_one_complaint(ingest, areas):
    filled = fields_of((await look(ingest)).text)

    first, again = [await send(ingest, filled, ("a.jpg", photo(), "image/jpeg")) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    assert await ingest.count("complaint") == 1


async def test_another_text_under_a_form_already_sent_is_asked_about_first(ingest, areas):
    filled = fields_of((await look(ingest)).text)
    await send(ingest, filled)

    asked = await send(ingest, filled | {"text": "Yang lain sama sekali"})
    assert asked.status_code == 422
    assert "was used for another report" in asked.text
    assert (await send(ingest, fields_of(asked.text))).status_code == 303
    assert await ingest.count("complaint") == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("text", "  \n ", id="blank"),
        pytest.param("text", "a" * 10_001, id="too long"),
        pytest.param("text", "nul \x00 character", id="nul"),
        pytest.param("address", "x" * 451, id="long address"),
        pytest.param("address", "Jalan\x00", id="nul in an address"),
        pytest.param("phone", "0812\x0034567890", id="nul in a number"),
        pytest.param("email", "siapa\x00@contoh.example", id="nul in an e-mail"),
        pytest.param("phone", "call me <b>now</b>", id="no number"),
        pytest.param("email", "siapa@", id="half an e-mail"),
        pytest.param("anonymity", "nobody", id="unknown choice"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    ingest, areas, field, value
):
    typed = {"name": 'Si "Anu" <b>', field: value}
    answer = await look(ingest, **typed)

    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert f'href="#{field}"' in answer.text
    assert "Si &#34;Anu&#34; &lt;b&gt;" in answer.text
    assert "<b>now" not in answer.text
    assert await ingest.count("complaint") == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="no bytes"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no photo", id="svg"),
        pytest.param(photo()[:150], "is damaged", id="cut short"),
        pytest.param(b"%PDF-1.7" + b"0" * 2_000_000, "is too large", id="too large"),
    ],
)
async def test_a_file_that_may_not_be_kept_is_told_and_nothing_is_sent(
    database, start, content, words
):
    async with start(LINTAS_MEDIA_MOST_BYTES="1000000") as ingest:
        filled = fields_of((await look(ingest, area="")).text)
        answer = await send(ingest, filled, ("foto.jpg", content, "image/jpeg"))

        assert answer.status_code == 422
        assert words in answer.text
        assert await ingest.count("complaint") == 0


async def test_a_body_beyond_all_bounds_is_refused_in_words(database, start):
    async with start(LINTAS_MEDIA_MOST_BYTES="1000") as ingest:
        answer = await ingest.http.post(
            "/lapor/kirim",
            files=[("files", ("a.pdf", b"%PDF" + b"0" * 1_100_000, "application/pdf"))],
            headers={"Accept": "text/html"},
        )
        assert answer.status_code == 413
        assert "Kiriman ini terlalu besar" in answer.text


async def test_a_click_on_the_map_chooses_the_place_and_the_next_one_points(ingest, areas):
    tegallega = areas.get("32.71.03.1007")
    whole = areas.view(None, WIDTH, HEIGHT)
    x, y = whole.dot((tegallega.lng, tegallega.lat))

    near = await look(ingest, area="", **{"map.x": f"{x:.0f}", "map.y": f"{y:.0f}"})
    assert "Chosen: Tegallega." in near.text
    assert REPORT["text"] in near.text
    first = fields_of(near.text)
    zoomed = areas.view("32.71.03", WIDTH, HEIGHT)
    x, y = zoomed.dot((tegallega.lng, tegallega.lat))
    exact = await ingest.http.post(
        "/lapor", data=first | REPORT | {"map.x": f"{x:.0f}", "map.y": f"{y:.0f}"}
    )
    found = fields_of(exact.text)
    assert abs(float(found["lat"]) - tegallega.lat) < 0.0005
    assert abs(float(found["lng"]) - tegallega.lng) < 0.0005


async def test_enter_in_a_field_is_no_click_on_the_map(ingest, areas):
    review = await look(ingest, **{"map.x": "0", "map.y": "0"})
    assert "Look it over and send" in review.text


async def test_a_point_outside_the_chosen_area_is_not_sent(ingest, areas):
    await reported(ingest, lat="-6.5", lng="106.7")
    [event] = await ingest.events()
    assert event["mention"]["location"]["lat"] is None


async def test_similar_open_reports_are_shown_without_words_names_or_tickets(ingest, areas):
    alike = "Lampu penerangan gelap mati total dekat pasar"
    for anonymity in ("anonymous", "secret"):
        await reported(ingest, text=alike, name="Siti Rahma", anonymity=anonymity)
    await reported(ingest, text="Sampah menumpuk di tepi sungai")

    review = await look(ingest)
    assert review.text.count("Received ") == 1
    assert not re.search(r"Siti|BGR-|pasar", review.text)


def offered(review: str) -> list[str]:
    """What the buttons that follow a report stand for."""
    return re.findall(r'name="report" value="([^"]+)"', review)


async def follow(ingest, review: str, report: str) -> httpx2.Response:
    """Press a button that follows a report."""
    return await ingest.http.post(
        "/lapor/ikuti?lang=en", data=fields_of(review) | {"report": report}
    )


async def test_a_similar_report_is_followed_without_anything_of_the_follower_or_its_reporter(
    ingest, areas
):
    await reported(ingest, text="Lampu penerangan gelap mati total dekat pasar", name="Siti Rahma")
    review = await look(ingest, name="Budi Santosa", phone=PHONE)
    [report] = offered(review.text)

    done = [await follow(ingest, review.text, report) for _ in range(2)]
    assert [one.status_code for one in done] == [303, 303]
    page = await ingest.http.get(done[0].headers["location"])
    assert "You follow this report" in page.text
    assert "followed by 1" in page.text
    assert not re.search(r"Siti|Budi|pasar|<form", page.text)
    [_, event] = await ingest.events()
    mention = event["mention"]
    assert event["complaint_id"] == report
    assert (mention["joined"], mention["account"]) == ("ticket", "ikut")
    assert mention["text"].startswith("Saya juga mengalami hal ini.")
    assert not re.search(r"Budi|5550|Pajajaran", str(event))
    assert await ingest.count("complaint") == 1


async def test_each_follower_counts_and_none_of_many_looks_like_a_wave(ingest, areas):
    await reported(ingest)
    for _ in range(6):
        review = (await look(ingest)).text
        [report] = offered(review)
        page = await ingest.http.get((await follow(ingest, review, report)).headers["location"])
    assert "followed by 6" in page.text
    assert {event["mention"]["suspected"] for event in await ingest.events()} == {None}


@pytest.mark.parametrize("report", ["", "x", "00000000-0000-5000-8000-000000000000"])
async def test_what_was_not_offered_cannot_be_followed_and_nothing_typed_is_lost(
    ingest, areas, report
):
    await reported(ingest, text="Sampah menumpuk di tepi sungai")
    review = (await look(ingest)).text
    unlike = str((await ingest.events())[0]["complaint_id"])
    for one in (report, unlike):
        answer = await follow(ingest, review, one)
        assert answer.status_code == 422
        assert "cannot be followed any more" in answer.text
        assert REPORT["text"] in answer.text
    assert await ingest.count("mention") == 1


async def test_an_erased_report_is_shown_to_nobody(ingest, areas):
    await reported(ingest, text=REPORT["text"])
    await ingest.database.execute("UPDATE reporter_key SET wrapped = NULL, destroyed_at = now()")
    review = await look(ingest)
    assert "Similar reports" not in review.text


async def test_the_link_downloads_all_that_is_stored_and_the_ticket_alone_nothing(ingest, areas):
    page = await reported(ingest, phone=PHONE, name="Siti Rahma")
    [link] = re.findall(r'href="(/lacak/[^"]+/data\?k=[^"]+)"', page.text)

    stored = await ingest.http.get(unescape(link))
    assert stored.headers["content-disposition"].startswith("attachment")
    [said] = stored.json()["said"]
    assert said["content"]["text"] == REPORT["text"]
    assert said["content"]["author"]["phone"] == PHONE
    bare = link.partition("?")[0]
    for query in ("", "?k=AAAAAAAAAAAAAAAAAAAAAA"):
        assert (await ingest.http.get(bare + query)).status_code == 404
    purposes = await ingest.database.fetch("SELECT purpose FROM unseal_audit ORDER BY id")
    assert [row["purpose"] for row in purposes][-1] == "data_subject_request"


async def test_a_form_from_one_address_too_often_is_told_when_to_come_again(database, start):
    async with start(LINTAS_QUOTA_REPORTS="2") as ingest:
        filled = fields_of((await look(ingest, area="")).text)
        answers = [await send(ingest, filled) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    refused = answers[-1]
    assert refused.headers["ratelimit-policy"] == '"reports";q=2;w=600'
    assert refused.headers["ratelimit"] == '"reports";r=0;t=600'
    assert 1 <= int(refused.headers["retry-after"]) <= 300
    assert refused.json()["type"] == "/problems/quota-exceeded"


async def test_one_phone_number_too_often_is_refused_from_wherever(database, start):
    async with start(LINTAS_QUOTA_CONTACT="1") as ingest:
        first, second = [
            fields_of((await look(ingest, area="", phone=PHONE)).text) for _ in range(2)
        ]
        assert (await send(ingest, first)).status_code == 303
        assert (await send(ingest, second)).status_code == 429
        other = fields_of((await look(ingest, area="", phone="0813 777 1234")).text)
        assert (await send(ingest, other)).status_code == 303


async def test_a_key_over_its_quota_is_refused_and_another_is_not(database, start):
    async with start(LINTAS_QUOTA_KEY="2") as ingest:
        post = {"channel": "x", "account": "a", "text": "Jalan rusak"}
        answers = [await ingest.post(post | {"external_id": str(number)}) for number in range(3)]
        other = await ingest.post(post | {"external_id": "3"}, client="other-door")

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[0].headers["ratelimit"] == '"key";r=1;t=30'
    assert "retry-after" in answers[-1].headers
    assert other.status_code == 202


async def test_a_key_cannot_ask_its_whole_minute_at_once(database, start):
    async with start(LINTAS_QUOTA_KEY="240") as ingest:
        post = {"channel": "x", "account": "a", "text": "Jalan rusak"}
        answers = await asyncio.gather(
            *(ingest.post(post | {"external_id": str(number)}) for number in range(60))
        )
    accepted = sum(answer.status_code == 202 for answer in answers)
    # a twelfth, and four more for each second that passed meanwhile
    assert 20 <= accepted < 40
    assert {answer.status_code for answer in answers} == {202, 429}


async def test_the_first_load_is_below_a_hundred_kilobytes(ingest, areas):
    page = await ingest.http.get("/lapor")
    parts = {"/lapor": page.content}
    for address in re.findall(r'(?:src|href)="(/(?:static|lapor/peta)[^"]*)"', page.text):
        parts[address] = (await ingest.http.get(unescape(address))).content
    assert {"/static/pages.css", "/lapor/peta.svg"} <= set(parts)
    assert sum(map(len, parts.values())) < 60_000, {name: len(part) for name, part in parts.items()}
    assert sum(len(gzip.compress(part)) for part in parts.values()) < 25_000
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_a_flood_of_citizens_takes_nothing_from_the_agencies(database, start):
    async with start(LINTAS_FRONT_ROOM="1") as ingest:
        async with ingest.app.state.deps.front.room.entered():
            turned_away = await ingest.http.get("/lapor", headers={"Accept": "text/html"})
            post = {"channel": "x", "account": "a", "external_id": "1", "text": "Jalan rusak"}
            kept = await ingest.post(post)
        let_in = await ingest.http.get("/lapor")

    assert turned_away.status_code == 503
    assert int(turned_away.headers["retry-after"]) > 0
    assert "Layanan sedang sibuk" in turned_away.text
    assert kept.status_code == 202
    assert let_in.status_code == 200
