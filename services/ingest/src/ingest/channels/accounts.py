"""Our accounts on the channels, as an operator's file describes them."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError
from typing_extensions import override

from ingest.domain.heard import Heard, Pointed
from lintas.config import AtLeast, SettingsError
from lintas.vocabulary.errors import NotFound
from lintas.web import MIB

_FEWEST_SECRETS = 1
#: the new and the old one, while one replaces the other
_MOST_SECRETS = 2


Reason = Literal[
    "unreadable", "unknown", "unsupported", "other_account", "unforeseen", "loop", "too_large"
]


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a delivery that nobody could translate: kept sealed, with its reason, and counted."""

    reason: Reason
    content: bytes


@dataclass(frozen=True, slots=True)
class Greeting:
    """The answer to a platform that asks whether this address is ours."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a platform, with what shows that we may."""

    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a file is, and what it has to be, where its platform says so."""

    question: Question
    #: in hexadecimal
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A question whose answer says where a file is; `found` raises NotRead where it does not."""

    question: Question
    found: Callable[[bytes], Found]


def public_address(url: str) -> Found:
    """A file that anybody may ask for: nothing of ours goes along."""
    return Found(Question(url, {}))


def _read(value: object, info: ValidationInfo) -> object:
    """The content of the file that is named; its name is relative to the accounts' file."""
    folder = (info.context or {}).get("folder")
    if not isinstance(value, str) or folder is None:
        raise PydanticCustomError("secret_file", "must name a file that holds the secret")
    try:
        return (folder / value).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise PydanticCustomError("secret_file", "names a file that cannot be read") from None


def _ids(value: object) -> object:
    # an id in YAML looks like a number
    listed = value if isinstance(value, list) else [value]
    return tuple(str(one) if type(one) is int else one for one in listed)


#: the name of a file that holds a secret of at least 16 characters
SecretFile = Annotated[SecretStr, AtLeast(16), BeforeValidator(_read)]
#: the secret in force, and the one before while a rotation is under way
SecretFiles = Annotated[
    tuple[SecretFile, ...], Field(min_length=_FEWEST_SECRETS, max_length=_MOST_SECRETS)
]
#: platform ids
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]


class Account(BaseModel):
    """One account of ours on a channel; each channel's file says what else it has."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel: str
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="Names the account in our addresses and in every mention; never change it.",
    )

    def locate(self, url: str) -> Search | Found | None:
        """How to get a file that a mention of this account names; None without the token it takes.

        Where the channel names files by public addresses, that is where they are.
        """
        return public_address(url)

    def read_again(self, content: bytes) -> "list[Heard | Unread]":
        """What content that was kept as it came tells, by the code of today."""
        return [Unread("unknown", content)]

    def secrets(self) -> Iterator[SecretStr]:
        """Every secret held here, for the filter of the logs."""
        for name in type(self).model_fields:
            yield from _secrets_in(getattr(self, name))


class WebhookAccount(Account):
    """An account whose platform posts to `/v1/webhooks/{channel}/{name}`."""

    #: the most bytes of one delivery
    body_limit: ClassVar[int] = MIB

    def greet(self, query: Mapping[str, str]) -> Greeting:
        """The answer to the platform's handshake; touches nothing but its arguments.

        Raises:
            NotFound: the platform has no handshake.
            Forbidden, Malformed: this is not it.
        """
        del query
        raise NotFound("There is nothing at this address.")

    @abstractmethod
    def may_be_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether the headers leave it open; what they rule out costs nobody a body."""

    @abstractmethod
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the platform sent exactly these bytes; constant time, every secret tried."""

    @abstractmethod
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """What a genuine delivery tells, part by part; a part nobody can read spoils no other."""

    @override
    def read_again(self, content: bytes) -> list[Heard | Unread]:
        """See `Account.read_again`."""
        return self.translate(content)


class FetchingAccount(WebhookAccount):
    """An account whose platform may hand over ids only."""

    @abstractmethod
    def question(self, pointed: Pointed) -> Question | None:
        """What to ask for it; None where there is no token to ask with."""

    @abstractmethod
    def answer(self, pointed: Pointed, body: bytes) -> list[Heard | Unread]:
        """What the platform's answer tells."""


class Accounts:
    """Every account, by channel and name."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts = {(one.channel, one.name): one for one in accounts}

    def webhook(self, channel: str, name: str) -> WebhookAccount:
        """The account a delivery is for; NotFound where it has no webhook."""
        found = self._accounts.get((channel, name))
        if not isinstance(found, WebhookAccount):
            raise NotFound("There is nothing at this address.")
        return found

    def of(self, channel: str) -> list[Account]:
        """The accounts of one channel."""
        return [one for (own, _), one in self._accounts.items() if own == channel]

    def get(self, channel: str, name: str) -> Account | None:
        """One account, if it is still there."""
        return self._accounts.get((channel, name))

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of every account."""
        return tuple(secret for one in self._accounts.values() for secret in one.secrets())

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())


def load_accounts(path: Path | None, kinds: Mapping[str, type[Account]]) -> Accounts:
    """The accounts `path` describes; none without a file.

    Raises:
        SettingsError: names every problem by its place in the file, and shows no value.
    """
    if path is None:
        return Accounts()
    try:
        described = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise SettingsError(("LINTAS_ACCOUNTS_FILE: names a file that is no YAML",)) from None
    listed = described.get("accounts") if isinstance(described, dict) else None
    if not isinstance(listed, list):
        raise SettingsError(("LINTAS_ACCOUNTS_FILE: must have a list `accounts`",))
    problems: list[str] = []
    accounts: dict[tuple[str, str], Account] = {}
    for place, one in enumerate(listed):
        try:
            account = _account(one, kinds, path.parent)
        except ValidationError as error:
            problems += _explain(place, error)
            continue
        except ValueError as error:
            problems.append(f"accounts[{place}].channel: {error}")
            continue
        if accounts.setdefault((account.channel, account.name), account) is not account:
            problems.append(f"accounts[{place}].name: stands there twice")
    if problems:
        raise SettingsError(tuple(problems))
    return Accounts(accounts.values())


def _account(described: Any, kinds: Mapping[str, type[Account]], folder: Path) -> Account:
    channel = described.get("channel") if isinstance(described, dict) else None
    kind = kinds.get(channel) if isinstance(channel, str) else None
    if kind is None:
        raise ValueError("must be one of " + ", ".join(sorted(kinds)))
    return kind.model_validate(described, context={"folder": folder})


def _explain(place: int, error: ValidationError) -> Iterable[str]:
    """One line per setting: what follows from its first mistake says nothing more."""
    lines: dict[object, str] = {}
    for problem in error.errors(include_input=False, include_url=False):
        path = ".".join(map(str, (f"accounts[{place}]", *problem["loc"])))
        lines.setdefault(next(iter(problem["loc"]), ""), f"{path}: {problem['msg']}")
    return lines.values()


def _secrets_in(value: object) -> Iterator[SecretStr]:
    if isinstance(value, SecretStr):
        yield value
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _secrets_in(one)
