"""Letters in a mailbox that is read over IMAP."""

import pytest

from ingest.domain.cursors import Cursor
from ingest.usecases import cursors
from lintas.vocabulary.errors import Unavailable

pytestmark = pytest.mark.stack


async def position(ingest):
    deps = ingest.app.state.deps
    return await cursors.read(deps, deps.accounts.get("email", "lapor"))


async def test_what_is_new_is_heard_once_and_left_as_it_is(ingest, imap, mailbox_loop, letter):
    imap.letters = {3: letter("satu"), 8: letter("dua")}
    loop = mailbox_loop()
    assert not await loop.run_once()
    assert await ingest.count("complaint") == 2
    assert await position(ingest) == Cursor("8", "7")
    imap.letters[9] = letter("tiga")
    await loop.run_once()
    await loop.run_once()
    assert await ingest.count("complaint") == 3
    assert imap.flags == {}
    assert imap.moved == {}
    assert not [one for one in imap.commands if one.startswith(("SELECT", "UID STORE"))]


async def test_a_folder_that_counts_anew_is_read_from_its_beginning(
    ingest, imap, mailbox_loop, letter
):
    imap.letters = {8: letter("satu")}
    await mailbox_loop().run_once()
    imap.validity, imap.letters = 9, {1: letter("satu"), 2: letter("dua")}
    await mailbox_loop().run_once()
    assert await ingest.count("complaint") == 2
    assert await position(ingest) == Cursor("2", "9")


async def test_many_letters_are_read_in_turns(ingest, imap, mailbox_loop, letter):
    imap.letters = {uid: letter(f"nomor-{uid}") for uid in range(1, 46)}
    loop = mailbox_loop()
    assert [await loop.run_once() for _ in range(3)] == [True, True, False]
    assert await ingest.count("complaint") == 45


async def test_a_letter_that_cannot_be_read_does_not_stop_the_next(
    ingest, imap, mailbox_loop, letter
):
    imap.letters = {
        1: b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
        2: letter("besar", "a" * 200_000),
        3: b"",
        4: letter("empat"),
    }
    await mailbox_loop().run_once()
    assert await ingest.count("complaint") == 1
    reasons = await ingest.database.fetch("SELECT reason FROM set_aside ORDER BY id")
    assert [row["reason"] for row in reasons] == ["unreadable", "too_large"]
    assert await position(ingest) == Cursor("4", "7")


async def test_what_is_kept_is_marked_and_moved_only_where_that_is_set(
    ingest, imap, mailbox_loop, letter
):
    imap.letters = {1: letter("satu")}
    await mailbox_loop(imap_mark_seen=True, imap_move_to="Arsip").run_once()
    assert imap.flags == {1: {"\\Seen"}}
    assert [*imap.moved] == [1]


@pytest.mark.parametrize("answers", range(6))
async def test_wherever_the_server_hangs_up_nothing_is_lost_and_nothing_twice(
    ingest, imap, mailbox_loop, letter, answers
):
    imap.letters = {1: letter("satu"), 2: letter("dua")}
    imap.breaks_after = answers
    with pytest.raises(Unavailable):
        await mailbox_loop().run_once()
    imap.breaks_after = None
    await mailbox_loop().run_once()
    assert await ingest.count("complaint") == 2


async def test_while_nothing_durable_can_be_written_the_position_stays(
    ingest, imap, mailbox_loop, letter
):
    imap.letters = {1: letter("satu")}
    deps = ingest.app.state.deps
    deps.backlog.added(10_000_000)
    with pytest.raises(Unavailable):
        await mailbox_loop().run_once()
    assert await position(ingest) is None
    await deps.backlog.measure(deps.work)
    await mailbox_loop().run_once()
    assert await ingest.count("complaint") == 1


async def test_a_wrong_password_is_an_outage_that_tells_nobody(ingest, imap, mailbox_loop):
    imap.password = "another"
    with pytest.raises(Unavailable) as refused:
        await mailbox_loop().run_once()
    assert refused.value.__suppress_context__
    assert "Password" not in refused.value.detail
