"""Sealing with AES-256-GCM: texts under a reporter's data key, data keys under the vault key."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SALT_BYTES = 16
_LONGEST_KEY_ID = 255

#: first byte of every blob: what it is and how it is sealed
_TEXT_V1 = b"\x01"
_KEY_V1 = b"\x81"


class SealBroken(Exception):
    """The blob was changed, or was sealed under another key or for another context."""


@dataclass(frozen=True, slots=True)
class VaultKey:
    """A key that wraps data keys; several live side by side while one replaces another."""

    #: names the key inside every blob it wraps; at most 255 bytes of UTF-8, no secret
    id: str
    secret: bytes = field(repr=False)


def new_data_key() -> bytes:
    """A fresh random key of 32 bytes for one reporter."""
    return os.urandom(_KEY_BYTES)


def seal(data_key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """`plaintext` readable only with `data_key` and for `context`, such as the complaint's id.

    The blob is a version byte, a random nonce of 12 bytes, the ciphertext and its tag of 16 bytes.
    Sealing the same text again gives another blob. Raises ValueError for a key not of 32 bytes.
    """
    return _TEXT_V1 + _encrypt(data_key, plaintext, _TEXT_V1 + context)


def unseal(data_key: bytes, blob: bytes, context: bytes) -> bytes:
    """The text that `seal` was given with this key and context; raises SealBroken for any other."""
    if blob[:1] != _TEXT_V1:
        raise SealBroken("not a sealed text of a known version")
    return _decrypt(data_key, blob[1:], _TEXT_V1 + context)


def wrap_key(vault_key: VaultKey, data_key: bytes, context: bytes) -> bytes:
    """`data_key` sealed under the vault key for `context`, such as the reporter's id; names the key.

    A vault key should wrap fewer than 2**32 data keys (NIST SP 800-38D, random nonces).
    """
    key_id = vault_key.id.encode()
    if not 0 < len(key_id) <= _LONGEST_KEY_ID:
        raise ValueError("a key id of 1 to 255 bytes")
    if len(data_key) != _KEY_BYTES:
        raise ValueError("a key of 32 bytes")
    header = _KEY_V1 + bytes([len(key_id)]) + key_id
    return header + _sealed(_vault_cipher(vault_key.secret), data_key, header + context)


def unwrap_key(vault_keys: Iterable[VaultKey], blob: bytes, context: bytes) -> bytes:
    """The data key that `wrap_key` was given, by whichever of `vault_keys` wrapped it.

    Raises SealBroken where none of them did, or the blob or the context is another.
    """
    key_id = wrapped_under(blob)
    header_end = 2 + len(key_id.encode())
    for vault_key in vault_keys:
        if vault_key.id == key_id:
            return _decrypt(vault_key.secret, blob[header_end:], blob[:header_end] + context)
    raise SealBroken("wrapped under an unknown vault key")


def wrapped_under(blob: bytes) -> str:
    """The id of the vault key a data key was wrapped under, to find what a rotation has left to do."""
    header_end = 2 + blob[1] if len(blob) > 1 else 2
    if blob[:1] != _KEY_V1 or len(blob) < header_end:
        raise SealBroken("not a wrapped key of a known version")
    try:
        return blob[2:header_end].decode()
    except UnicodeDecodeError:
        raise SealBroken("not a wrapped key of a known version") from None


def commitment(value: bytes, salt: bytes) -> str:
    """A hash (hex) that proves `value` once `salt` is shown, and without it reveals nothing.

    SHA-256 over the salt's length (one byte), the salt and the value; the salt has 16 to 255 random
    bytes and is thrown away at erasure. Raises ValueError for another length.
    """
    if not _SALT_BYTES <= len(salt) <= _LONGEST_KEY_ID:
        raise ValueError("a salt of 16 to 255 bytes")
    return hashlib.sha256(bytes([len(salt)]) + salt + value).hexdigest()


def _encrypt(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    return _sealed(_cipher(key), plaintext, associated)


def _sealed(cipher: AESGCM, plaintext: bytes, associated: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plaintext, associated)


def _decrypt(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
        raise SealBroken("cut short")
    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated)
    except InvalidTag:
        raise SealBroken("changed, or sealed under another key or for another context") from None


def _cipher(key: bytes) -> AESGCM:
    if len(key) != _KEY_BYTES:
        raise ValueError("a key of 32 bytes")
    return AESGCM(key)


#: a vault has two keys at most, and setting one up costs more than wrapping with it
_vault_cipher = lru_cache(maxsize=4)(_cipher)
