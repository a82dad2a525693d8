from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, SecretStr

from lintas.config import (
    DatabaseSettings,
    KafkaSettings,
    KeySettings,
    Names,
    Secret,
    ServiceSettings,
    Settings,
    SettingsError,
)

GOOD_SECRET = "q7Lw2mZx9Rk4Tn8Vb3Yc6Hd1Jf5Ge0Ps"


class Sample(Settings):
    width: int = Field(ge=1, le=9, description="How wide.")
    mode: Literal["calm", "busy"] = "calm"
    names: Names = ("a",)
    token: Secret
    note: SecretStr | None = None


def full(**changes: str) -> dict[str, str]:
    return {"LINTAS_WIDTH": "3", "LINTAS_TOKEN": GOOD_SECRET, "HOME": "/nowhere"} | changes


def test_values_come_from_the_prefixed_variables():
    settings = Sample.load(full(LINTAS_MODE="busy", LINTAS_NAMES="x, y,,z"))
    assert (settings.width, settings.mode, settings.names) == (3, "busy", ("x", "y", "z"))
    assert settings.token.get_secret_value() == GOOD_SECRET


def test_a_value_may_come_from_a_named_file(tmp_path: Path):
    (tmp_path / "token").write_text(GOOD_SECRET + "\n")
    environ = full(LINTAS_TOKEN_FILE=str(tmp_path / "token"))
    del environ["LINTAS_TOKEN"]
    assert Sample.load(environ).token.get_secret_value() == GOOD_SECRET


def test_the_environment_of_the_process_is_never_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LINTAS_WIDTH", "3")
    monkeypatch.setenv("LINTAS_TOKEN", GOOD_SECRET)
    with pytest.raises(SettingsError):
        Sample.load({})


def test_all_problems_are_named_at_once_without_their_values(tmp_path: Path):
    environ = full(
        LINTAS_WIDTH="wide-open",
        LINTAS_MODE="frantic",
        LINTAS_TOKEN="hunter2-hunter2",
        LINTAS_NOTE_FILE=str(tmp_path / "absent"),
    )
    with pytest.raises(SettingsError) as caught:
        Sample.load(environ)
    text = str(caught.value)
    for variable in ("LINTAS_WIDTH", "LINTAS_MODE", "LINTAS_TOKEN", "LINTAS_NOTE_FILE"):
        assert variable in text
    for value in ("wide-open", "frantic", "hunter2", str(tmp_path)):
        assert value not in text
    assert len(caught.value.problems) == 4


def test_a_value_and_a_file_together_are_refused(tmp_path: Path):
    (tmp_path / "width").write_text("4")
    with pytest.raises(SettingsError, match="not both"):
        Sample.load(full(LINTAS_WIDTH_FILE=str(tmp_path / "width")))


def test_an_empty_variable_is_an_unset_one():
    with pytest.raises(SettingsError, match="LINTAS_WIDTH: is missing"):
        Sample.load(full(LINTAS_WIDTH=""))


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("short", id="short"),
        pytest.param("a" * 40, id="one-symbol"),
        pytest.param("0123456789abcdef" * 2, id="repeats-itself"),
        pytest.param("please-CHANGEME-before-production-42", id="template-word"),
    ],
)
def test_a_weak_secret_is_refused(secret: str):
    with pytest.raises(SettingsError, match="LINTAS_TOKEN"):
        Sample.load(full(LINTAS_TOKEN=secret))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("postgresql://u@/d?host=/tmp", "postgresql+asyncpg://u@/d?host=/tmp"),
        ("postgresql+asyncpg://u:Zq8fK2@h/d", "postgresql+asyncpg://u:Zq8fK2@h/d"),
        ("mysql://u@h/d", None),
        ("postgresql://u:postgres@h/d", None),
    ],
)
def test_a_database_address_is_for_asyncpg_and_has_no_guessable_password(url, kept):
    environ = {"LINTAS_DATABASE_URL": url}
    if kept is None:
        with pytest.raises(SettingsError, match="LINTAS_DATABASE_URL"):
            DatabaseSettings.load(environ)
    else:
        assert DatabaseSettings.load(environ).database_url.get_secret_value() == kept


def test_settings_are_frozen_and_hide_their_secrets():
    settings = Sample.load(full())
    assert GOOD_SECRET not in repr(settings)
    assert settings.secrets() == (settings.token,)
    with pytest.raises(ValueError, match="frozen"):
        settings.width = 5


def test_every_setting_is_described_and_no_secret_default_is_shown():
    rows = {row.name: row for row in Sample.describe()}
    assert rows["LINTAS_WIDTH"].type == "integer from 1 to 9"
    assert rows["LINTAS_WIDTH"].description == "How wide."
    assert rows["LINTAS_MODE"].type == "calm | busy"
    assert rows["LINTAS_MODE"].default == "calm"
    assert rows["LINTAS_NAMES"].default == "a"
    assert rows["LINTAS_TOKEN"].secret
    assert rows["LINTAS_TOKEN"].required
    assert rows["LINTAS_NOTE"].type == "secret"


def test_a_service_joins_the_parts_it_needs():
    class Whole(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
        pass

    settings = Whole.load(
        {
            "LINTAS_KAFKA": "127.0.0.1:9092",
            "LINTAS_DATABASE_URL": "postgresql://ingest@127.0.0.1:5433/ingest",
            "LINTAS_KEYS_FILE": "/run/keys.json",
            "LINTAS_KEY_PEPPER": GOOD_SECRET,
        }
    )
    assert settings.keys_file == Path("/run/keys.json")
    assert all(row.description for row in Whole.describe())
