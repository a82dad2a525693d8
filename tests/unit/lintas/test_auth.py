import asyncio
import json
import os
import string
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from lintas.auth import (
    Authenticators,
    KeyAuthenticator,
    KeyRecord,
    KeyRing,
    Passwords,
    Pepper,
    Principal,
    Session,
    SessionAuthenticator,
    new_key,
    new_session_token,
    parse_key,
    session_token_hash,
)
from lintas.vocabulary.errors import Unauthenticated

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
OLD = SecretStr("q7Lw2mZx9Rk4Tn8Vb3Yc6Hd1Jf5Ge0Ps")
NEW = SecretStr("Zt4Mw8Kb2Xr6Vn0Qc5Yf9Jh3Ls7Gd1Pa")
PEPPER = Pepper(OLD)


class Records:
    def __init__(self, *records):
        self.records = {record.id: record for record in records}

    async def find(self, key_id):
        return self.records.get(key_id)


def issue(**changes):
    given = {"pepper": PEPPER, "client": "sp4n", "scopes": ["queue:read"]} | changes
    return new_key("prod", **given)


def judge(*records, pepper=PEPPER, now=NOW):
    return KeyAuthenticator([Records(*records)], pepper, now=lambda: now)


def test_a_key_has_its_form_and_only_a_hash_is_kept():
    key, record = issue()
    prefix, environment, key_id, secret = key.split("_")
    assert (prefix, environment, key_id) == ("lts", "prod", record.id)
    assert len(key_id) == 8
    assert len(secret) == 43
    assert set(secret) <= set(string.ascii_letters + string.digits)
    assert parse_key(key) == (record.id, secret)
    assert secret not in json.dumps(record.to_json())
    assert record.hash == PEPPER.hash(secret)


def test_a_record_survives_its_file():
    _, record = issue(agency="dpupr", expires_at=NOW)
    assert KeyRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


async def test_a_live_key_is_its_system():
    key, record = issue(agency="dpupr")
    assert await judge(record).authenticate(key) == Principal(
        key_id=record.id, client="sp4n", agency="dpupr", scopes=frozenset({"queue:read"})
    )


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("{key}", id="unknown"),
        pytest.param("lts_prod_{id}_" + "A" * 43, id="wrong-secret"),
        pytest.param("lts_prod_zzzzzzzz_{secret}", id="wrong-id"),
        pytest.param("{key}a", id="longer"),
        pytest.param("LTS_PROD_{id}_{secret}", id="upper-case"),
        pytest.param("", id="empty"),
        pytest.param("lts_", id="prefix-only"),
        pytest.param("lts\u200b_prod_{id}_{secret}", id="odd-characters"),
    ],
)
async def test_any_other_key_is_refused_with_the_same_words(shown):
    key, record = issue()
    judging = judge() if shown == "{key}" else judge(record)
    credential = shown.format(key=key, id=record.id, secret=key[-43:])
    with pytest.raises(Unauthenticated, match=r"^The credential is not valid\.$"):
        await judging.authenticate(credential)


@pytest.mark.parametrize(
    ("changes", "live"),
    [
        ({"expires_at": NOW + timedelta(seconds=1)}, True),
        ({"expires_at": NOW}, False),
        ({"revoked_at": NOW}, False),
    ],
)
async def test_an_expired_or_revoked_key_is_refused(changes, live):
    key, record = issue()
    record = KeyRecord(**{name: getattr(record, name) for name in record.__slots__} | changes)
    if live:
        await judge(record).authenticate(key)
    else:
        with pytest.raises(Unauthenticated):
            await judge(record).authenticate(key)


async def test_a_key_still_works_while_the_pepper_is_changed():
    key, record = issue()
    assert await judge(record, pepper=Pepper(NEW, OLD)).authenticate(key)
    with pytest.raises(Unauthenticated):
        await judge(record, pepper=Pepper(NEW)).authenticate(key)


def test_derived_keys_differ_by_purpose_and_pepper():
    keys = {PEPPER.derive("cursors"), PEPPER.derive("links"), Pepper(NEW).derive("cursors")}
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)


async def test_an_unknown_key_costs_as_much_work_as_a_wrong_one(monkeypatch):
    work = []

    def compare(_pepper, stored, _secret):
        work.append(len(stored))
        return False

    monkeypatch.setattr(Pepper, "matches", compare)
    key, record = issue()
    for judging in (judge(), judge(record)):
        with pytest.raises(Unauthenticated):
            await judging.authenticate(key)
    assert work == [64, 64]


async def test_the_first_place_that_knows_a_key_counts():
    key, record = issue()
    both = KeyAuthenticator([Records(), Records(record)], PEPPER, now=lambda: NOW)
    assert (await both.authenticate(key)).key_id == record.id


