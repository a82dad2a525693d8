"""What channels tell: joined, edited, withdrawn, renamed; once, in order, whatever comes first."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.domain.heard import Edited, Heard, Noted, Posted, Renamed, Reported, Withdrawn
from ingest.domain.mentions import (
    Acceptance,
    Attachment,
    Author,
    Place,
    Reply,
    ReporterKey,
    Said,
)
from ingest.usecases.upkeep import Keep, forget_overdue
from lintas.privacy import unseal
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.terms import Anonymity, Origin, PrivateWay

pytestmark = pytest.mark.stack

#: as what is old is forgotten
NOW = datetime.now(UTC)
SITI = Author(platform_id="u-siti", handle="siti_b")
BUDI = Author(platform_id="u-budi", handle="budi_k")
POST = Said("x", "kotabogor", "Lampu jalan mati", external_id="1", author=SITI)
CHAT = replace(
    POST, channel="whatsapp", public=False, conversation="u-siti", text="Sampah menumpuk"
)


@pytest.fixture
def hear(ingest):
    """Tells ingest of one delivery."""

    async def told(*heard: Heard, at: datetime = NOW, **more) -> Sequence[Acceptance | None]:
        return await ingest.app.state.deps.hearing.hear(
            heard, client="webhooks", received_at=at, traceparent="trace", **more
        )

    return told


def said(external_id: str, base: Said = POST, **changes) -> Said:
    return replace(base, external_id=external_id, **changes)


async def kinds(ingest) -> list[str]:
    rows = await ingest.database.fetch("SELECT headers FROM outbox ORDER BY id")
    return [dict(json.loads(row["headers"]))["ce_type"].split(".", 1)[1] for row in rows]


async def complaints(ingest) -> int:
    return await ingest.count("complaint")


async def test_the_same_delivery_five_times_in_parallel_is_one(ingest, hear):
    delivery = [Posted(POST), Posted(said("2", in_reply_to="1")), Withdrawn("x", "kotabogor", "2")]
    answers = await asyncio.gather(*(hear(*delivery) for _ in range(5)))
    assert len({answer[0].complaint_id for answer in answers}) == 1
    assert len({answer[1].mention_id for answer in answers}) == 1
    assert await kinds(ingest) == [
        "mention.received.v1",
        "mention.followed_up.v1",
        "mention.withdrawn.v1",
    ]


async def test_five_follow_ups_in_parallel_are_five_once_each_in_one_complaint(ingest, hear):
    [first] = await hear(Posted(POST))
    more = [Posted(said(f"f{n}", in_reply_to="1", text=f"Masih mati {n}")) for n in range(5)]
    await asyncio.gather(*(hear(one) for one in [*more, *more]))
    events = await ingest.events()
    assert {event["complaint_id"] for event in events} == {str(first.complaint_id)}
    assert sorted(event["mention"]["text"] for event in events[1:]) == [
        f"Masih mati {n}" for n in range(5)
    ]
    assert await ingest.count("mention") == 6


async def test_two_chat_messages_in_parallel_open_one_complaint(ingest, hear):
    await asyncio.gather(*(hear(Posted(said(f"m{n}", CHAT))) for n in range(4)))
    assert await complaints(ingest) == 1
    assert await ingest.count("mention") == 4


JOINS = {
    "a reply of the same reporter": (said("2", in_reply_to="1"), 0, "reply"),
    "a reply to their own follow-up": (said("2", in_reply_to="f"), 0, "reply"),
    "the same thread": (said("2", conversation="t1"), 0, "conversation"),
    "a reply on the last day": (said("2", in_reply_to="1"), 30, "reply"),
    "a reply after the window": (said("2", in_reply_to="1"), 31, None),
    "a thread after the window": (said("2", conversation="t1"), 31, None),
    "a stranger's reply": (said("2", in_reply_to="1", author=BUDI), 0, None),
    "a stranger in the thread": (said("2", conversation="t1", author=BUDI), 0, None),
    "nobody known": (said("2", in_reply_to="1", author=Author()), 0, None),
    "a reply to something else": (said("2", in_reply_to="99"), 0, None),
    "our own account": (said("2", in_reply_to="1", own=True), 0, None),
    "nothing named": (said("2"), 0, None),
}


@pytest.mark.parametrize(("second", "days", "joined"), JOINS.values(), ids=JOINS)
async def test_a_mention_continues_a_complaint_only_as_its_reporters(
    ingest, hear, second, days, joined
):
    opening = Posted(replace(POST, conversation="t1")), Posted(said("f", in_reply_to="1"))
    [first, _] = await hear(*opening)
    [then] = await hear(Posted(second), at=NOW + timedelta(days=days))
    assert (then.complaint_id == first.complaint_id) is (joined is not None)
    assert (await ingest.events())[-1]["mention"]["joined"] == joined
    assert await hear(Posted(second), at=NOW + timedelta(days=days)) == [then]


@pytest.mark.parametrize(
    ("hours", "status", "joins"),
    [
        (1, "received", True),
        (72, "in_progress", True),
        (73, "received", False),
        (1, "closed", False),
    ],
)
async def test_a_chat_goes_on_until_a_pause_or_the_end_of_its_complaint(
    ingest, hear, hours, status, joins
):
    [first] = await hear(Posted(CHAT))
    await ingest.database.execute("UPDATE public_status SET status = $1", status)
    [then] = await hear(Posted(said("2", CHAT)), at=NOW + timedelta(hours=hours))
    assert (then.complaint_id == first.complaint_id) is joins
    [last] = await hear(Posted(said("3", CHAT)), at=NOW + timedelta(hours=hours))
    assert last.complaint_id == then.complaint_id


async def test_a_ticket_in_the_text_joins_from_anywhere_and_opens_nothing_to_its_writer(
    ingest, hear
):
    [first] = await hear(Posted(POST))
    wrong = first.ticket[:-1] + ("2" if first.ticket[-1] != "2" else "3")
    texts = [f"Tiket {first.ticket.lower()} belum ada kabar", f"Tiket {wrong} belum ada kabar"]
    answers = [
        (await ingest.post({"channel": "web", "external_id": f"w{n}", "text": text})).json()
        for n, text in enumerate(texts)
    ]
    assert answers[0]["complaint_id"] == str(first.complaint_id)
    assert "?k=" not in answers[0]["status_url"]
    assert answers[1]["complaint_id"] != str(first.complaint_id)
    [_, more, other] = await ingest.events()
    assert more["mention"]["joined"] == "ticket"
    assert other["mention"]["joined"] is None
    own = Posted(said("9", own=True, text=f"Kami proses, {first.ticket}"))
    [ours] = await hear(own)
    assert ours.complaint_id != first.complaint_id
    assert (await ingest.events())[-1]["mention"]["own_post"] is True


async def test_a_reply_over_the_mention_api_joins_also_within_one_batch(ingest):
    line = {"channel": "x", "account": "k", "text": "Jalan rusak", "author": {"handle": "siti_b"}}
    answer = await ingest.batch(
        [
            line | {"external_id": "1"},
            line | {"external_id": "2", "in_reply_to": "1", "text": "Fotonya menyusul"},
            line | {"external_id": "3", "in_reply_to": "1", "author": {"handle": "budi_k"}},
        ]
    )
    one, two, three = answer.json()["results"]
    assert two["complaint_id"] == one["complaint_id"] != three["complaint_id"]
    again = await ingest.post(line | {"external_id": "2", "in_reply_to": "1"})
    assert again.json()["mention_id"] == two["mention_id"]
    assert await ingest.count("mention") == 3


async def test_a_follow_up_shows_no_more_than_its_complaint(ingest, hear):
    await hear(Posted(replace(POST, anonymity=Anonymity.SECRET)))
    await hear(Posted(said("2", in_reply_to="1", anonymity=Anonymity.OPEN)))
    [_, more] = await ingest.events()
    assert more["mention"]["anonymity"] == "secret"
    assert more["mention"]["external_id"] is None


async def test_what_was_erased_is_not_continued(ingest, hear):
    [first] = await hear(Posted(POST))
    await ingest.database.execute("UPDATE reporter_key SET wrapped = NULL, destroyed_at = now()")
    [then] = await hear(Posted(said("2", in_reply_to="1", text=f"Lagi {first.ticket}")))
    assert then.complaint_id != first.complaint_id
    await hear(Edited(replace(POST, revision="2", text="Baru")))
    # the service may find meanwhile that a key is destroyed, and tell
    told = [kind for kind in await kinds(ingest) if kind != "mention.erased.v1"]
    assert told == ["mention.received.v1"] * 2


async def state(ingest) -> list[tuple]:
    rows = await ingest.database.fetch(
        "SELECT mention_id, complaint_id, revision, withdrawn_at IS NOT NULL AS gone FROM mention"
    )
    return [tuple(row) for row in rows]


ORDERS = [
    pytest.param(order, id="-".join(order))
    for order in permutations(("post", "edit2", "edit10", "gone"))
]


@pytest.mark.parametrize("order", ORDERS)
async def test_any_order_of_post_edits_and_withdrawal_ends_alike(ingest, hear, order):
    told = {
        "post": Posted(POST),
        "edit2": Edited(replace(POST, revision="2", text="Lampu mati dua")),
        "edit10": Edited(replace(POST, revision="10", text="Lampu mati sepuluh")),
        "gone": Withdrawn("x", "kotabogor", "1", NOW),
    }
    for name in order:
        await hear(told[name])
    ended = await state(ingest)
    for name in reversed(order):
        await hear(told[name])
    assert await state(ingest) == ended
    [(_, _, revision, gone)] = ended
    assert (revision, gone) == ("10", True)
    assert await ingest.count("withdrawn_early") == 0
    told_kinds = await kinds(ingest)
    assert told_kinds[0] == "mention.received.v1"
    assert told_kinds[-1] == "mention.withdrawn.v1"
    assert set(told_kinds[1:-1]) <= {"mention.edited.v1"}


NAMES = ("post", "edit2", "edit10", "gone")
NUMBERS = count(1)


@st.composite
def deliveries(draw) -> list[list[str]]:
    """Everything told at least once, in any order, in any number of deliveries."""
    more = draw(st.lists(st.sampled_from(NAMES), max_size=4))
    order = draw(st.permutations([*NAMES, *more]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1))))
    return [order[start:end] for start, end in pairwise([0, *cuts, len(order)])]


@given(told=deliveries())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_what_its_author_has_taken_back_is_told_by_no_event(ingest, hear, told):
    post = said(f"p{next(NUMBERS)}", text="Lampu mati satu", author=Author())
    parts = {
        "post": Posted(post),
        "edit2": Edited(replace(post, revision="2", text="Lampu mati dua")),
        "edit10": Edited(replace(post, revision="10", text="Lampu mati sepuluh")),
        "gone": Withdrawn(post.channel, post.account, post.external_id, NOW),
    }
    start = len(await ingest.events())
    for number, names in enumerate(told):
        before = len(await ingest.events())
        await hear(*(parts[name] for name in names))
        if any("gone" in earlier for earlier in told[: number + 1]):
            texts = [one.get("mention", {}).get("text") for one in (await ingest.events())[before:]]
            assert not any(texts)
    kind = (await kinds(ingest))[start:]
    assert kind[0] == "mention.received.v1"
    assert kind[-1] == "mention.withdrawn.v1"
    assert set(kind[1:-1]) <= {"mention.edited.v1"}
    mention = (await ingest.events())[start]["mention"]["mention_id"]
    row = await ingest.database.fetchrow(
        "SELECT revision, withdrawn_at FROM mention WHERE mention_id = $1", mention
    )
    assert tuple(row) == ("10", NOW)
    assert await ingest.count("withdrawn_early") == 0


async def test_what_was_taken_back_before_it_came_is_kept_without_its_words(ingest, hear):
    [first] = await hear(Posted(POST))
    words = f"Rumah saya di Jl. Melati, tiket {first.ticket}"
    whole = said("2", text=words, place=Place(-6.6, 106.8, "Jl. Melati"), unabridged=words)
    await hear(Withdrawn("x", "kotabogor", "2", NOW))
    [then] = await hear(Posted(replace(whole, media=(Attachment("https://x.example/a.jpg"),))))
    # the ticket in it still says where it belongs
    assert then.complaint_id == first.complaint_id
    [_, more, gone] = await ingest.events()
    assert gone["mention_id"] == more["mention"]["mention_id"] == str(then.mention_id)
    assert (more["mention"]["text"], more["mention"]["location"]) == ("", None)
    assert more["mention"]["joined"] == "ticket"
    [key] = await ingest.database.fetch("SELECT key_id, reporter, wrapped FROM reporter_key")
    sealed = await ingest.database.fetchval(
        "SELECT sealed FROM mention WHERE mention_id = $1", then.mention_id
    )
    data_key = ingest.app.state.deps.vault.open_key(ReporterKey(*key))
    kept = json.loads(unseal(data_key, sealed, then.complaint_id.bytes))
    assert (kept["text"], kept["address"], kept["media"]) == ("", None, [])
    assert "unabridged" not in kept
    assert kept["reply_to"]["external_id"] == "2"


async def test_any_order_told_in_parallel_ends_alike(ingest, hear):
    told = [
        Posted(POST),
        Edited(replace(POST, revision="2", text="Lampu mati dua")),
        Edited(replace(POST, revision="10", text="Lampu mati sepuluh")),
        Withdrawn("x", "kotabogor", "1", NOW),
    ]
    await asyncio.gather(*(hear(one) for one in told * 3))
    [(_, _, revision, gone)] = await state(ingest)
    assert (revision, gone) == ("10", True)
    assert (await kinds(ingest)).count("mention.withdrawn.v1") == 1


async def test_an_edit_keeps_its_mention_and_is_sealed_anew(ingest, hear):
    [first] = await hear(Posted(POST))
    [edited] = await hear(Edited(replace(POST, revision="2", text="Dua lampu mati")))
    assert (edited.complaint_id, edited.mention_id) == (first.complaint_id, first.mention_id)
    before, after = await ingest.events()
    assert after["mention"]["text"] == "Dua lampu mati"
    assert after["mention"]["sealed"]["data"] != before["mention"]["sealed"]["data"]
    assert await hear(Edited(replace(POST, revision="1", text="Dulu"))) == [None]
    assert await hear(Edited(replace(POST, revision="2", text="Dua lampu mati"))) == [None]
    assert len(await ingest.events()) == 2


async def test_several_states_in_one_delivery_leave_the_newest(ingest, hear):
    await hear(
        Posted(POST),
        Edited(replace(POST, revision="3", text="Tiga")),
        Edited(replace(POST, revision="2", text="Dua")),
    )
    assert [event["mention"]["text"] for event in await ingest.events()] == [
        "Lampu jalan mati",
        "Tiga",
    ]


async def test_a_renamed_reporter_goes_on_and_keeps_one_key(ingest, hear):
    [first] = await hear(Posted(CHAT))
    new = Author(platform_id="u-siti-2", phone="081200000001")
    newer = Author(platform_id="u-siti-3")
    # the second change is told before the first
    await hear(Renamed("whatsapp", "kotabogor", "u-siti-2", "u-siti-3"))
    await hear(Renamed("whatsapp", "kotabogor", "u-siti", "u-siti-2"))
    await hear(Renamed("whatsapp", "kotabogor", "u-siti-3", "u-siti"))
    for number, author in enumerate((new, newer)):
        reply = said(f"r{number}", CHAT, author=author, conversation=None, in_reply_to="1")
        [then] = await hear(Posted(reply))
        assert then.complaint_id == first.complaint_id
    assert await ingest.count("reporter_key") == 1


async def test_reports_keep_the_furthest_state_and_notes_are_counted(ingest, hear):
    states = ("delivered", "sent", "read", "delivered")
    await hear(*(Reported("whatsapp", "kotabogor", "wamid.1", one, NOW) for one in states))
    assert await ingest.database.fetchval("SELECT state FROM delivery_report") == "read"
    failed = Reported("whatsapp", "kotabogor", "wamid.1", "failed", NOW, "131047", "delivery-7")
    await hear(failed, Reported("whatsapp", "kotabogor", "wamid.1", "read", NOW))
    row = await ingest.database.fetchrow("SELECT state, reason, reference FROM delivery_report")
    assert tuple(row) == ("failed", "131047", "delivery-7")
    assert await hear(Noted("facebook", "kotabogor", "reaction")) == [None]


async def test_nothing_of_a_delivery_is_kept_when_a_part_of_it_fails(ingest, hear):
    with pytest.raises(ValueError, match="external id"):
        await hear(Posted(POST), Posted(said("2")), Posted(replace(POST, external_id=None)))
    assert await complaints(ingest) == 0


async def test_history_may_be_heard_too(ingest, hear):
    past = NOW - timedelta(days=400)
    await hear(Posted(replace(POST, posted_at=past)), origin=Origin.IMPORT)
    [event] = await ingest.events()
    assert event["mention"]["origin"] == "import"


async def test_what_is_set_aside_is_sealed_and_forgotten_in_time(ingest):
    deps = ingest.app.state.deps
    now = deps.work.clock()
    for age_h in (1, 200):
        at = now - timedelta(hours=age_h)
        await deps.aside.keep("facebook", "1", "unknown", b'{"phone":"081234567890"}', at)
    await forget_overdue(deps.work, Keep(*[timedelta(days=7)] * 4))
    [kept] = await ingest.database.fetch("SELECT sealed, received_at FROM set_aside")
    assert kept["received_at"] == now - timedelta(hours=1)
    assert b"0812" not in kept["sealed"]


async def test_what_can_be_read_off_a_text_travels_with_it(ingest, hear):
    end = datetime(2026, 3, 17, 8, tzinfo=UTC)
    reply = Reply(in_public=True, until=end, in_private=((PrivateWay.ONCE, end),))
    text = "Tulung\u200b, @pemkotbogor dalan ngarep pasar Anyar rusak, ora didandani #jalanrusak"
    await hear(Posted(replace(POST, text=text, reply=reply)))
    [event] = await ingest.events()
    mention = event["mention"]
    assert mention["text"].startswith("Tulung,")
    assert mention["language"] == "jv"
    assert mention["hashtags"] == ["jalanrusak"]
    assert mention["handles"] == ["pemkotbogor"]
    assert mention["place_hints"] == ["pasar Anyar"]
    assert mention["public"] is True
    until = "2026-03-17T08:00:00Z"
    once = {"way": "once", "until": until}
    assert mention["reply"] == {"in_public": True, "until": until, "in_private": [once]}
    assert mention["suspected"] is None


async def test_a_wave_is_marked_and_every_mention_of_it_is_kept(ingest):
    text = "Turunkan tarif air sekarang juga"
    lines = [
        {"channel": "x", "external_id": f"w{n}", "text": text, "author": {"handle": f"akun_{n}"}}
        for n in range(8)
    ]
    assert (await ingest.batch(lines)).json()["accepted"] == 8
    marks = [event["mention"]["suspected"] for event in await ingest.events()]
    assert marks == [None] * 4 + ["wave"] * 4


async def test_a_flood_of_deliveries_leaves_room_for_others(ingest, hear):
    hearing = ingest.app.state.deps.hearing
    hearing._patience_s = 0.2
    await ingest.database.execute("BEGIN; LOCK TABLE mention IN ACCESS EXCLUSIVE MODE")
    stuck = [asyncio.create_task(hear(Posted(said(f"m{n}")))) for n in range(20)]
    done, waiting = await asyncio.wait(stuck, timeout=1)
    assert len(done) == 16
    assert all(isinstance(one.exception(), Unavailable) for one in done)
    answer = await ingest.http.get("/readyz")
    assert answer.status_code == 200
    await ingest.database.execute("COMMIT")
    await asyncio.gather(*waiting)
    assert await ingest.count("mention") == 4
