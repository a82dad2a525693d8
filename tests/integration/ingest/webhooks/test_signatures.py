"""Who may tell us anything: signatures over the raw bytes, tokens, handshakes."""

import hmac
import json
from base64 import b64encode
from itertools import product

import pytest

pytestmark = pytest.mark.stack

META = ("facebook", "instagram", "whatsapp")
SIGNED = (*META, "x")
CHANNELS = (*SIGNED, "telegram")
HEADER = {
    **dict.fromkeys(META, "X-Hub-Signature-256"),
    "x": "x-twitter-webhooks-signature",
    "telegram": "X-Telegram-Bot-Api-Secret-Token",
}
#: an app that is not ours
OTHER = "ffeeddccbbaa99887766554433221100"
ODD = ("", " ", "sha256=", "sha256", "é", "0" * 30_000)
each_channel = pytest.mark.parametrize("channel", CHANNELS)
each_signed = pytest.mark.parametrize("channel", SIGNED)


def said(channel: str, text: str) -> dict:
    """A delivery with one text."""
    if channel == "facebook":
        value = {"item": "post", "verb": "add", "post_id": "5_1", "message": text}
        change = {"field": "feed", "value": value}
        return {"object": "page", "entry": [{"id": "5", "time": 1, "changes": [change]}]}
    if channel == "instagram":
        change = {"field": "comments", "value": {"id": "1", "text": text}}
        return {"object": "instagram", "entry": [{"id": "5", "time": 1, "changes": [change]}]}
    if channel == "whatsapp":
        message = {"from": "62811", "id": "w1", "type": "text", "text": {"body": text}}
        change = {"field": "messages", "value": {"messages": [message]}}
        return {"object": "whatsapp_business_account", "entry": [{"id": "5", "changes": [change]}]}
    if channel == "telegram":
        chat = {"id": 7, "type": "private"}
        return {"update_id": 1, "message": {"message_id": 1, "chat": chat, "text": text}}
    payload = {"id": "1", "author_id": "9", "text": text}
    return {"data": {"event_type": "post.mention.create", "payload": payload}}


def vectors(channel, body, secrets, signature) -> dict[str, dict[str, str]]:
    """Headers with which `body` is not to be believed, by why not."""
    header = HEADER[channel]
    odd = {
        "missing": {},
        **{f"odd: {given[:9]}": {header: given.encode("latin-1")} for given in ODD},
        "another app's": signature(channel, body, OTHER),
    }
    if channel == "telegram":
        token = secrets["telegram"]
        changed = {"cut": token[:-1], "longer": f"{token}x", "upper case": token.upper()}
        return odd | {why: {header: given} for why, given in changed.items()}
    again = json.dumps(json.loads(body), separators=(",", ":")).encode()
    odd["written anew"] = signature(channel, again)
    key = secrets["x-consumer" if channel == "x" else "meta-app"].encode()
    right, old = hmac.digest(key, body, "sha256"), hmac.digest(key, body, "sha1").hex()
    if channel == "x":
        return odd | {"hex": {header: f"sha256={right.hex()}"}}
    return odd | {
        "base64": {header: f"sha256={b64encode(right).decode()}"},
        "upper case": {header: f"sha256={right.hex().upper()}"},
        "upper case name": {header: f"SHA256={right.hex()}"},
        "bare": {header: right.hex()},
        "cut": {header: f"sha256={right.hex()[:-1]}"},
        "sha1": {header: f"sha1={old}"},
        "sha1 only": {"X-Hub-Signature": f"sha1={old}"},
    }


@each_channel
async def test_during_a_rotation_both_secrets_count(webhooks, signature, secrets, channel):
    name = {"telegram": "telegram", "x": "x-consumer"}.get(channel, "meta-app")
    body = json.dumps(said(channel, "Lampu mati")).encode()
    for secret in (name, f"{name}-before"):
        answer = await webhooks.post(channel, body, signature(channel, body, secrets[secret]))
        assert (answer.status_code, answer.content) == (200, b"")
    assert await webhooks.texts() == ["Lampu mati"]


