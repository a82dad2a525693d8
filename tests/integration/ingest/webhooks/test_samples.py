"""Bodies that maintained clients keep as samples, through the real route with a real signature."""

import asyncio

import pytest
from tests.beside import payload

pytestmark = pytest.mark.stack

#: file → the text that is heard
SAMPLES = {
    "facebook/feed-comment-add-211.json": "and the next one",
    "facebook/messaging-message-basic.json": "hello, world!",
    "instagram/wh-comments-2021.json": "This is an example.",
    "whatsapp/pywa.text.json": "Body Text",
    "whatsapp/pywa.reply.json": "replied text",
    "whatsapp/webhook-incoming-message-image.json": "Some awesome image",
    "whatsapp/webhook-incoming-message-text-bsuid.json": "Does it come in another color?",
    "telegram/chatwoot.voice.json": "",
}
each_sample = pytest.mark.parametrize("name", SAMPLES)


@each_sample
async def test_a_sample_becomes_its_mention(webhooks, name):
    answer = await webhooks.post(name.partition("/")[0], payload(name))
    assert (answer.status_code, answer.content) == (200, b"")
    assert await webhooks.texts() == [SAMPLES[name]]
    assert await webhooks.ingest.count("set_aside") == 0


@each_sample
async def test_with_one_byte_changed_it_is_refused_and_leaves_nothing(webhooks, signature, name):
    channel, body = name.partition("/")[0], payload(name)
    headers = signature(channel, body)
    if channel == "telegram":
        # no body is signed there: the token is all there is
        [(header, token)] = headers.items()
        headers = {header: token[:-1] + ("0" if token[-1] != "0" else "1")}
        changed = body
    else:
        changed = body.replace(b"e", b"f", 1)
    answer = await webhooks.post(channel, changed, headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await webhooks.nothing_left()


@each_sample
async def test_delivered_five_times_in_parallel_it_is_one(webhooks, name):
    channel, body = name.partition("/")[0], payload(name)
    answers = await asyncio.gather(*[webhooks.post(channel, body) for _ in range(5)])
    assert {answer.status_code for answer in answers} == {200}
    assert await webhooks.texts() == [SAMPLES[name]]
    assert await webhooks.ingest.count("complaint") == 1
