"""What the reporter sees and does on the page of a ticket, as a browser without scripts does it."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from ticket_story import Story, published_pack

from ingest.domain.mentions import Author
from ingest.domain.vault import ErasePurpose, Erasure
from ingest.usecases.erasing import erase
from ingest.usecases.reporting import Report
from lintas.contracts.events import complaints, statements
from lintas.vocabulary.terms import Anonymity

pytestmark = pytest.mark.stack

REPORT = {"text": "Jembatan gantung rusak parah", "anonymity": "anonymous"}
ERASURE = Erasure("person:1", None, ErasePurpose.DATA_SUBJECT_REQUEST)


@pytest.fixture
async def story(ingest) -> Story:
    form = await ingest.http.get("/lapor?lang=en")
    [token] = re.findall(r'name="token" value="([^"]+)"', form.text)
    sent = await ingest.http.post("/lapor/kirim?lang=en", data=REPORT | {"token": token})
    [event] = await ingest.events()
    return Story(ingest, unescape(sent.headers["location"]), UUID(event["complaint_id"]))


async def feedback(ingest) -> list[dict[str, Any]]:
    """What was told of the reporter's opinion."""
    return [event for event in await ingest.events() if "solved" in event]


async def test_the_timeline_tells_the_steps_and_who_took_it_up_but_no_hand_off(story):
    await story.register()
    await story.assign("dishub")
    await story.accept("dishub")
    taken_up = await story.page(link=False)
    await story.assign("dpupr")
    await story.accept("dpupr")

    assert "Being worked on" in taken_up
    assert await story.page(link=False) == taken_up
    shown = await story.ingest.database.fetchval("SELECT answering FROM public_status")
    assert shown == "dishub"


async def test_the_ticket_alone_shows_neither_words_nor_actions(story):
    page = await story.page(link=False)
    assert REPORT["text"] not in page
    assert "<form" not in page
    assert story.secret not in page


async def test_a_correction_and_a_withdrawal_of_an_answer_are_told(story):
    await story.register()
    await story.answer(1)
    assert "corrected" not in await story.page()
    await story.answer(2, statements.StatementCorrected)
    corrected = await story.page(link=False)
    assert "The first answer (19 March 2030" in corrected
    assert "was corrected on 20 March 2030" in corrected
    await story.answer(2, statements.StatementRetracted)
    assert "was withdrawn on 20 March 2030" in await story.page(link=False)


async def test_not_solved_and_a_rating_become_events_once(story, ingest):
    await story.register()
    await story.answer(1)
    for act, typed in (("unsolved", {}), ("rate", {"rating": "2"}), ("unsolved", {})):
        done = await story.act(act, **typed)
        assert done.status_code == 303
    assert [(event["solved"], event["rating"]) for event in await feedback(ingest)] == [
        (False, None),
        (False, 2),
    ]
    page = await story.page()
    assert "You said: not solved." in page
    assert "Your rating of the answer: 2 of 5." in page
    assert 'name="rating"' not in page
    told = await ingest.http.get(unescape(done.headers["location"]))
    assert "We have noted that it is not solved." in told.text


async def test_a_rating_is_given_once(story, ingest):
    await story.register()
    await story.answer(1)
    assert [(await story.act("rate", rating=one)).status_code for one in "223"] == [303, 303, 422]
    assert [event["rating"] for event in await feedback(ingest)] == [2]


async def test_until_when_not_solved_can_be_said_follows_the_policy_and_the_city_s_time(
    story, ingest
):
    ingest.app.state.deps.reference.learn(published_pack())
    await story.register()
    await story.answer(1)
    page = await story.page()
    # answered on 19 March 2030; ten working days with the holidays of the pack
    assert re.search(r'id="until">Not solved can be said until <time[^>]*>[^<]* WIB</time>', page)
    [until] = re.findall(r'id="until">.*?datetime="([^"]+)"', page)
    last_day = datetime.fromisoformat(until).date()
    assert last_day == datetime(2030, 4, 2, tzinfo=UTC).date()


async def test_after_that_not_solved_is_refused_and_told_where_to_turn(story, ingest):
    ingest.app.state.deps.reference.learn(published_pack())
    await story.register()
    await story.answer(1)
    for moment in ("public_step SET at", "published_answer SET published_at"):
        await ingest.database.execute(f"UPDATE {moment} = now() - interval '60 days'")
    page = await story.page()
    assert "that time has passed" in page
    assert 'value="unsolved"' not in page
    late = await story.act("unsolved")
    assert late.status_code == 422
    assert "The time has passed" in late.text
    assert await feedback(ingest) == []
    assert (await story.act("solved")).status_code == 303


