from collections import OrderedDict
from datetime import UTC, datetime

import pytest

from lintas.privacy import mask_for_log

UNTOUCHED = [
    "complaint registered",
    "4f1c8f2e-1e6b-5b4b-9c1e-081234567890",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "a0812345678901234567890123456789012345678901234567890123456789ab",
    "2026-03-17T15:00:00.081234567+07:00",
    "lintas.complaints.v1[3]@12345",
    "postgresql+asyncpg://ingest@127.0.0.1:5433/ingest",
    "BGR-7K2M-4QXA-9",
    "Budi Santoso is no number",
    12,
    1_767_225_600,
    1_767_225_600_123,
    -81_234_567_890,
    10**40,
    3.14,
    True,
    None,
    datetime(2026, 3, 17, tzinfo=UTC),
]


@pytest.mark.parametrize("value", UNTOUCHED, ids=str)
def test_codes_ids_and_times_pass(value):
    assert mask_for_log(value) == value
    assert type(mask_for_log(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("to 0812-3456-7890 failed", "to [PHONE_1] failed"),
        ("duplicate key (nik)=(3271064503780003)", "duplicate key (nik)=([NIK_1])"),
        (b"budi@contoh.id", "[EMAIL_1]"),
        (b"\xff081234567890", "\ufffd[PHONE_1]"),
        (3271064503780003, "[NIK_1]"),
        (81234567890, "[PHONE_1]"),
        (6281234567890, "[PHONE_1]"),
        (["ok", "@budi_b"], ["ok", "[HANDLE_1]"]),
        (("081234567890",), ["[PHONE_1]"]),
        ({"081234567890"}, ["[PHONE_1]"]),
        ({"081234567890": {"deep": ["budi@contoh.id"]}}, {"[PHONE_1]": {"deep": ["[EMAIL_1]"]}}),
        (OrderedDict({("a", 1): "081234567890"}), {("a", 1): "[PHONE_1]"}),
    ],
)
def test_personal_data_is_masked_wherever_it_stands(value, masked):
    assert mask_for_log(value) == masked


def test_what_is_nested_without_end_is_cut():
    endless: list = ["081234567890"]
    endless.append(endless)
    masked = str(mask_for_log(endless))
    assert "0812" not in masked
    assert "..." in masked
