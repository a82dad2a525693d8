"""Which channels there are: one file each, and one line here."""

from collections.abc import Mapping

from ingest.channels.accounts import Account
from ingest.channels.email import EmailAccount
from ingest.channels.facebook import FacebookAccount
from ingest.channels.instagram import InstagramAccount
from ingest.channels.mastodon import MastodonAccount
from ingest.channels.telegram import TelegramAccount
from ingest.channels.whatsapp import WhatsAppAccount
from ingest.channels.x import XAccount

#: what an account of each channel is
CHANNELS: Mapping[str, type[Account]] = {
    "email": EmailAccount,
    "facebook": FacebookAccount,
    "instagram": InstagramAccount,
    "mastodon": MastodonAccount,
    "telegram": TelegramAccount,
    "whatsapp": WhatsAppAccount,
    "x": XAccount,
}
