import pytest

from ingest.channels import CHANNELS
from ingest.channels.accounts import WebhookAccount, load_accounts
from lintas.config import SettingsError
from lintas.vocabulary.errors import NotFound

TELEGRAM = {"channel": "telegram", "name": "kota", "secret_token_files": ["app"]}


def test_an_account_is_found_by_channel_and_name(load):
    accounts = load(TELEGRAM, TELEGRAM | {"name": "pdam"})
    assert accounts.webhook("telegram", "pdam").name == "pdam"
    for channel, name in (("telegram", "lain"), ("x", "kota"), ("", "")):
        with pytest.raises(NotFound):
            accounts.webhook(channel, name)
    assert [one.name for one in accounts.of("telegram")] == ["kota", "pdam"]


def test_without_a_file_there_is_no_account():
    assert [*load_accounts(None, CHANNELS)] == []


def test_a_secret_is_the_content_of_its_file_and_shows_nowhere(load):
    accounts = load(TELEGRAM | {"secret_token_files": ["app", "token"]})
    [account] = accounts
    held = [secret.get_secret_value() for secret in accounts.secrets()]
    assert held == ["app-0123456789-abcdefghij", "token-0123456789-abcdefghij"]
    assert "0123456789" not in repr(account) + str(account) + repr(accounts)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "Kota"}, "accounts[0].name: "),
        ({"name": ""}, "accounts[0].name: "),
        ({"channel": "fax"}, "accounts[0].channel: must be one of email, "),
        ({"secret_token_files": []}, "accounts[0].secret_token_files: "),
        ({"secret_token_files": ["app"] * 3}, "accounts[0].secret_token_files: "),
        ({"secret_token_files": ["gone"]}, "accounts[0].secret_token_files.0: names a file that"),
        ({"secret_token_files": ["short"]}, "accounts[0].secret_token_files.0: must have at least"),
        ({"secret_token_files": ["default"]}, "accounts[0].secret_token_files.0: looks like a"),
        ({"secret_token_files": [7]}, "accounts[0].secret_token_files.0: must name a file"),
        ({"secret_tokens": "x"}, "accounts[0].secret_tokens: Extra"),
        ({"api_url": "ftp://x"}, "accounts[0].api_url: "),
    ],
)
def test_a_mistake_is_named_by_its_place_and_no_value_is_shown(load, tmp_path, changes, problem):
    (tmp_path / "short").write_text("planted-short", encoding="utf-8")
    (tmp_path / "default").write_text("changeme-0123456789-planted", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load(TELEGRAM | changes)
    [told] = refused.value.problems
    assert told.startswith(problem)
    assert "planted" not in told


def test_every_mistake_is_named_at_once(load):
    with pytest.raises(SettingsError) as refused:
        load({"channel": "telegram"}, "text", TELEGRAM, TELEGRAM)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "accounts[0].name",
        "accounts[0].secret_token_files",
        "accounts[1].channel",
        "accounts[3].name",
    ]


@pytest.mark.parametrize("content", ["", "[]", "accounts: 3", "a: [", "\x00"])
def test_a_file_that_is_none_is_refused(tmp_path, content):
    file = tmp_path / "accounts.yaml"
    file.write_text(content, encoding="utf-8")
    for path in (file, tmp_path / "gone.yaml"):
        with pytest.raises(SettingsError) as refused:
            load_accounts(path, CHANNELS)
        assert refused.value.problems[0].startswith("LINTAS_ACCOUNTS_FILE: ")


def test_ids_may_be_written_as_numbers(load):
    [account] = load(
        {"channel": "x", "name": "kota", "consumer_secret_files": ["app"], "ids": [1, "2"]}
    )
    assert account.ids == ("1", "2")


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_stands_under_its_own_name_and_describes_its_settings(channel):
    kind = CHANNELS[channel]
    assert kind.model_fields["channel"].annotation.__args__ == (channel,)
    described = {name: field.description for name, field in kind.model_fields.items()}
    assert all(text for name, text in described.items() if name != "channel")


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_secret_has_a_default(channel):
    fields = CHANNELS[channel].model_fields.items()
    secrets = {name: field for name, field in fields if name.endswith(("_file", "_files"))}
    assert secrets
    assert all(field.is_required() or field.default is None for field in secrets.values())


def test_what_has_a_webhook_says_what_it_takes_to_be_believed():
    kinds = [kind for kind in CHANNELS.values() if issubclass(kind, WebhookAccount)]
    assert all(any(f.is_required() for f in kind.model_fields.values()) for kind in kinds)
