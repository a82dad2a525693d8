import asyncio

import pytest

from lintas.testing.builders import complaint_id, complaint_routed, decision, with_help

pytestmark = pytest.mark.stack


async def types(gateway, number, who) -> list[str]:
    timeline = await gateway.get(f"/v1/complaints/{complaint_id(number)}/timeline", who)
    return [fact["type"].split(".", 1)[1].rpartition(".")[0] for fact in timeline.json()["items"]]


async def test_a_joint_answer_from_queue_to_closing(gateway):
    await gateway.register(1, contributors=with_help("dlh"))
    ani = await gateway.person("ani", "dpupr")
    budi = await gateway.person("budi", "dpupr", "officer confirmer")
    citra = await gateway.person("citra", "dlh")
    claimed = await gateway.post("/v1/agencies/dpupr/claims", {"max": 5, "lease_s": 60}, ani)
    (item,) = claimed.json()["items"]
    assert item["claim"]["mine"] is True
    path = f"/v1/complaints/{item['complaint_id']}"
    accepted = await gateway.post(f"{path}/accept", {}, ani, etag=item["etag"])
    assert accepted.json()["state"] == "in_progress"
    await gateway.act(1, "accept", citra)
    await gateway.post(f"{path}/contributions", {"text": "Pohon sudah dipangkas."}, citra)
    statement = await gateway.confirmed(ani, budi, 1)
    published = await gateway.post(f"/v1/statements/{statement['id']}/publish", {}, ani)
    assert published.json()["state"] == "published"
    assert await gateway.state(1, ani) == "answered"
    assert (await gateway.act(1, "resolve", ani)).json()["state"] == "resolved"
    closed = (await gateway.act(1, "close", ani)).json()
    assert (closed["state"], {share["state"] for share in closed["assignments"]}) == (
        *("closed", {"done"}),
    )
    reopened = (await gateway.act(1, "reopen", ani, {"reason": "came_back"})).json()
    assert reopened["state"] == "in_progress"
    assert await types(gateway, 1, ani) == [
        "complaint.registered",
        *("complaint.assigned", "complaint.assigned"),
        *("assignment.accepted", "assignment.accepted", "assignment.contributed"),
        *("complaint.answered", "complaint.resolved", "complaint.closed", "complaint.reopened"),
    ]
    assert (await gateway.get(f"/v1/audit/{complaint_id(1)}", ani)).json()["verified"] is True


async def test_a_complaint_is_found_by_its_ticket_too(gateway, registrar):
    await registrar.apply([complaint_routed(1, ticket="BGR-7K2M-4QXA-9")])
    who = await gateway.key("dpupr")
    for written in ("BGR-7K2M-4QXA-9", "bgr7k2m4qxa9"):
        answer = await gateway.get(f"/v1/complaints/{written}", who)
        assert answer.json().get("id") == str(complaint_id(1)), answer.text


async def test_a_person_says_which_version_they_saw(gateway):
    await gateway.register(1)
    ani = await gateway.person("ani", "dpupr")
    path = f"/v1/complaints/{complaint_id(1)}"
    old = (await gateway.get(path, ani)).headers["ETag"]
    assert (await gateway.post(f"{path}/accept", {}, ani)).status_code == 428
    await gateway.post(f"{path}/notes", {"text": "Sudah ditelepon."}, ani)
    assert (await gateway.post(f"{path}/accept", {}, ani, etag=old)).status_code == 412
    now = await gateway.http.get(path, headers={**ani, "If-None-Match": old})
    assert now.status_code == 200
    fresh = await gateway.http.get(path, headers={**ani, "If-None-Match": now.headers["ETag"]})
    assert fresh.status_code == 304
    assert (await gateway.act(1, "accept", ani)).status_code == 200


