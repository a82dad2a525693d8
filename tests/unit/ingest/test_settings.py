from base64 import b64encode

import pytest

from ingest.settings import IngestSettings
from lintas.config import SettingsError, key_bytes

GOOD = {
    "LINTAS_KAFKA": "127.0.0.1:9092",
    "LINTAS_DATABASE_URL": "postgresql+asyncpg://ingest:v3ry-l0ng@127.0.0.1/ingest",
    "LINTAS_KEYS_FILE": "/keys/ring.json",
    "LINTAS_KEY_PEPPER": "pepper-0123456789-abcdefghijklmnopq",
    "LINTAS_VAULT_KEY": b64encode(bytes(range(32))).decode(),
    "LINTAS_COMPLAINT_ID_KEY": "ids-0123456789-abcdefghijklmnopqrst",
    "LINTAS_QUARANTINE_KEY": b64encode(bytes(range(32, 64))).decode(),
}


def test_a_complete_set_is_taken():
    settings = IngestSettings.load(GOOD)
    assert key_bytes(settings.vault_key) == bytes(range(32))
    assert settings.outbox_bound == 200_000


@pytest.mark.parametrize("name", [name for name in GOOD if "KEY" in name or "URL" in name])
def test_no_secret_has_a_default(name):
    with pytest.raises(SettingsError) as refused:
        IngestSettings.load({key: value for key, value in GOOD.items() if key != name})
    assert any(problem.startswith(f"{name}:") for problem in refused.value.problems)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("abcdefghijklmnopqrstuvwxyz0123456789!!!!!!!!!!!!", id="not base64"),
        pytest.param(b64encode(bytes(range(33, 66))).decode(), id="33 bytes"),
        pytest.param("c2hvcnQ=", id="short"),
    ],
)
def test_a_vault_key_is_32_bytes_in_base64(value):
    with pytest.raises(SettingsError) as refused:
        IngestSettings.load(GOOD | {"LINTAS_VAULT_KEY": value})
    assert value not in str(refused.value)


def test_an_address_inside_may_be_asked_in_tests_only():
    origin = {"LINTAS_ASK_ALSO": "http://127.0.0.1:8080"}
    assert IngestSettings.load(GOOD | origin | {"LINTAS_ENVIRONMENT": "test"}).ask_also
    with pytest.raises(SettingsError) as refused:
        IngestSettings.load(GOOD | origin)
    assert refused.value.problems == ("LINTAS_ASK_ALSO: only where LINTAS_ENVIRONMENT is test",)
