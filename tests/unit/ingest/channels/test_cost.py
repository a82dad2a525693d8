"""What verifying and translating one delivery costs, beside the same input read without a check."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from statistics import median
from time import thread_time_ns
from typing import Any

import orjson
from tests.beside import PAYLOADS, needs_payloads

_NS_PER_US = 1_000
#: reading and hashing are a small part; beyond this something is wrong with the rest
_MOST_TIMES_THE_YARDSTICK = 60
#: a letter in parts is put together before it is read
_MOST_TIMES_THE_WHOLE_LETTER = 9


def _delivery(posts: int) -> bytes:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": "7_70",
        "post_id": "5_7",
        "parent_id": "5_7",
        "from": {"id": "901", "name": "Sari W"},
        "created_time": 1_790_000_000,
        "message": "Jalan di depan pasar berlubang, sudah dua minggu belum diperbaiki. " * 4,
    }
    changes = [{"field": "feed", "value": value | {"comment_id": f"7_{n}"}} for n in range(posts)]
    return json.dumps({"object": "page", "entry": [{"id": "5", "changes": changes}]}).encode()


def _medians_us(times: int, **runs: Callable[[], object]) -> dict[str, float]:
    """What each takes of the processor, in turns; other work on the machine is not counted."""
    taken: dict[str, list[int]] = {name: [] for name in runs}
    for _ in range(times):
        for name, run in runs.items():
            started = thread_time_ns()
            run()
            taken[name].append(thread_time_ns() - started)
    return {name: median(each) / _NS_PER_US for name, each in taken.items()}


def test_a_delivery_is_verified_and_translated_within_a_small_multiple_of_reading_it(
    account, capsys
):
    ours, key = account("facebook"), b"app-0123456789-abcdefghij"
    body = _delivery(1)
    headers = {"x-hub-signature-256": f"sha256={hmac.digest(key, body, hashlib.sha256).hex()}"}

    def whole() -> None:
        assert ours.is_genuine(headers, body)
        assert len(ours.translate(body)) == 1

    def yardstick() -> None:
        hmac.digest(key, body, hashlib.sha256)
        orjson.loads(body)

    taken = _medians_us(2_000, whole=whole, yardstick=yardstick)
    with capsys.disabled():
        times = taken["whole"] / taken["yardstick"]
        print(f"\nmedian {taken['whole']:.0f} µs, {times:.0f} x reading")  # noqa: T201  # asked for
    assert taken["whole"] < taken["yardstick"] * _MOST_TIMES_THE_YARDSTICK


def _letter(*, whole: bool) -> bytes:
    headers = {"From": "Siti <siti@surat.example>", "Message-ID": "<satu@surat.example>"}
    post: dict[str, Any] = {
        "FromFull": {"Email": "siti@surat.example", "Name": "Siti"},
        "To": "aduan@kota.example",
        "OriginalRecipient": "aduan@kota.example",
        "Subject": "Lampu jalan mati",
        "Date": "Tue, 24 Nov 2026 13:00:00 +0700",
        "TextBody": "Sudah tiga malam gelap.\n" * 10,
        "HtmlBody": "<p>Sudah tiga malam gelap.</p>" * 10,
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        "Attachments": [{"Name": "foto.jpg", "ContentType": "image/jpeg", "Content": "/9j/" * 500}],
    }
    if whole:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        post["RawEmail"] = "\r\n".join([*lines, "Subject: Lampu", "", post["TextBody"]])
    return json.dumps(post).encode()


def test_a_letter_in_parts_costs_a_small_multiple_of_a_whole_one(account):
    ours = account("email")
    whole, parts = _letter(whole=True), _letter(whole=False)
    taken = _medians_us(
        200, whole=lambda: ours.translate(whole), parts=lambda: ours.translate(parts)
    )
    assert taken["parts"] < taken["whole"] * _MOST_TIMES_THE_WHOLE_LETTER


@needs_payloads
def test_what_the_samples_of_every_platform_cost_is_told(account, capsys):
    runs: dict[str, Callable[[], object]] = {}
    for file in sorted(PAYLOADS.glob("*/*.json")):
        channel = file.parent.name
        if channel not in {"email", "facebook", "instagram", "telegram", "whatsapp"}:
            continue
        bodies = {file.stem: file.read_bytes()}
        if channel == "email":
            post = json.loads(bodies[file.stem])
            del post["RawEmail"]
            bodies["postmark, without the raw letter"] = json.dumps(post).encode()
        for name, body in bodies.items():
            runs[f"{channel}: {name}"] = _verified(account(channel), body)
    with capsys.disabled():
        for name, us in _medians_us(200, **runs).items():
            print(f"\n{us:7.0f} µs  {name}", end="")  # noqa: T201  # asked for


def _verified(ours: Any, body: bytes) -> Callable[[], object]:
    key = "app-0123456789-abcdefghij"
    headers = {
        "x-hub-signature-256": f"sha256={hmac.digest(key.encode(), body, hashlib.sha256).hex()}",
        "x-telegram-bot-api-secret-token": key,
        "authorization": f"Basic {b64encode(f'postmark:{key}'.encode()).decode()}",
    }

    def run() -> None:
        assert ours.is_genuine(headers, body)
        assert ours.translate(body)

    return run
