from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from ingest.consumer import follow_status
from lintas.contracts.events import complaints, statements
from lintas.contracts.events.complaints import Deadline
from lintas.contracts.records import Record
from lintas.messaging.handling import Park, Received
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas.vocabulary.terms import MentionClass, Purpose, Role, StatementKind

pytestmark = pytest.mark.stack

START = datetime(2030, 3, 18, 2, 0, tzinfo=UTC)
DUE = datetime(2030, 3, 25, 9, 0, tzinfo=UTC)
STATEMENT = uuid5(NAMESPACE, "statement")
RECORD = Record("lintas.complaints.v1", 0, 0, 0, b"k", b"{}")
POST = {
    "channel": "x",
    "account": "kotabogor",
    "external_id": "9",
    "text": "Lampu <b>mati</b> di gang",
    "author": {"handle": "warga_9"},
}


def fact(kind: type, complaint: str, seq: int, **fields: Any):
    at = START + timedelta(hours=seq)
    return kind(
        event_id=derived_id(UUID(complaint), "fact", seq),
        occurred_at=at,
        recorded_at=at,
        complaint_id=UUID(complaint),
        seq=seq,
        previous_hash="0" * 64,
        hash="0" * 64,
        **fields,
    )


def deadline(stage: str, due_at: datetime) -> Deadline:
    return Deadline(
        stage=stage,
        due_at=due_at,
        policy="p",
        policy_version="1",
        calendar="c",
        calendar_version="1",
    )


def registered(complaint: str, *stages: tuple[str, datetime]):
    return fact(
        complaints.ComplaintRegistered,
        complaint,
        1,
        ticket="BGR-2222-2222-2",
        mention_id=UUID(int=1),
        channel="x",
        account="kotabogor",
        mention_class=MentionClass.COMPLAINT,
        received_at=START,
        rules_version="1",
        text_commitment="0" * 64,
        deadlines=tuple(deadline(*stage) for stage in stages),
    )


def assigned(complaint: str, seq: int):
    return fact(
        complaints.ComplaintAssigned,
        complaint,
        seq,
        assignment_id=UUID(int=seq),
        agency="dpupr",
        role=Role.LEAD,
    )


def on_assignment(kind: type, complaint: str, seq: int, **fields: Any):
    return fact(kind, complaint, seq, assignment_id=UUID(int=2), agency="dpupr", **fields)


def statement(event: type, complaint: str, version: int, **fields: Any):
    at = START + timedelta(days=version)
    return event(
        event_id=derived_id(STATEMENT, event.type, version),
        occurred_at=at,
        recorded_at=at,
        statement_id=STATEMENT,
        version=version,
        kind=fields.pop("kind", StatementKind.ANSWER),
        purpose=Purpose.LISTENING,
        agency="dpupr",
        complaint_ids=(UUID(complaint),),
        sha256="0" * 64,
        **fields,
    )


async def apply(ingest, *events) -> None:
    await follow_status(ingest.app.state.deps)([Received(event, RECORD) for event in events])


@pytest.fixture
async def said(ingest) -> dict[str, str]:
    return (await ingest.post(POST)).json()


async def status(ingest, said, query: str = "") -> dict[str, Any]:
    answer = await ingest.http.get(f"/v1/complaints/{said['ticket']}{query}")
    assert answer.status_code == 200
    return answer.json()


async def test_a_ticket_answers_at_once(ingest, said):
    shown = await status(ingest, said)
    assert shown["status"] == "received"
    assert set(shown["status_text"]) == {"id", "en"}
    assert shown["received_at"] == shown["updated_at"]
    assert (shown["promised_at"], shown["answers"], shown["text"]) == (None, [], None)


async def test_the_lifecycle_moves_the_public_status(ingest, said):
    one = said["complaint_id"]
    seen = []
    answered = fact(
        complaints.ComplaintAnswered,
        one,
        4,
        statement_id=STATEMENT,
        version=1,
        sha256="0" * 64,
        agency="dpupr",
    )
    for event in (
        registered(one, ("first_response", START), ("resolution", DUE)),
        assigned(one, 2),
        on_assignment(complaints.AssignmentAccepted, one, 3),
        answered,
        fact(complaints.ComplaintResolved, one, 5),
        fact(complaints.ComplaintClosed, one, 6),
        fact(complaints.ComplaintReopened, one, 7, reason="not_solved"),
    ):
        await apply(ingest, event)
        seen.append((await status(ingest, said))["status"])
    assert seen == [
        *("received", "received", "in_progress", "answered"),
        *("resolved", "closed", "in_progress"),
    ]
    assert (await status(ingest, said))["promised_at"] == "2030-03-25T09:00:00Z"


async def test_hand_offs_between_agencies_never_show(ingest, said):
    one = said["complaint_id"]
    await apply(
        ingest,
        registered(one, ("resolution", DUE)),
        assigned(one, 2),
        on_assignment(complaints.AssignmentAccepted, one, 3),
    )
    before = await status(ingest, said)
    await apply(
        ingest,
        on_assignment(complaints.AssignmentReturned, one, 4, reason="not_ours"),
        fact(complaints.RerouteRequested, one, 5, round=1),
        assigned(one, 6),
        on_assignment(complaints.AssignmentTransferred, one, 7, to_agency="dlh", reason="x"),
        assigned(one, 8),
        on_assignment(complaints.AssignmentAccepted, one, 9),
    )
    assert await status(ingest, said) == before


async def test_an_event_that_comes_again_changes_nothing(ingest, said):
    one = said["complaint_id"]
    story = [registered(one), assigned(one, 2), fact(complaints.ComplaintClosed, one, 3)]
    await apply(ingest, *story)
    before = await status(ingest, said)
    await apply(ingest, *story)
    # also when the inbox has forgotten it
    await ingest.database.execute("DELETE FROM inbox")
    await apply(ingest, *story)
    assert await status(ingest, said) == before


