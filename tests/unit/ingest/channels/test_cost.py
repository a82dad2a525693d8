"""What verifying and translating one delivery costs, beside the same input read without a check."""

import hashlib
import hmac
import json
from statistics import median
from time import perf_counter_ns

import orjson

_NS_PER_MS = 1_000_000
#: reading and hashing are a small part; beyond this something is wrong with the rest
_MOST_TIMES_THE_YARDSTICK = 60


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

    taken: dict[str, list[int]] = {"whole": [], "yardstick": []}
    for _ in range(2_000):
        for name, run in (("whole", whole), ("yardstick", yardstick)):
            started = perf_counter_ns()
            run()
            taken[name].append(perf_counter_ns() - started)
    ours_ms, bare_ms = (median(taken[name]) / _NS_PER_MS for name in ("whole", "yardstick"))
    with capsys.disabled():
        print(f"\nmedian {ours_ms:.3f} ms, {ours_ms / bare_ms:.0f} x reading")  # noqa: T201  # asked for
    assert ours_ms < bare_ms * _MOST_TIMES_THE_YARDSTICK
