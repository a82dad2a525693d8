"""What a secret must look like to be believed."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, GetCoreSchemaHandler, SecretStr
from pydantic_core import PydanticCustomError, core_schema

_DRIVER = "postgresql+asyncpg://"

#: words that only a template or a tutorial leaves in a secret
_TEMPLATE_WORDS = (
    "changeme",
    "change-me",
    "change_me",
    "example",
    "placeholder",
    "replace",
    "your-",
)
_GUESSED = {"", "admin", "default", "lintas", "password", "postgres", "root", "secret", "test"}
_FEWEST_SYMBOLS = 8


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A secret of at least `length` characters that is not obviously a default."""

    length: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value()
        if len(value) < self.length:
            raise PydanticCustomError(
                "short_secret",
                "must have at least {length} random characters",
                {"length": self.length},
            )
        if _looks_like_a_default(value):
            raise PydanticCustomError("default_secret", "looks like a default, not like a secret")
        return secret


def _looks_like_a_default(value: str) -> bool:
    lowered = value.lower()
    repeats_itself = value in (value + value)[1:-1]
    return (
        repeats_itself
        or len(set(value)) < _FEWEST_SYMBOLS
        or any(word in lowered for word in _TEMPLATE_WORDS)
    )


def _database_url(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if value.startswith("postgresql://"):
        value = _DRIVER + value.removeprefix("postgresql://")
    if not value.startswith(_DRIVER):
        raise PydanticCustomError(
            "database_url", "must be a PostgreSQL address (postgresql+asyncpg://...)"
        )
    password = urlsplit(value).password
    if password is not None and password.lower() in _GUESSED:
        raise PydanticCustomError("default_secret", "has a password that anybody would guess")
    return SecretStr(value)


#: a random secret of at least 32 characters
Secret = Annotated[SecretStr, AtLeast(32)]

#: a PostgreSQL address; secret, as it may carry a password
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
