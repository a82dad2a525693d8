import json
import stat
from base64 import b64decode

from pydantic import SecretStr

from lintas.auth import Pepper, parse_key
from lintas_local.stack.keys import CLIENTS, KeyFolder
from lintas_local.stack.secrets import SecretFolder, read_secret


def keys_in(folder):
    secrets = SecretFolder(folder / "secrets")
    return KeyFolder(folder / "keys", secrets, environment="local"), secrets


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    secrets = SecretFolder(tmp_path / "secrets")
    path = secrets.key("vault_key")
    first = path.read_text()
    assert len(b64decode(first)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SecretFolder(tmp_path / "secrets").key("vault_key").read_text() == first


def test_a_password_needs_no_quoting_in_an_address(tmp_path):
    password = SecretFolder(tmp_path).password("ingest")
    assert password.isalnum()
    assert len(password) >= 32


def test_the_ring_holds_hashes_of_the_keys_and_no_key(tmp_path):
    keys, secrets = keys_in(tmp_path)
    keys.make_ready()
    ring = json.loads(keys.ring.read_text())
    pepper = Pepper(SecretStr(read_secret(secrets.key("key_pepper"))))
    for entry in ring:
        key_id, secret = parse_key(keys.key(entry["client"]))
        assert entry["id"] == key_id
        assert pepper.matches(entry["hash"], secret)
        assert secret not in keys.ring.read_text()
    assert {entry["client"] for entry in ring} == set(CLIENTS)


def test_starting_again_changes_no_key_and_keeps_what_an_operator_added(tmp_path):
    keys, _ = keys_in(tmp_path)
    keys.make_ready()
    added = {"id": "a" * 8, "hash": "0" * 64, "client": "portal", "scopes": ["mentions:write"]}
    keys.ring.write_text(json.dumps([*json.loads(keys.ring.read_text()), added]))
    before = json.loads(keys.ring.read_text()), keys.key("operator")
    keys.make_ready()
    assert (json.loads(keys.ring.read_text()), keys.key("operator")) == before


def test_a_key_whose_pepper_is_gone_is_made_anew(tmp_path):
    keys, secrets = keys_in(tmp_path)
    keys.make_ready()
    before = keys.key("operator")
    secrets.key("key_pepper").unlink()
    keys.make_ready()
    assert keys.key("operator") != before
    assert len(json.loads(keys.ring.read_text())) == len(CLIENTS)