async def test_the_api_keeps_the_same_deadline_and_says_what_to_do_instead(story, ingest):
    ingest.app.state.deps.reference.learn(published_pack())
    path = f"/v1/complaints/{story.ticket}/feedback?k={story.secret}"
    await story.register()
    await story.answer(1)
    # the story is played in days to come: there is time
    in_time = await ingest.http.post(path, json={"solved": False})
    assert in_time.status_code == 200
    for moment in ("public_step SET at", "published_answer SET published_at"):
        await ingest.database.execute(f"UPDATE {moment} = now() - interval '60 days'")
    # what was said in time may be said again, as by a client that lost the answer
    assert (await ingest.http.post(path, json={"solved": False})).status_code == 200
    assert (await ingest.http.post(path, json={"solved": True})).status_code == 200

    late = await ingest.http.post(path, json={"solved": False, "rating": 1})
    assert (late.status_code, late.headers["content-type"]) == (409, "application/problem+json")
    problem = late.json()
    assert problem["type"].endswith("too-late-to-reopen")
    for told in ("https://lapor.example/lapor", story.ticket, "could be said until 20"):
        assert told in problem["detail"]
    said = [(event["solved"], event["rating"]) for event in await feedback(ingest)]
    assert said == [(False, None), (True, None)]
    assert (await ingest.http.post(path, json={"rating": 1})).status_code == 200


async def test_a_new_report_that_names_the_number_is_a_complaint_of_its_own(story, ingest):
    """What the page and the API tell those who come too late must not end in a closed complaint."""
    await story.register()
    await story.answer(1)
    text = f"Jembatannya masih rusak, lihat {story.ticket}"
    report = Report(text, None, Author(), Anonymity.ANONYMOUS, "n" * 24)
    new = await ingest.app.state.deps.reporting.send(report, [])
    assert new.ticket != story.ticket
    post = {"channel": "x", "account": "kotabogor", "external_id": "late-1", "text": text}
    # while somebody has it on their desk, a post with its number is more about it
    assert (await ingest.post(post)).json()["ticket"] == story.ticket
    await story.tell(complaints.ComplaintClosed)
    again = (await ingest.post(post | {"external_id": "late-2"})).json()
    assert again["ticket"] not in (story.ticket, new.ticket)
    assert story.ticket in (await ingest.events())[-1]["mention"]["text"]
    # on its own page more can be said at any time
    assert (await story.act("add", text="Masih rusak")).status_code == 303
    assert (await ingest.events())[-1]["complaint_id"] == str(story.complaint)


async def test_before_an_answer_there_is_nothing_to_judge(story):
    assert "Not solved" not in await story.page()


async def test_information_added_continues_the_complaint_once(story, ingest):
    more = {"text": "Papan kayunya\r\nlepas <b>tiga</b>"}
    for _ in range(2):
        assert (await story.act("add", **more)).status_code == 303

    assert await ingest.count("complaint") == 1
    [_, added] = await ingest.events()
    assert added["complaint_id"] == str(story.complaint)
    page = await story.page()
    assert "Papan kayunya\nlepas &lt;b&gt;tiga&lt;/b&gt;</blockquote>" in page


async def test_what_a_stranger_says_with_the_ticket_is_not_shown_to_the_reporter(story, ingest):
    text = f"Saya tetangganya. {story.ticket}"
    await ingest.post({"channel": "web", "account": "x", "external_id": "1", "text": text})
    assert await ingest.count("complaint") == 1
    assert "tetangganya" not in await story.page()


async def test_a_wrong_place_is_corrected_once_and_passed_on(story, ingest):
    for _ in range(2):
        assert (await story.act("place", address="Jl. Sancang 4")).status_code == 303
    [_, corrected] = await ingest.events()
    assert corrected["mention"]["location"]["address"] == "Jl. Sancang 4"
    assert "Tempat yang benar: Jl. Sancang 4" in await story.page()