@each_channel
async def test_what_is_not_signed_as_agreed_is_refused_and_leaves_nothing(
    webhooks, signature, secrets, channel
):
    body = json.dumps(said(channel, "Lampu mati")).encode()
    for why, headers in vectors(channel, body, secrets, signature).items():
        answer = await webhooks.post(channel, body, headers)
        assert answer.status_code == 401, why
        assert answer.headers["content-type"] == "application/problem+json", why
        assert answer.json()["type"] == "/problems/unauthenticated", why
    assert await webhooks.nothing_left()


async def test_two_megabytes_are_refused_before_anything_is_verified(webhooks):
    for channel in CHANNELS:
        answer = await webhooks.post(channel, said(channel, "x" * 2_000_000))
        assert answer.status_code == 413
    assert await webhooks.nothing_left()


@each_signed
async def test_emoji_and_escapes_are_verified_as_they_came(webhooks, signature, channel):
    """Meta writes `\\u00e4` where others write `ä`: the same text, other bytes."""
    text = "Jalan ä 🚧 rusak"
    for ascii_only in (True, False):
        body = json.dumps(said(channel, text), ensure_ascii=ascii_only).encode()
        assert (await webhooks.post(channel, body, signature(channel, body))).status_code == 200
    assert await webhooks.texts() == [text]


async def test_an_account_we_do_not_have_is_not_there(webhooks, signature):
    for channel in CHANNELS:
        answer = await webhooks.post(channel, said(channel, "Lampu mati"), account="lain")
        assert answer.status_code == 404
    assert (await webhooks.post("fax", {}, {})).status_code == 404
    assert await webhooks.nothing_left()


async def test_metas_handshake_gets_its_challenge_back_as_plain_text(webhooks, secrets):
    for channel, challenge in product(META, ("1158201444", "<script>alert(1)</script>")):
        answer = await webhooks.get(
            channel,
            hub__mode="subscribe",
            hub__challenge=challenge,
            hub__verify_token=secrets["meta-verify"],
        )
        assert (answer.status_code, answer.text) == (200, challenge)
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_any_other_handshake_is_forbidden_and_echoes_nothing(webhooks, secrets):
    agreed = {
        "hub__mode": "subscribe",
        "hub__challenge": "<b>1158201444</b>",
        "hub__verify_token": secrets["meta-verify"],
    }
    for name, given in product(agreed, (None, "", "wrong-word-000000")):
        query = {key: value for key, value in (agreed | {name: given}).items() if value is not None}
        if (name, given) == ("hub__challenge", "wrong-word-000000"):
            # any challenge will do
            continue
        answer = await webhooks.get("facebook", **query)
        assert answer.status_code == 403, (name, given)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "1158201444" not in answer.text


async def test_xs_check_is_signed_with_the_secret_in_force(webhooks, secrets):
    answer = await webhooks.get("x", crc_token="token-1")
    digest = hmac.digest(secrets["x-consumer"].encode(), b"token-1", "sha256")
    assert answer.status_code == 200
    assert answer.json() == {"response_token": f"sha256={b64encode(digest).decode()}"}


async def test_an_empty_or_huge_check_is_malformed(webhooks):
    for query in ({}, {"crc_token": ""}, {"crc_token": "x" * 4096}):
        answer = await webhooks.get("x", **query)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


async def test_telegram_has_no_handshake(webhooks):
    assert (await webhooks.get("telegram")).status_code == 404


@each_channel
async def test_what_no_platform_can_have_signed_is_refused_before_its_body_is_read(
    webhooks, channel
):
    read = []

    async def body():
        read.append(True)
        yield b"{}"

    for given in (None, *ODD[:4], "x" * 71):
        headers = {} if given is None else {HEADER[channel]: given}
        if channel != "telegram" and given == "x" * 71:
            # as long as a signature: only the body can tell
            continue
        answer = await webhooks.ingest.http.post(
            f"/v1/webhooks/{channel}/kota", content=body(), headers=headers
        )
        assert answer.status_code == 401, given
    assert read == []
    assert await webhooks.nothing_left()
