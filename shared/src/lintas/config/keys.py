"""Keys that seal: 32 random bytes, written in base64."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

from lintas.config.secrets import AtLeast

_KEY_BYTES = 32


def key_bytes(secret: SecretStr) -> bytes:
    """The 32 bytes of a key that is written in base64; ValueError for anything else."""
    try:
        key = b64decode(secret.get_secret_value(), validate=True)
    except NotBase64:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("not 32 bytes in base64")
    return key


def _checked(secret: SecretStr) -> SecretStr:
    try:
        key_bytes(secret)
    except ValueError:
        raise PydanticCustomError("key", "must be 32 random bytes in base64") from None
    return secret


#: 32 random bytes in base64
SealingKey = Annotated[SecretStr, AtLeast(44), AfterValidator(_checked)]
