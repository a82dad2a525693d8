"""Personal data: redaction of what people write, masking of what we log, sealing of what we keep."""

from lintas.privacy.logs import mask_for_log
from lintas.privacy.redaction import Redaction, Redactor, redact
from lintas.privacy.sealing import (
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

__all__ = [
    "Redaction",
    "Redactor",
    "SealBroken",
    "VaultKey",
    "commitment",
    "mask_for_log",
    "new_data_key",
    "redact",
    "seal",
    "unseal",
    "unwrap_key",
    "wrap_key",
    "wrapped_under",
]
