"""What feeds gave and nobody could read is read again after a mend, as what webhooks brought is."""

import orjson
import pytest

from ingest.channels import email, mastodon
from ingest.channels.letters import Letter
from ingest.channels.mastodon import MastodonAccount, as_kept
from ingest.usecases.receiving import hear

pytestmark = pytest.mark.stack

STATUS = {
    "id": "501",
    "created_at": "2026-11-20T08:00:00.000Z",
    "visibility": "public",
    "content": "<p>Lampu mati</p>",
    "account": {"id": "9", "acct": "siti", "display_name": "Siti"},
}


@pytest.fixture
def again(ingest):
    """Reads again as an operator; what of each is still unread."""

    async def replayed() -> list[list[str]]:
        answer = await ingest.http.post(
            "/v1/quarantine/replay", json={}, headers=ingest.bearer("operator")
        )
        assert answer.status_code == 200, answer.text
        return [one["unread"] for one in answer.json()["items"]]

    return replayed


def fails(*_):
    raise ZeroDivisionError


async def test_a_letter_of_a_mailbox_is_heard_after_a_mend_and_once(
    ingest, imap, mailbox_loop, letter, again, monkeypatch
):
    imap.letters = {1: letter("satu"), 2: letter("dua")}
    with monkeypatch.context() as broken:
        broken.setattr(email, "_read", fails)
        await mailbox_loop().run_once()
        assert await again() == [["unforeseen"], ["unforeseen"]]
    assert await ingest.count("complaint") == 0
    kept = await ingest.database.fetchval("SELECT min(received_at) FROM webhook_body")
    assert await again() == [[], []]
    assert await again() == []
    assert await ingest.count("complaint") == 2
    assert await ingest.database.fetchval("SELECT min(received_at) FROM mention") == kept
    # the mailbox still has them, and reading them once more adds nothing
    imap.validity += 1
    await mailbox_loop().run_once()
    assert await ingest.count("mention") == 2


async def test_what_is_wholly_read_of_a_mailbox_is_not_kept_twice(
    ingest, imap, mailbox_loop, letter
):
    imap.letters = {1: letter("satu")}
    await mailbox_loop().run_once()
    assert await ingest.count("webhook_body") == 0


async def test_a_status_of_a_kind_nobody_knew_is_heard_after_a_mend(
    ingest, again, monkeypatch, tmp_path
):
    described = {"channel": "mastodon", "name": "kota", "server": "http://127.0.0.1:9", "id": "1"}
    account = MastodonAccount.model_validate(
        described | {"token_file": "mastodon-token"}, context={"folder": tmp_path}
    )
    deps = ingest.app.state.deps
    deps.accounts._accounts["mastodon", "kota"] = account
    data = orjson.dumps({"type": "called_upon", "id": "7", "status": STATUS})
    await hear(
        deps,
        account,
        as_kept("notification", data),
        account.event("notification", data.decode()),
    )
    assert await again() == [["unknown"]]
    monkeypatch.setattr(mastodon, "_MENTIONED", "called_upon")
    assert await again() == [[]]
    [event] = await ingest.events()
    assert event["mention"]["text"] == "Lampu mati"


@pytest.mark.parametrize(
    "letter",
    [Letter(b"raw"), Letter(b"a\nb\n", "", ("x@y",)), Letter(b"", "s@t\n", ("[", "]"))],
)
def test_a_letter_is_kept_with_its_envelope(letter):
    assert Letter.unpacked(letter.packed()) == letter
    assert Letter.unpacked(b'{"From": "x"}') is None
