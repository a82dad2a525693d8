"""What Facebook, Instagram and WhatsApp have in common: handshake, signature, envelope."""

from collections.abc import Mapping
from datetime import date, timedelta
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
from lintas.vocabulary.errors import Forbidden

SIGNATURE = "x-hub-signature-256"


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

    @property
    def message_window(self) -> timedelta:
        """How long we may answer a message freely."""
        return timedelta(hours=self.message_window_hours)

    @override
    def greet(self, query: Mapping[str, str]) -> Greeting:
        """Echo the challenge to who shows the token."""
        token, challenge = query.get("hub.verify_token"), query.get("hub.challenge")
        known = signing.is_one_of(token, [self.verify_token_file.get_secret_value()])
        if not known or query.get("hub.mode") != "subscribe" or not challenge:
            raise Forbidden("The handshake does not show what was agreed.")
        return Greeting(challenge.encode(), "text/plain")

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
