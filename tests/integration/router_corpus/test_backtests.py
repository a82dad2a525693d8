"""Backtests on the corpus, over HTTP."""

import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.router_corpus.corpora import (
    Place,
    assigned,
    fact,
    forwarded,
    fresh,
    registered,
)
from tests.routers import eventually
from tests.suggesters import suggester

from lintas.contracts.events import complaints, mentions
from lintas.testing.builders import complaint_id, complaint_routed, decision
from router.pages.words import WORDS

pytestmark = pytest.mark.stack
LIST = "/v1/backtests"
AS_PAGE = {"Accept": "text/html"}


def rules(*leads: tuple[str, str]) -> dict[str, Any]:
    """A rule set: which agency for which word."""
    return {
        "version": f"v-{uuid4().hex[:12]}",
        "zone": "Asia/Jakarta",
        "agencies": sorted({lead for _, lead in leads}),
        "categories": ["road_damage"],
        "rules": [
            {"id": f"r{n}", "category": "road_damage", "lead": lead, "any": [word]}
            for n, (word, lead) in enumerate(leads)
        ],
    }


async def settle(place: Place, day: datetime, rows: list[tuple[str, str, str]]) -> list[int]:
    """Complaints of a day: text, who was decided, and who settled it."""
    numbers = [fresh() for _ in rows]
    for number, (text, decided, final) in zip(numbers, rows, strict=True):
        await place.say(
            complaint_routed(number, decision(lead=decided), text=text, received_at=day),
            registered(number, received_at=day),
            assigned(number, 2, final),
            fact(number, 3, complaints.ComplaintResolved),
        )
    for number in numbers:

        async def over(number: int = number) -> bool:
            ending = await place.ending(number)
            return bool(await place.row(number) and ending and ending["settled_by"])

        await eventually(over)
    return numbers


def of_day(day: datetime) -> dict[str, str]:
    return {"since": day.isoformat(), "until": (day + timedelta(days=1)).isoformat()}


async def test_a_backtest_over_http_says_what_a_candidate_would_change(place):
    day = datetime(2026, 6, 10, tzinfo=UTC)
    numbers = await settle(
        place,
        day,
        [
            ("sampah di sungai", "dpupr", "dlh"),
            ("jalan rusak", "dpupr", "dpupr"),
            ("lampu padam", "dpupr", "pln"),
        ],
    )
    candidate = rules(("sampah", "dlh"), ("jalan", "dpupr"))
    body = {"candidate": candidate, "against": "recorded", **of_day(day)}
    key = {"Idempotency-Key": '"once"'}
    asked = await place.backtest(body, **key)
    assert asked.status_code == 202
    assert asked.json()["state"] == "queued"
    again = await place.backtest(body, **key)
    assert again.json()["id"] == asked.json()["id"]
    found = await place.found(asked.headers["location"])
    result = found["result"]
    assert (found["state"], found["done"], found["total"]) == ("done", 3, 3)
    assert result["before"]["accuracy"] == pytest.approx(1 / 3)
    assert result["after"]["accuracy"] == pytest.approx(2 / 3)
    assert (result["flipped"], result["mended"], result["broken"]) == (2, 1, 0)
    bounces = result["bounces"]
    assert (bounces["misrouted_before"], bounces["misrouted_after"]) == (2, 0)
    flips = {flip["complaint_id"]: flip for flip in result["flips"]}
    flip = flips[str(complaint_id(numbers[0]))]
    [mark] = flip["marks"]
    assert flip["text"][mark["start"] : mark["end"]] == "sampah"
    assert (flip["before"], flip["after"], flip["final"]) == ("dpupr", "dlh", "dlh")