async def test_the_download_holds_what_the_reporter_said_and_nothing_of_a_stranger(story, ingest):
    await story.act("add", text="Tambahan saya")
    text = f"Saya tetangganya. {story.ticket}"
    await ingest.post({"channel": "web", "account": "x", "external_id": "1", "text": text})
    stored = await ingest.http.get(f"/lacak/{story.ticket}/data?k={story.secret}")
    assert len(stored.json()["said"]) == 2
    assert "tetangganya" not in stored.text


async def test_a_complaint_handled_with_others_says_so(story):
    await story.register()
    await story.tell(complaints.ComplaintMerged, incident_id=UUID(int=5))
    page = await story.page(link=False)
    assert "handled together with others" in page
    assert "Being worked on" in page


async def test_a_secret_complaint_does_not_even_say_what_it_is_about(story, ingest):
    ingest.app.state.deps.reference.learn(published_pack())
    await story.register()
    assert "Tegallega" in await story.page(link=False)
    await ingest.database.execute("UPDATE complaint SET anonymity = 'secret'")
    bare = await story.page(link=False)
    assert "Tegallega" not in bare
    assert "This report is secret" in bare
    assert "Tegallega" in await story.page()


@pytest.mark.parametrize("link", [True, False], ids=["with the link", "ticket alone"])
async def test_an_erased_complaint_says_so(story, ingest, link):
    deps = ingest.app.state.deps
    await erase(deps.work, deps.media, ERASURE, story.ticket)
    page = await story.page(link=link)
    assert "nobody can read it any more" in page
    assert REPORT["text"] not in page
    assert "<form" not in page


async def test_how_to_ask_for_erasure_is_told_with_the_number(story):
    page = await story.page()
    [told] = re.findall(r'id="erasure">([^<]+)<', page)
    assert story.ticket in told


@pytest.mark.parametrize("number", ["BGR-7K2M-4QXA-9", "BGR-7K2M-4QXA-8", "../x", "<b>"])
async def test_an_unknown_number_is_answered_with_a_place_to_type_it_again(ingest, number):
    answer = await ingest.http.get("/lacak", params={"nomor": number, "lang": "en"})
    if answer.status_code == 303:
        answer = await ingest.http.get(answer.headers["location"])
    assert answer.status_code == 404
    assert "There is no report with this number." in answer.text
    assert 'name="nomor"' in answer.text


async def test_a_number_that_was_written_down_finds_its_page(story, ingest):
    assert "Look up a report" in (await ingest.http.get("/lacak?lang=en")).text
    typed = f" {story.ticket.lower()} "
    asked = await ingest.http.get("/lacak", params={"nomor": typed, "lang": "en"})
    answer = await ingest.http.get(asked.headers["location"])
    assert f"Track report {story.ticket}" in answer.text


async def test_a_complaint_taken_back_shows_its_words_to_nobody(story, ingest):
    await story.act("add", text="Tambahan saya")
    refused = await story.act("withdraw")
    assert refused.status_code == 422
    assert "Mark that the report is to be withdrawn." in refused.text
    assert (await story.act("withdraw", sure="1")).status_code == 303

    page = await story.page()
    assert REPORT["text"] not in page
    assert "You have withdrawn this report" in page
    assert "has withdrawn this report" in await story.page(link=False)
    # what opened it, what was added, and the end of both
    assert len(await ingest.events()) == 4


@pytest.mark.parametrize(
    ("act", "typed", "words"),
    [
        pytest.param("add", {"text": "  "}, "Write the information", id="blank"),
        pytest.param("add", {"text": "a" * 9_901}, "Write the information", id="long"),
        pytest.param("place", {"address": " "}, "Write the place", id="no place"),
        pytest.param("place", {"address": "a" * 451}, "Write the place", id="long place"),
        pytest.param("rate", {}, "Choose a rating", id="no rating"),
        pytest.param("rate", {"rating": "6"}, "Choose a rating", id="rating too high"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_happens(story, ingest, act, typed, words):
    await story.register()
    await story.answer(1)
    answer = await story.act(act, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert len(await ingest.events()) == 1


@pytest.mark.parametrize("act", ["add", "place", "unsolved", "rate", "withdraw", "dance", ""])
async def test_without_the_secret_nothing_can_be_done(story, ingest, act):
    answer = await story.act(act, k="A" * 22, text="halo", address="a", rating="1", sure="1")
    assert answer.status_code in (400, 403, 404)
    assert len(await ingest.events()) == 1
