"""Typed settings from a mapping of variables; nothing here reads the environment itself."""

from lintas.config.keys import SealingKey, key_bytes
from lintas.config.parts import (
    DatabaseSettings,
    KafkaSettings,
    KeySettings,
    Origin,
    ServiceSettings,
)
from lintas.config.secrets import AtLeast, DatabaseUrl, Secret
from lintas.config.settings import (
    Names,
    SettingRow,
    Settings,
    SettingsError,
    describe_fields,
)

__all__ = [
    "AtLeast",
    "DatabaseSettings",
    "DatabaseUrl",
    "KafkaSettings",
    "KeySettings",
    "Names",
    "Origin",
    "SealingKey",
    "Secret",
    "ServiceSettings",
    "SettingRow",
    "Settings",
    "SettingsError",
    "describe_fields",
    "key_bytes",
]
