import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.privacy import (
    SealBroken,
    VaultKey,
    commitment,
    new_data_key,
    seal,
    unseal,
    unwrap_key,
    wrap_key,
    wrapped_under,
)

DATA_KEY = bytes(range(32))
OLD = VaultKey("2025", b"o" * 32)
NEW = VaultKey("2026-kunci", b"n" * 32)


@given(st.binary(), st.binary())
def test_what_is_sealed_is_read_back_for_its_context(plaintext, context):
    assert unseal(DATA_KEY, seal(DATA_KEY, plaintext, context), context) == plaintext


def test_a_blob_is_version_nonce_ciphertext_and_tag():
    blob = seal(DATA_KEY, b"halo", b"complaint")
    assert blob[:1] == b"\x01"
    assert len(blob) == 1 + 12 + 4 + 16
    assert b"halo" not in blob


def test_the_same_text_never_seals_alike():
    assert len({seal(DATA_KEY, b"halo", b"") for _ in range(100)}) == 100


def test_an_old_blob_stays_readable():
    """Written down once: what was sealed years ago must open."""
    blob = bytes.fromhex(
        "012a32969008b8ac158cd01b4cc363167555e26e5fcd9f4d34ccf725a524ad70f1ee2325686f0ecf"
    )
    assert unseal(DATA_KEY, blob, b"complaint") == b"jalan rusak"
    wrapped = bytes.fromhex(
        "810432303235a94ac56892fd800145a66720aeaf77aabdc2d9d88423f2fa5458eb5a8a57aefbc969fa9bd37ccd3bcbcbb5c1ab331bd2f8b2c98dd2c593c3833dfc91"
    )
    assert unwrap_key([OLD], wrapped, b"reporter") == DATA_KEY


def test_every_changed_bit_and_every_cut_is_noticed():
    blob = seal(DATA_KEY, b"halo", b"complaint")
    for bit in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unseal(DATA_KEY, bytes(changed), b"complaint")
    for length in range(len(blob)):
        with pytest.raises(SealBroken):
            unseal(DATA_KEY, blob[:length], b"complaint")


@pytest.mark.parametrize(
    ("key", "context"),
    [(bytes(32), b"complaint"), (DATA_KEY, b"another"), (DATA_KEY, b"")],
    ids=["wrong key", "wrong context", "no context"],
)
def test_another_key_or_context_opens_nothing(key, context):
    with pytest.raises(SealBroken):
        unseal(key, seal(DATA_KEY, b"halo", b"complaint"), context)


def test_a_broken_seal_tells_nothing_of_what_it_held():
    with pytest.raises(SealBroken) as broken:
        unseal(bytes(32), seal(DATA_KEY, b"rahasia", b"complaint"), b"complaint")
    assert "rahasia" not in str(broken.value)
    assert broken.value.__cause__ is None


def test_a_data_key_is_unwrapped_by_the_vault_key_it_names():
    data_key = new_data_key()
    wrapped = wrap_key(OLD, data_key, b"reporter")
    assert wrapped_under(wrapped) == "2025"
    assert unwrap_key([NEW, OLD], wrapped, b"reporter") == data_key
    rewrapped = wrap_key(NEW, unwrap_key([NEW, OLD], wrapped, b"reporter"), b"reporter")
    assert wrapped_under(rewrapped) == "2026-kunci"
    assert unwrap_key([NEW], rewrapped, b"reporter") == data_key


def test_every_changed_bit_of_a_wrapped_key_is_noticed():
    wrapped = wrap_key(NEW, DATA_KEY, b"reporter")
    for bit in range(len(wrapped) * 8):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unwrap_key([NEW, OLD], bytes(changed), b"reporter")


@pytest.mark.parametrize(
    ("keys", "blob", "context"),
    [
        ([NEW], wrap_key(OLD, DATA_KEY, b"reporter"), b"reporter"),
        ([VaultKey("2025", b"x" * 32)], wrap_key(OLD, DATA_KEY, b"reporter"), b"reporter"),
        ([OLD], wrap_key(OLD, DATA_KEY, b"reporter"), b"another"),
        ([OLD], b"", b"reporter"),
        ([OLD], b"\x81", b"reporter"),
        ([OLD], b"\x81\x042025", b"reporter"),
        ([OLD], b"\x81\x02\xff\xff", b"reporter"),
        ([OLD], seal(OLD.secret, DATA_KEY, b"reporter"), b"reporter"),
    ],
    ids=[
        "unknown key",
        "same id, other key",
        "context",
        "empty",
        "header",
        "cut",
        "no text",
        "a sealed text",
    ],
)
def test_what_is_no_wrapped_key_is_refused(keys, blob, context):
    with pytest.raises(SealBroken):
        unwrap_key(keys, blob, context)


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_not_misread(blob):
    with pytest.raises(SealBroken):
        unwrap_key([OLD], blob, b"reporter")
    with pytest.raises(SealBroken):
        unseal(DATA_KEY, blob, b"complaint")


@pytest.mark.parametrize(
    "call",
    [
        lambda: seal(b"short", b"halo", b""),
        lambda: unseal(b"short", seal(DATA_KEY, b"halo", b""), b""),
        lambda: wrap_key(OLD, b"short", b""),
        lambda: wrap_key(VaultKey("", b"o" * 32), DATA_KEY, b""),
        lambda: wrap_key(VaultKey("x" * 256, b"o" * 32), DATA_KEY, b""),
        lambda: commitment(b"value", b"pepper"),
    ],
)
def test_weak_keys_and_salts_are_refused(call):
    with pytest.raises(ValueError, match=r"^a (key|salt) "):
        call()


def test_a_vault_key_does_not_show_its_secret():
    assert "ooo" not in repr(OLD)


def test_a_commitment_is_salted_sha_256():
    salt = bytes(16)
    assert commitment(b"value", salt) == hashlib.sha256(b"\x10" + salt + b"value").hexdigest()
    assert commitment(b"value", salt) != commitment(b"value", bytes(15) + b"\x01")
    assert commitment(b"\x00value", salt) != commitment(b"value", bytes(17))