async def test_not_ours_goes_back_to_the_router_and_a_decision_of_that_round_counts(
    gateway, registrar
):
    await gateway.register(1)
    ani, kota = (
        await gateway.person("ani", "dpupr"),
        await gateway.person("kota", None, "coordinator"),
    )
    answer = await gateway.act(
        1, "return", ani, {"reason": "not_competent", "note": "Jalan provinsi"}
    )
    assert answer.json()["state"] == "triage"
    assert answer.json()["notes"] == []
    assert (await gateway.get(f"/v1/complaints/{complaint_id(1)}", ani)).status_code == 404
    assert (await types(gateway, 1, kota))[2:] == [
        *("assignment.returned", "complaint.triaged", "complaint.reroute_requested"),
    ]
    # a stale round, then one that names the agency that just returned it, and the right one
    await registrar.apply([complaint_routed(1, decision(round=7, lead="dlh"))])
    assert await gateway.state(1, kota) == "triage"
    await registrar.apply([complaint_routed(1, decision(round=1, lead="dlh"))])
    assert await gateway.state(1, kota) == "assigned"
    await registrar.apply([complaint_routed(1, decision(round=1, lead="dinkes"), text="lagi")])
    dlh = await gateway.key("dlh")
    assert (await gateway.get(f"/v1/complaints/{complaint_id(1)}", dlh)).status_code == 200


async def test_a_coordinators_assignment_always_wins(gateway, registrar):
    await gateway.register(1)
    ani, kota = (
        await gateway.person("ani", "dpupr"),
        await gateway.person("kota", None, "coordinator"),
    )
    await gateway.act(1, "return", ani, {"reason": "not_ours"})
    assert (await gateway.act(1, "assign", kota, {"lead": "dishub"})).status_code == 200
    await registrar.apply([complaint_routed(1, decision(round=1, lead="dlh"))])
    found = (await gateway.get(f"/v1/complaints/{complaint_id(1)}", kota)).json()
    assert [s["agency"] for s in found["assignments"] if s["state"] == "queued"] == ["dishub"]


async def test_the_second_return_to_a_former_holder_freezes_transfers(gateway):
    await gateway.register(1)
    kota = await gateway.person("kota", None, "coordinator")
    a, b = await gateway.person("a", "dpupr"), await gateway.person("b", "dlh")
    for holder, following in ((a, "dlh"), (b, "dpupr"), (a, "dlh")):
        assert (await gateway.act(1, "return", holder, {"reason": "not_ours"})).status_code == 200
        assert (await gateway.act(1, "assign", kota, {"lead": following})).status_code == 200
    frozen = await gateway.act(1, "return", b, {"reason": "not_ours"})
    assert (frozen.status_code, frozen.json()["type"]) == (409, "/problems/transfer-frozen")
    await gateway.act(1, "accept", b)
    assert (await gateway.act(1, "return", b, {"reason": "not_ours"})).status_code == 409
    # the coordinator decides, and an agency that never had it may say that it is not theirs
    assert (await gateway.act(1, "assign", kota, {"lead": "dishub"})).status_code == 200
    c = await gateway.person("c", "dishub")
    assert (await gateway.act(1, "return", c, {"reason": "not_ours"})).status_code == 200