async def test_a_fact_that_comes_too_early_is_parked_and_changes_nothing(ingest, said):
    one = said["complaint_id"]
    before = await status(ingest, said)
    with pytest.raises(Park):
        await apply(ingest, registered(one), fact(complaints.ComplaintClosed, one, 3))
    assert await status(ingest, said) == before
    await apply(ingest, registered(one))
    await apply(ingest, assigned(one, 2), fact(complaints.ComplaintClosed, one, 3))
    assert (await status(ingest, said))["status"] == "closed"


async def test_complaints_that_did_not_come_in_here_are_passed_over(ingest):
    stranger = str(UUID(int=99))
    await apply(ingest, registered(stranger), assigned(stranger, 2))
    await apply(ingest, statement(statements.StatementPublished, stranger, 1, text="x"))
    assert await ingest.count("public_status") == 0
    assert await ingest.count("published_answer") == 0


async def test_published_answers_show_with_their_newest_version_until_retracted(ingest, said):
    one = said["complaint_id"]
    await apply(ingest, statement(statements.StatementConfirmed, one, 1, text="Sudah"))
    assert (await status(ingest, said))["answers"] == []
    await apply(ingest, statement(statements.StatementPublished, one, 1, text="Sudah"))
    [answer] = (await status(ingest, said))["answers"]
    assert answer == {
        "statement_id": str(STATEMENT),
        "version": 1,
        "url": f"https://jawab.example/pernyataan/{STATEMENT}",
        "published_at": "2030-03-19T02:00:00Z",
    }
    corrected = statement(statements.StatementCorrected, one, 2, text="Sudah baik", corrects=1)
    await apply(ingest, corrected)
    assert [row["version"] for row in (await status(ingest, said))["answers"]] == [2]
    await apply(ingest, statement(statements.StatementRetracted, one, 2, reason="error"))
    assert (await status(ingest, said))["answers"] == []


async def test_an_announcement_is_no_answer(ingest, said):
    event = statement(
        statements.StatementPublished,
        said["complaint_id"],
        1,
        text="Umum",
        kind=StatementKind.ANNOUNCEMENT,
    )
    await apply(ingest, event)
    assert (await status(ingest, said))["answers"] == []


async def test_the_secret_in_the_link_opens_the_text_and_the_opening_is_audited(ingest, said):
    query = said["status_url"].partition("?")[2]
    assert (await status(ingest, said, f"?{query}"))["text"] == POST["text"]
    line = await ingest.database.fetchrow("SELECT actor, purpose FROM unseal_audit")
    assert tuple(line) == ("link", "reporter_link")


@pytest.mark.parametrize("secret", ["", "x", "A" * 22, "%20", "é"])
async def test_a_wrong_secret_shows_what_none_shows(ingest, said, secret):
    assert await status(ingest, said, f"?k={secret}") == await status(ingest, said)
    assert await ingest.count("unseal_audit") == 0


@pytest.mark.parametrize("form", [str.lower, lambda ticket: ticket.replace("-", "")])
async def test_a_ticket_may_be_typed_in_its_own_way(ingest, said, form):
    answer = await ingest.http.get(f"/v1/complaints/{form(said['ticket'])}")
    assert answer.json()["ticket"] == said["ticket"]


async def test_unknown_and_mistyped_tickets_are_refused_alike(ingest, said):
    wrong = said["ticket"][:-1] + ("A" if said["ticket"][-1] != "A" else "B")
    answers = [
        await ingest.http.get(f"/v1/complaints/{ticket}")
        for ticket in ("BGR-2222-2222-T", wrong, "x", "%20", "ＢＧＲ-2222-2222-2")
    ]
    assert {answer.status_code for answer in answers} == {404}
    own = ("instance", "request_id")
    bodies = [{k: v for k, v in answer.json().items() if k not in own} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


async def page(ingest, url: str, language: str = "id"):
    path = url.removeprefix("https://lapor.example")
    return await ingest.http.get(path, headers={"Accept-Language": language})


async def test_the_page_tells_the_same_in_plain_words(ingest, said):
    one = said["complaint_id"]
    await apply(
        ingest,
        registered(one, ("resolution", DUE)),
        assigned(one, 2),
        on_assignment(complaints.AssignmentAccepted, one, 3),
        statement(statements.StatementPublished, one, 1, text="Sudah"),
    )
    indonesian = await page(ingest, said["status_url"])
    assert indonesian.status_code == 200
    assert indonesian.headers["content-type"].startswith("text/html")
    for words in (
        said["ticket"],
        "Laporan Anda sedang ditangani.",
        "25 Maret 2030 16.00 WIB",
        f'href="https://jawab.example/pernyataan/{STATEMENT}"',
        "Lampu &lt;b&gt;mati&lt;/b&gt; di gang",
    ):
        assert words in indonesian.text, words
    assert "<script" not in indonesian.text
    english = await page(ingest, said["status_url"], "en")
    assert "Your report is being worked on." in english.text
    assert "25 March 2030 16:00 WIB" in english.text


async def test_the_page_of_a_bare_ticket_shows_no_text(ingest, said):
    shown = await page(ingest, said["status_url"].partition("?")[0])
    assert "Lampu" not in shown.text
    assert "Laporan Anda sudah kami terima" in shown.text


async def test_the_page_of_an_unknown_ticket_says_so(ingest):
    shown = await page(ingest, "/lacak/BGR-2222-2222-T")
    assert shown.status_code == 404
    assert "Laporan tidak ditemukan" in shown.text


async def test_the_pages_style_is_served_from_here(ingest):
    assert (await ingest.http.get("/static/pages.css")).status_code == 200