async def test_its_page_needs_nothing_from_elsewhere_and_shows_no_erased_text(place):
    day = datetime(2026, 6, 11, tzinfo=UTC)
    [number] = await settle(place, day, [("sampah <b>tumpah</b>", "dpupr", "dlh")])
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **of_day(day)}
    address = (await place.backtest(body)).headers["location"]
    await place.found(address)
    page = await place.client.get(address, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<mark" in page.text
    assert "&lt;b&gt;" in page.text
    assert "http" not in page.text
    assert "<script" not in page.text
    english = await place.client.get(f"{address}?lang=en", headers={"Accept": "text/html"})
    assert '<html lang="en">' in english.text
    await place.say(forwarded(number, mentions.MentionErased, mention_id=None))

    async def gone() -> bool:
        return await place.text(number) is None

    await eventually(gone)
    shown = await place.client.get(address)
    assert "tumpah" not in shown.text
    assert shown.json()["result"]["flips"][0]["text"] is None
    rows = await place.database.fetch("SELECT * FROM backtest")
    assert "tumpah" not in json.dumps([str(row) for row in rows])


async def test_a_stored_version_is_held_against_the_one_in_force(place):
    stored = rules(("sampah", "dlh"))
    assert (await place.client.post("/v1/rulesets", json=stored)).status_code == 201
    published = rules(("jalan", "dpupr"))
    await place.router.apply(published)
    day = datetime(2026, 6, 12, tzinfo=UTC)
    await settle(place, day, [("sampah", "pln", "dlh"), ("jalan", "pln", "dpupr")])
    asked = await place.backtest({"candidate": stored["version"], **of_day(day)})
    assert asked.status_code == 202, asked.text
    assert asked.json()["against"] == published["version"]
    result = (await place.found(asked.headers["location"]))["result"]
    assert (result["before"]["accuracy"], result["after"]["accuracy"]) == (0.5, 0.5)
    assert (result["mended"], result["broken"]) == (1, 1)


async def test_a_candidate_is_held_with_the_model_that_it_names(place):
    data = suggester().to_bytes()
    kind = {"Content-Type": "application/octet-stream"}
    kept = (await place.client.post("/v1/models", content=data, headers=kind)).json()
    named = {"version": kept["version"], "sha256": kept["sha256"], "threshold": 0.5}
    candidate = rules(("jalan", "dpupr"), ("kabel", "dlh")) | {"model": named}
    day = datetime(2026, 6, 17, tzinfo=UTC)
    # no rule knows these words, the model knows one
    await settle(place, day, [("sampah bau", "dpupr", "dlh"), ("sesuatu", "dpupr", "pln")])
    asked = await place.backtest({"candidate": candidate, "against": "recorded", **of_day(day)})
    assert asked.status_code == 202, asked.text
    found = await place.found(asked.headers["location"])
    assert found["state"] == "done", found["problem"]
    assert (found["result"]["mended"], found["result"]["after"]["accuracy"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({}, "/candidate", id="no candidate"),
        pytest.param({"candidate": 5}, "/candidate", id="wrong type"),
        pytest.param({"candidate": "never-stored"}, "/candidate", id="unknown version"),
        pytest.param({"candidate": "v", "against": "x"}, "/against", id="unknown against"),
        pytest.param({"candidate": "v", "since": "soon"}, "/since", id="no time"),
        pytest.param({"candidate": {"version": "v"}}, "/candidate/zone", id="half a document"),
    ],
)
async def test_what_cannot_be_held_is_refused_with_its_field_and_no_echo(place, body, pointer):
    refused = await place.backtest(body)
    assert refused.status_code == 422, refused.text
    assert pointer in {error["pointer"] for error in refused.json()["errors"]}
    assert "never-stored" not in refused.text


async def test_only_who_may_write_rules_sees_a_backtest(place):
    headers = {"Authorization": f"Bearer {place.stack.key('front-door')}"}
    assert (await place.backtest({"candidate": "v"}, **headers)).status_code == 403
    address = f"/v1/backtests/{uuid4()}"
    for one in (address, LIST):
        assert (await place.client.get(one, headers=headers)).status_code == 403
    assert (await place.client.get(address)).status_code == 404
    keyless = await place.client.post("/v1/backtests", json={"candidate": "v"})
    assert keyless.status_code == 400


async def fill(place: Place, day: datetime, number: int) -> None:
    """Many complaints of a day, past the broker."""
    await place.database.execute(
        "INSERT INTO corpus (complaint_id, mention_id, received_at, text, channel, own_post,"
        " stakeholder, decided_class, decided_lead, rules_version)"
        " SELECT gen_random_uuid(), gen_random_uuid(), $1::timestamptz + n * interval '1 ms',"
        "  'sampah nomor ' || n, 'x', false, 'citizen', 'complaint', 'dpupr', '1'"
        " FROM generate_series(1, $2) AS s(n)",
        day,
        number,
    )


async def restart(place: Place, _address: str) -> None:
    """The service ends as it should, and starts again."""
    await place.restart()


async def die(place: Place, address: str) -> None:
    """As the database sees it: its runner is another one, which was not heard of for too long."""
    await place.database.execute(
        "UPDATE backtest SET runner = gen_random_uuid(), held_until = now() WHERE id = $1",
        UUID(address.rpartition("/")[2]),
    )


@pytest.mark.parametrize("end", [restart, die])
async def test_an_end_in_the_middle_loses_nothing_and_counts_nothing_twice(place, end):
    day = datetime(2026, 6, 13, tzinfo=UTC) + timedelta(hours=12 * (end is die))
    number = 40_000
    await fill(place, day, number)
    span = {"since": day.isoformat(), "until": (day + timedelta(hours=12)).isoformat()}
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **span}
    address = (await place.backtest(body)).headers["location"]

    async def part_done() -> bool:
        done = (await place.client.get(address)).json()["done"]
        return 0 < done < number

    await eventually(part_done)
    await end(place, address)
    found = await place.found(address)
    assert (found["state"], found["done"], found["total"]) == ("done", number, number)
    result = found["result"]
    assert (result["rows"], result["flipped"]) == (number, number)
    assert {(one["agency"], one["before"], one["after"]) for one in result["loads"]} == {
        ("dpupr", number, 0),
        ("dlh", 0, number),
    }