async def test_a_coordinator_moves_a_complaint_and_the_former_holder_sees_it_no_more(gateway):
    await gateway.register(1, contributors=with_help("dlh"))
    kota, dpupr = await gateway.person("kota", None, "coordinator"), await gateway.key("dpupr")
    moved = await gateway.act(1, "assign", kota, {"lead": "dlh", "contributors": ["tirta"]})
    live = {
        (share["agency"], share["role"])
        for share in moved.json()["assignments"]
        if share["state"] == "queued"
    }
    assert live == {("dlh", "lead"), ("tirta", "contributor")}
    assert (await gateway.get(f"/v1/complaints/{complaint_id(1)}", dpupr)).status_code == 404
    dlh = await gateway.key("dlh")
    assert (await gateway.get(f"/v1/complaints/{complaint_id(1)}", dlh)).status_code == 200
    unknown = await gateway.act(1, "assign", kota, {"lead": "moonbase"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/lead")


async def test_no_action_and_rejection_are_a_coordinators_word_and_can_be_taken_back(gateway):
    await gateway.register(1, 2)
    kota, ani = (
        await gateway.person("kota", None, "coordinator"),
        await gateway.person("ani", "dpupr"),
    )
    assert (await gateway.act(1, "no-action", ani)).status_code == 403
    assert (await gateway.act(1, "no-action", kota)).json()["state"] == "no_action"
    rejected = await gateway.act(2, "reject", kota, {"reason": "not_competent", "pointer": "pln"})
    assert rejected.json()["state"] == "rejected"
    assert (await gateway.act(2, "accept", ani)).status_code in {404, 409}
    for number in (1, 2):
        back = await gateway.act(number, "assign", kota, {"lead": "dlh"})
        assert back.json()["state"] == "assigned"
        gone = await gateway.get(f"/v1/complaints/{complaint_id(number)}", ani)
        assert gone.status_code == 404


async def test_without_a_late_contributor_only_with_a_recorded_reason(gateway, owner):
    await gateway.register(1, contributors=with_help("dlh"))
    ani = await gateway.person("ani", "dpupr")
    budi = await gateway.person("budi", "dpupr", "confirmer")
    await gateway.act(1, "accept", ani)
    statement = await gateway.confirmed(ani, budi, 1)
    path = f"/v1/statements/{statement['id']}/publish"
    refused = await gateway.post(path, {}, ani)
    assert refused.status_code == 409
    assert "dlh" in refused.json()["detail"]
    assert await gateway.state(1, ani) == "in_progress"
    out = await gateway.post(path, {"override_reason": "DLH belum menjawab."}, ani)
    assert out.json()["override_reason"] == "DLH belum menjawab."
    late = await gateway.act(1, "resolve", ani)
    assert late.status_code == 409
    waived = await gateway.act(1, "resolve", ani, {"override_reason": "DLH tidak perlu lagi."})
    assert waived.json()["state"] == "resolved"
    assert await owner.fetchval("SELECT count(*) FROM note WHERE shared") == 1


@pytest.mark.parametrize("act", ["resolve", "close", "reopen", "contributions"])
async def test_an_illegal_act_names_the_current_state(gateway, act):
    await gateway.register(1, contributors=with_help("dlh"))
    who = await gateway.person("ani", "dlh" if act == "contributions" else "dpupr")
    body = {"reopen": {"reason": "again"}, "contributions": {"text": "Bagian"}}.get(act, {})
    refused = await gateway.act(1, act, who, body)
    state = "queued" if act == "contributions" else "assigned"
    assert (refused.status_code, refused.json()["state"]) == (409, state)


async def test_a_contributor_does_not_settle_it(gateway):
    await gateway.register(1, contributors=with_help("dlh"))
    citra = await gateway.person("citra", "dlh")
    assert (await gateway.act(1, "resolve", citra)).status_code == 403


async def test_fifty_equal_requests_take_effect_once(gateway, owner):
    await gateway.register(1, contributors=with_help("dlh"))
    citra = await gateway.person("citra", "dlh")
    await gateway.act(1, "accept", citra)
    path = f"/v1/complaints/{complaint_id(1)}/contributions"
    key = {"Idempotency-Key": '"bagian-1"'}
    answers = await asyncio.gather(
        *(gateway.post(path, {"text": "Pohon dipangkas"}, citra, **key) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await owner.fetchval("SELECT count(*) FROM contribution") == 1
    other = await gateway.post(path, {"text": "Lain"}, citra, **key)
    assert other.status_code == 422
    # the same key of another person, or for another address, is another request
    elsewhere = f"/v1/complaints/{complaint_id(1)}/notes"
    assert (await gateway.post(elsewhere, {"text": "Lain"}, citra, **key)).status_code == 201


async def test_notes_stay_in_their_agency_unless_shared(gateway):
    await gateway.register(1, contributors=with_help("dlh"))
    ani, citra = await gateway.person("ani", "dpupr"), await gateway.person("citra", "dlh")
    path = f"/v1/complaints/{complaint_id(1)}"
    for text, shared in (("hanya kami", False), ("untuk semua", True)):
        await gateway.post(f"{path}/notes", {"text": text, "shared": shared}, ani)
    seen = {
        name: [note["text"] for note in (await gateway.get(path, who)).json()["notes"]]
        for name, who in (("ani", ani), ("citra", citra))
    }
    assert seen == {"ani": ["hanya kami", "untuk semua"], "citra": ["untuk semua"]}
