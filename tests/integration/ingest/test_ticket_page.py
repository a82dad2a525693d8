"""What the reporter sees and does on the page of a ticket, as a browser without scripts does it."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from ticket_story import Story

from lintas.contracts.events import statements

pytestmark = pytest.mark.stack

REPORT = {"text": "Jembatan gantung rusak parah", "anonymity": "anonymous"}


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
    assert 'value="2" checked' in page
    told = await ingest.http.get(unescape(done.headers["location"]))
    assert "We have noted that it is not solved." in told.text


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


async def test_a_complaint_taken_back_shows_its_words_to_nobody(story, ingest):
    refused = await story.act("withdraw")
    assert refused.status_code == 422
    assert "Mark that the report is to be withdrawn." in refused.text
    assert (await story.act("withdraw", sure="1")).status_code == 303

    page = await story.page()
    assert REPORT["text"] not in page
    assert "You have withdrawn this report" in page
    assert len(await ingest.events()) == 2


@pytest.mark.parametrize(
    ("act", "typed", "words"),
    [
        pytest.param("add", {"text": "  "}, "Write the information", id="blank"),
        pytest.param("add", {"text": "a" * 9_901}, "Write the information", id="long"),
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


@pytest.mark.parametrize("act", ["add", "unsolved", "rate", "withdraw", "dance", ""])
async def test_without_the_secret_nothing_can_be_done(story, ingest, act):
    answer = await story.act(act, k="A" * 22, text="halo", rating="1", sure="1")
    assert answer.status_code in (400, 403, 404)
    assert len(await ingest.events()) == 1