async def test_one_whose_process_is_killed_fails_and_says_so(place):
    day = datetime(2026, 6, 16, tzinfo=UTC)
    await fill(place, day, 60_000)
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **of_day(day)}
    address = (await place.backtest(body)).headers["location"]

    async def deciding() -> list[Any]:
        state = (await place.client.get(address)).json()["state"]
        return multiprocessing.active_children() if state == "running" else []

    for child in await eventually(deciding):
        child.kill()
    found = await place.found(address)
    assert found["state"] == "failed"
    assert found["problem"] == "process_ended"
    for language, words in WORDS.items():
        page = await place.client.get(f"{address}?lang={language}", headers=AS_PAGE)
        assert words["process_ended"] in page.text


async def test_backtests_are_listed_the_latest_first_with_what_failed_and_the_next_page(place):
    span = of_day(datetime(2026, 6, 19, tzinfo=UTC))
    missing = {"model": {"version": "0" * 16, "sha256": "0" * 64, "threshold": 0.5}}
    asked = []
    for more, ended in ((missing, "model_missing"), ({}, None), ({}, None)):
        answer = await place.backtest({"candidate": rules(("sampah", "dlh")) | more, **span})
        found = await place.found(answer.headers["location"])
        assert found["problem"] == ended
        asked.append(found["id"])
    address = f"{LIST}?limit=1"
    for identity in asked[:0:-1]:
        answer = await place.client.get(address)
        [one] = answer.json()["items"]
        assert (one["id"], "result" in one) == (identity, False)
        page = await place.client.get(address, headers=AS_PAGE)
        address = answer.links["next"]["url"]
        assert f'href="{address.replace("&", "&amp;")}"' in page.text
        assert f"{LIST}/{identity}?" in page.text
    assert (await place.client.get(address)).json()["items"][0]["id"] == asked[0]
    english = await place.client.get(f"{LIST}?lang=en", headers=AS_PAGE)
    assert WORDS["en"]["model_missing"] in english.text
    refused = await place.client.get(LIST, params={"cursor": "made-up"})
    assert (refused.status_code, "made-up" in refused.text) == (400, False)


async def test_one_that_is_cancelled_ends(place):
    day = datetime(2026, 6, 14, tzinfo=UTC)
    await fill(place, day, 60_000)
    body = {"candidate": rules(("sampah", "dlh")), "against": "recorded", **of_day(day)}
    address = (await place.backtest(body)).headers["location"]
    cancelled = await place.client.post(f"{address}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    # and the next one gets its turn
    [_] = await settle(place, datetime(2026, 6, 15, tzinfo=UTC), [("sampah", "dlh", "dlh")])
    following = {**body, **of_day(datetime(2026, 6, 15, tzinfo=UTC))}
    found = await place.found((await place.backtest(following)).headers["location"])
    assert found["state"] == "done"
    shown = (await place.client.get(address)).json()
    assert shown["state"] == "cancelled"
    assert shown["done"] < 60_000
