"""What the router is told of complaints that were given back, and what it suggests."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from lintas.contracts.events import mentions
from lintas.contracts.events.routing import (
    MentionForwarded,
    Span,
    StatementSuggested,
    SuggestedStatement,
)
from lintas.testing.builders import NOON, complaint_id, mention
from lintas.vocabulary.ids import NAMESPACE, AgencyCode, StatementId, derived_id

pytestmark = pytest.mark.stack

HOLE = "Jalan berlubang di depan pasar, mohon diperbaiki"


async def told(gateway: Any, *asked: tuple[int, int]) -> list[dict[str, Any]]:
    items = [{"complaint_id": str(complaint_id(n)), "round": number} for n, number in asked]
    answer = await gateway.post("/v1/returns", {"items": items}, gateway.admin)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def give_back(gateway: Any, number: int, agency: str, note: str | None = None) -> None:
    body = {"reason": "not_ours"} | ({"note": note} if note else {})
    officer = await gateway.person(f"{agency}-officer", agency)
    assert (await gateway.act(number, "return", officer, body)).status_code == 200


def forwarded(number: int, kind: type[Any], n: int = 1, **payload: Any) -> MentionForwarded:
    return MentionForwarded(
        event_id=derived_id(complaint_id(number), kind.type, n),
        occurred_at=NOON + timedelta(hours=n),
        recorded_at=NOON + timedelta(hours=n),
        complaint_id=complaint_id(number),
        event_type=kind.type,
        payload={"complaint_id": str(complaint_id(number)), **payload},
    )


def edited(number: int, text: str, n: int = 1) -> MentionForwarded:
    said = mention(number, text=text, revision=str(n), received_at=NOON + timedelta(hours=n))
    return forwarded(number, mentions.MentionEdited, n, mention=said.model_dump(mode="json"))


async def test_an_open_request_is_told_with_its_words_and_the_notes_of_who_returned_it(
    gateway, registrar
):
    await gateway.register(1, 2)
    kota = await gateway.person("kota", None, "coordinator")
    await gateway.post(
        f"/v1/complaints/{complaint_id(1)}/notes", {"text": "Rahasia dinas.", "shared": True}, kota
    )
    await give_back(gateway, 1, "dpupr", "Jalan provinsi. Hubungi 0812-3456-7890")
    (first,) = await told(gateway, (1, 1))
    assert (first["standing"], first["text"], first["mention_class"]) == ("open", HOLE, "complaint")
    assert first["note"].startswith("Jalan provinsi.")
    assert "3456" not in first["note"]
    # somebody decides, the next agency returns it too: both notes count, other remarks never
    await gateway.act(1, "assign", kota, {"lead": "dlh"})
    await give_back(gateway, 1, "dlh", "Bukan sampah.")
    stale, second = await told(gateway, (1, 1), (1, 2))
    assert second["note"].splitlines()[1:] == ["Bukan sampah."]
    assert {name for name, value in stale.items() if value} == {"complaint_id", "round", "standing"}
    assert stale["standing"] == "superseded"


async def test_nothing_is_told_of_what_nobody_asks_to_decide(gateway):
    await gateway.register(1)
    never, unknown = await told(gateway, (1, 1), (99, 1))
    assert (never["standing"], unknown["standing"]) == ("superseded", "unknown")
    assert never["text"] is unknown["text"] is None


@pytest.mark.parametrize(
    ("events", "text"),
    [
        pytest.param(
            [edited(1, "Jalan dan lampu rusak"), edited(1, "Lampu rusak saja", 2)],
            "Lampu rusak saja",
            id="edited",
        ),
        pytest.param(
            [
                edited(1, "Lampu rusak"),
                forwarded(1, mentions.MentionWithdrawn, 3, mention_id=str(mention(1).mention_id)),
            ],
            None,
            id="withdrawn",
        ),
        pytest.param(
            [edited(1, "Lampu rusak"), forwarded(1, mentions.MentionErased, 3)], None, id="erased"
        ),
    ],
)
async def test_the_words_are_those_that_stand_now(events, text, gateway, registrar):
    await gateway.register(1)
    await give_back(gateway, 1, "dpupr")
    await registrar.apply(events)
    (found,) = await told(gateway, (1, 1))
    assert found["text"] == text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({"items": []}, "/items", id="none"),
        pytest.param({"items": [{"complaint_id": "kanari", "round": 1}]}, "/items/0", id="no id"),
        pytest.param(
            {"items": [{"complaint_id": str(complaint_id(1)), "round": 0}]}, "/items/0", id="zero"
        ),
        pytest.param(
            {"items": [{"complaint_id": str(complaint_id(1)), "round": 1}] * 201},
            "/items",
            id="too many",
        ),
    ],
)
async def test_a_wrong_question_is_refused_with_the_field(body, pointer, gateway):
    answer = await gateway.post("/v1/returns", body, gateway.admin)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert "kanari" not in answer.text


async def test_no_agency_and_no_person_may_ask(gateway):
    body = {"items": [{"complaint_id": str(complaint_id(1)), "round": 1}]}
    for who in (await gateway.key("dpupr"), await gateway.person("kota", None, "coordinator")):
        assert (await gateway.post("/v1/returns", body, who)).status_code == 403
    assert (await gateway.post("/v1/returns", body, {})).status_code == 401


def suggested(number: int, *statements: tuple[str, float], n: int = 1) -> StatementSuggested:
    return StatementSuggested(
        event_id=derived_id(complaint_id(number), "suggested", n),
        occurred_at=NOON,
        recorded_at=NOON,
        complaint_id=complaint_id(number),
        statements=tuple(
            SuggestedStatement(
                statement_id=StatementId(UUID(id_)),
                version=1,
                agency=AgencyCode("dlh"),
                score=score,
                spans=(
                    Span(start=0, end=5, words="Jalan", term="jalan"),
                    Span(start=9, end=14, words="jalan", term="jalan"),
                ),
            )
            for id_, score in statements
        ),
    )


async def published(gateway: Any, text: str) -> str:
    author = await gateway.person("penulis", "dlh")
    confirmer = await gateway.person("budi", "dlh", "officer confirmer")
    ready = await gateway.confirmed(
        author, confirmer, kind="announcement", purpose="socialisation", text=text, variants={}
    )
    path = f"/v1/statements/{ready['id']}/publish"
    assert (await gateway.post(path, {}, confirmer)).status_code == 200
    return str(ready["id"])


async def test_whoever_sees_a_complaint_sees_what_is_suggested_and_still_published(
    gateway, registrar
):
    await gateway.register(1)
    one, other = await published(gateway, "Jalan ditutup."), await published(gateway, "Jalan buka.")
    draft = await gateway.draft(await gateway.person("penulis", "dlh"), kind="guide")
    assert draft.status_code == 201
    never = str(uuid5(NAMESPACE, "never"))
    before = await gateway.get(f"/v1/complaints/{complaint_id(1)}", await gateway.key("dpupr"))
    event = suggested(1, (one, 0.4), (other, 0.7), (never, 0.9), (draft.json()["id"], 0.8))
    await registrar.apply([event])
    await registrar.apply([event, suggested(1, (one, 0.9), n=2)])
    for who in (await gateway.key("dpupr"), await gateway.person("kota", None, "coordinator")):
        shown = await gateway.get(f"/v1/complaints/{complaint_id(1)}", who)
        assert [(s["text"], s["score"], s["words"]) for s in shown.json()["suggestions"]] == [
            ("Jalan buka.", 0.7, ["jalan"]),
            ("Jalan ditutup.", 0.4, ["jalan"]),
        ]
        assert shown.headers["ETag"] != before.headers["ETag"]


async def test_another_agencys_published_words_can_be_read_and_not_touched(gateway):
    one = await published(gateway, "Jalan ditutup.")
    draft = await gateway.draft(await gateway.person("penulis", "dlh"), kind="guide")
    officer = {"app.role": "officer", "app.agency": "dpupr"}
    async with gateway.work.begin(officer) as tx:
        seen = await tx.connection.exec_driver_sql("SELECT statement_id FROM statement_version")
        assert [str(row[0]) for row in seen] == [one]
        locked = await tx.connection.exec_driver_sql("SELECT 1 FROM statement_version FOR UPDATE")
        assert locked.all() == []
        changed = await tx.connection.exec_driver_sql(
            "UPDATE statement_version SET state = 'retracted'"
        )
        assert changed.rowcount == 0
    dpupr = await gateway.person("ani", "dpupr")
    for id_ in (one, draft.json()["id"]):
        answer = await gateway.post(f"/v1/statements/{id_}/review", {}, dpupr)
        assert answer.status_code == 404


async def test_erasing_the_words_erases_what_was_suggested_for_them(gateway, registrar, owner):
    await gateway.register(1, 2)
    one = await published(gateway, "Jalan ditutup.")
    await registrar.apply([suggested(1, (one, 0.4)), suggested(2, (one, 0.4))])
    await registrar.apply([forwarded(1, mentions.MentionErased)])
    left = await owner.fetch("SELECT complaint_id FROM suggestion")
    assert [row["complaint_id"] for row in left] == [complaint_id(2)]


async def test_a_suggestion_for_what_is_decided_changes_nothing_of_the_decision(gateway, registrar):
    await gateway.register(1)
    kota = await gateway.person("kota", None, "coordinator")
    before = (await gateway.get(f"/v1/complaints/{complaint_id(1)}/timeline", kota)).json()
    await registrar.apply([suggested(1, (str(uuid5(NAMESPACE, "any")), 0.4))])
    assert (await gateway.get(f"/v1/complaints/{complaint_id(1)}/timeline", kota)).json() == before