async def test_a_ring_is_read_from_its_file_and_read_again_when_it_changes(tmp_path):
    path = tmp_path / "keys.json"
    (_, first), (_, second) = issue(), issue()
    clock = [0.0]
    path.write_text(json.dumps([first.to_json()]))
    ring = KeyRing.from_file(path, now=lambda: clock[0])
    assert await ring.find(first.id) == first
    path.write_text(json.dumps([second.to_json(), first.to_json()]))
    assert await ring.find(second.id) is None
    clock[0] += 3
    assert await ring.find(second.id) == second
    path.write_text("broken")
    os.utime(path, (1, 1))
    clock[0] += 3
    assert await ring.find(second.id) == second
    path.write_text("[]")
    clock[0] += 3
    assert await ring.find(second.id) is None


@pytest.mark.parametrize(
    "content", ["", "{}1", "[1]", '[{"id": "canary"}]', '[{"id": 1, "hash": "", "client": ""}]']
)
def test_a_ring_that_cannot_be_read_stops_the_start_without_showing_it(tmp_path, content):
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(ValueError, match="key ring") as caught:
        KeyRing.from_file(tmp_path / "keys.json")
    assert "canary" not in str(caught.value)


def fast():
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def test_a_password_matches_only_its_own_hash():
    passwords = fast()
    stored = await passwords.hash("kata sandi panjang")
    assert stored.startswith("$argon2id$")
    assert await passwords.matches(stored, "kata sandi panjang")
    assert not await passwords.matches(stored, "kata sandi lain")
    assert not await passwords.matches("not a hash", "kata sandi panjang")
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches(stored, "kata sandi panjang" + "x" * 300)
    with pytest.raises(ValueError, match="at most"):
        await passwords.hash("x" * 300)


async def test_one_spelling_of_a_letter_is_as_good_as_the_other():
    passwords = fast()
    assert await passwords.matches(await passwords.hash("caf\u00e9 " * 4), "cafe\u0301 " * 4)


async def test_an_unknown_user_costs_as_much_as_a_wrong_password(monkeypatch):
    passwords = fast()
    stored = await passwords.hash("kata sandi panjang")
    seen = []
    monkeypatch.setattr(passwords, "_verify", lambda stored, _: bool(seen.append(stored[:26])))
    await passwords.matches(stored, "x")
    await passwords.matches(None, "x")
    assert seen[0] == seen[1]


async def test_a_hash_of_other_parameters_is_to_be_renewed():
    stored = await fast().hash("kata sandi panjang")
    assert not fast().needs_rehash(stored)
    assert Passwords().needs_rehash(stored)


async def test_hashing_leaves_the_event_loop_free_and_is_bounded():
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), at_once=1)
    stored = await asyncio.gather(*[passwords.hash(f"kata sandi {n}") for n in range(8)])
    assert len(set(stored)) == 8


class Sessions:
    def __init__(self, token_hash, expires_at):
        self.known = {token_hash: Session(Principal(person_id="p1"), expires_at)}

    async def find(self, token_hash):
        return self.known.get(token_hash)


@pytest.mark.parametrize(("after_s", "live"), [(0, True), (59, True), (60, False)])
async def test_a_session_is_a_person_until_it_expires(after_s, live):
    token, token_hash = new_session_token()
    assert token_hash == session_token_hash(token)
    sessions = Sessions(token_hash, NOW + timedelta(seconds=60))
    judging = SessionAuthenticator(sessions, now=lambda: NOW + timedelta(seconds=after_s))
    if live:
        assert (await judging.authenticate(token)).actor == "person:p1"
    else:
        with pytest.raises(Unauthenticated):
            await judging.authenticate(token)
    with pytest.raises(Unauthenticated):
        await judging.authenticate(token + "x")


async def test_the_prefix_decides_who_judges_a_credential():
    key, record = issue()
    token, token_hash = new_session_token()
    sessions = SessionAuthenticator(Sessions(token_hash, NOW + timedelta(1)), now=lambda: NOW)
    both = Authenticators(keys=judge(record), sessions=sessions)
    assert (await both.authenticate(key)).actor == f"key:{record.id}"
    assert (await both.authenticate(token)).actor == "person:p1"
    with pytest.raises(Unauthenticated):
        await Authenticators(keys=judge(record)).authenticate(token)
    with pytest.raises(Unauthenticated):
        await Authenticators(sessions=sessions).authenticate(key)


def test_nobody_known_is_called_anonymous():
    assert Principal().actor == "anonymous"


@pytest.mark.parametrize(
    ("who", "party"),
    [
        (Principal(key_id="a", client="city"), "client:city"),
        (Principal(key_id="b", client="city"), "client:city"),
        (Principal(person_id="p1", client="city"), "person:p1"),
        (Principal(), "anonymous"),
    ],
    ids=["a key", "another key of the same system", "a person", "nobody"],
)
def test_two_keys_of_one_system_are_one_party(who, party):
    assert who.party == party
