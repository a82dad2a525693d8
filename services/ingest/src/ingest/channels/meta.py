"""What Facebook, Instagram and WhatsApp have in common: handshake, signature, envelope."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode

from pydantic import Field
from typing_extensions import override

from ingest.channels import signing
from ingest.channels.accounts import (
    Greeting,
    Ids,
    Question,
    SecretFile,
    SecretFiles,
    WebhookAccount,
)
from ingest.channels.reading import OtherAccount
from ingest.domain.heard import Noted
from ingest.domain.mentions import Reply
from lintas.vocabulary.errors import Forbidden
from lintas.vocabulary.terms import PrivateWay

SIGNATURE = "x-hub-signature-256"
#: `sha256=` and a digest in hexadecimal
_SIGNATURE_LENGTH = 71


class MetaAccount(WebhookAccount):
    """A page, professional account or number; any item its app is subscribed to arrives here."""

    app_secret_files: SecretFiles = Field(
        description="Files with the app secret, and with the one before it during a rotation."
    )
    verify_token_file: SecretFile = Field(
        description="File with the token we gave at the subscription; the handshake shows it."
    )
    ids: Ids = Field(
        (),
        description="Platform ids this address is for (page, account or number); empty: any that"
        " the app's signature covers.",
    )
    access_token_file: SecretFile | None = Field(
        None, description="File with the token for what has to be fetched (text, media)."
    )
    graph_url: str = Field(
        "https://graph.facebook.com/v25.0",
        pattern=r"^https?://[^\s]+[^/\s]$",
        description="The Graph API, with its version and without a final slash.",
    )
    rules_as_of: date = Field(
        date(2026, 11, 1), description="When the numbers below were read in Meta's documentation."
    )
    message_window_hours: int = Field(
        24, ge=1, description="Hours after a person's last message in which we may answer freely."
    )

    def to_message(self, at: datetime | None) -> Reply:
        """How a message of then may be answered; what comes after the window is the channel's own."""
        if at is None:
            return Reply(in_public=False)
        until = at + timedelta(hours=self.message_window_hours)
        ways = ((PrivateWay.FREE, until), *self.afterwards(at, until))
        return Reply(in_public=False, until=until, in_private=ways)

    def afterwards(
        self, at: datetime, until: datetime
    ) -> Iterator[tuple[PrivateWay, datetime | None]]:
        """The ways that are left when the window has closed."""
        del at, until
        return iter(())

    @override
    def greet(self, query: Mapping[str, str]) -> Greeting:
        """Echo the challenge to who shows the token."""
        token, challenge = query.get("hub.verify_token"), query.get("hub.challenge")
        known = signing.is_one_of(token, [self.verify_token_file.get_secret_value()])
        if not known or query.get("hub.mode") != "subscribe" or not challenge:
            raise Forbidden("The handshake does not show what was agreed.")
        return Greeting(challenge.encode(), "text/plain")

    @override
    def may_be_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether it has something like a signature."""
        return len(headers.get(SIGNATURE, "")) == _SIGNATURE_LENGTH

    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the app's secret signed it; the older SHA-1 header counts for nothing."""
        expected = [
            f"sha256={signing.signature(secret, body).hex()}" for secret in self.app_secret_files
        ]
        return signing.is_one_of(headers.get(SIGNATURE), expected)

    @property
    def bearer(self) -> Mapping[str, str]:
        """What shows that we may ask; nothing without a token."""
        token = self.access_token_file
        return {} if token is None else {"Authorization": f"Bearer {token.get_secret_value()}"}

    def graph(self, path: str, fields: str) -> Question | None:
        """The question for some fields of one of Meta's objects."""
        if self.access_token_file is None:
            return None
        query = urlencode({"fields": fields})
        return Question(f"{self.graph_url}/{quote(path, safe='')}?{query}", self.bearer)

    def check_id(self, identity: str) -> None:
        """OtherAccount unless this address is for that page, account or number."""
        if self.ids and identity not in self.ids:
            raise OtherAccount

    def noted(self, kind: str) -> Noted:
        """Something nobody has to answer."""
        return Noted(self.channel, self.name, kind)


class PageAccount(MetaAccount):
    """A page or professional account: people comment on it, and write to it."""

    human_agent_days: int = Field(
        0,
        ge=0,
        description="Days in which a person of ours may answer a message; 0: Meta has not agreed.",
    )
    private_reply_days: int = Field(
        7, ge=1, description="Days in which a comment may be answered once, in private."
    )

    @override
    def afterwards(
        self, at: datetime, until: datetime
    ) -> Iterator[tuple[PrivateWay, datetime | None]]:
        """See `MetaAccount.afterwards`."""
        end = at + timedelta(days=self.human_agent_days)
        if end > until:
            yield PrivateWay.HUMAN_AGENT, end

    def to_comment(self, at: datetime | None, *, in_public: bool = True) -> Reply:
        """How a comment of then may be answered."""
        once = None if at is None else at + timedelta(days=self.private_reply_days)
        ways = ((PrivateWay.ONCE, once),) if once else ()
        return Reply(in_public=in_public, until=None if in_public else once, in_private=ways)
