"""Telegram bot: private messages, and groups where an operator wants them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

from pydantic import Field
from typing_extensions import override

from ingest.channels import signing
from ingest.channels.accounts import (
    Found,
    Question,
    Search,
    SecretFile,
    SecretFiles,
    Unread,
    WebhookAccount,
)
from ingest.channels.reading import Node, Unknown, Unreadable, answered, whole
from ingest.domain.heard import Edited, Heard, Noted, Posted
from ingest.domain.mentions import FIRST_REVISION, Attachment, Author, Place, Reply, Said

TOKEN = "x-telegram-bot-api-secret-token"  # noqa: S105  # a header's name

#: what comes before the id of a file
_FILE = "telegram:"
_MEDIA = ("voice", "video", "document", "audio", "video_note", "animation", "sticker")
#: what people do around their messages
_NOTICES = frozenset(
    {
        "callback_query",
        "chat_join_request",
        "chat_member",
        "chosen_inline_result",
        "inline_query",
        "poll",
        "poll_answer",
        "removed_chat_boost",
        "chat_boost",
    }
)
_REACTIONS = ("message_reaction", "message_reaction_count")


class TelegramAccount(WebhookAccount):
    """A bot; `setWebhook` gave Telegram the token that every delivery shows."""

    channel: Literal["telegram"]
    secret_token_files: SecretFiles = Field(
        description="Files with the `secret_token` of setWebhook, and with the one before it."
    )
    bot_token_file: SecretFile | None = Field(
        None, description="File with the bot's token, for media."
    )
    groups: bool = Field(False, description="Whether messages in groups count.")
    api_url: str = Field(
        "https://api.telegram.org",
        pattern=r"^https?://[^\s]+[^/\s]$",
        description="The Bot API, without a final slash.",
    )

    @override
    def may_be_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether it is: Telegram signs no bodies."""
        return self.is_genuine(headers, b"")

    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the token is ours: Telegram signs no bodies."""
        expected = [secret.get_secret_value() for secret in self.secret_token_files]
        return signing.is_one_of(headers.get(TOKEN), expected)

    @override
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """See `WebhookAccount.translate`."""
        return whole(body, self._update)

    @override
    def locate(self, url: str) -> Search | None:
        """The bot's token stands in both addresses, as Telegram wants it."""
        if self.bot_token_file is None:
            return None
        token = self.bot_token_file.get_secret_value()
        query = urlencode({"file_id": url.removeprefix(_FILE)})
        files = f"{self.api_url}/file/bot{token}"
        return Search(
            Question(f"{self.api_url}/bot{token}/getFile?{query}", {}),
            lambda answer: _found(answer, files),
        )

    def _update(self, update: Node) -> Iterator[Heard]:
        update.need_id("update_id")
        if update.has("message"):
            yield self._message(update.part("message"))
        elif update.has("edited_message"):
            yield self._message(update.part("edited_message"), edited=True)
        elif update.has("my_chat_member"):
            status = update.part("my_chat_member").part("new_chat_member").text("status")
            yield self._noted("blocked" if status == "kicked" else "notice")
        elif any(update.has(name) for name in _REACTIONS):
            yield self._noted("reaction")
        elif not _NOTICES.isdisjoint(update.names()):
            yield self._noted("notice")
        else:
            raise Unknown

    def _message(self, message: Node, *, edited: bool = False) -> Heard:
        chat, sender = message.part("chat"), message.part("from")
        if chat.text("type") != "private" and not self.groups:
            return self._noted("group")
        text, media, place = message.text("text", "caption"), _media(message), _place(message)
        if message.has("contact"):
            card = message.part("contact")
            words = (card.text("first_name"), card.text("last_name"), card.text("phone_number"))
            text = " ".join(filter(None, words))
        if not text and not media and not place:
            # such as a member who joined, or a kind of message that is newer than this file
            raise Unknown
        identity = chat.need_id("id")
        replied = message.part("reply_to_message").id("message_id")
        name = " ".join(filter(None, (sender.text("first_name"), sender.text("last_name"))))
        private = chat.text("type") == "private"
        said = Said(
            channel=self.channel,
            account=self.name,
            text=text,
            # numbers of messages begin anew in every chat
            external_id=f"{identity}/{message.need_id('message_id')}",
            in_reply_to=f"{identity}/{replied}" if replied else None,
            posted_at=message.at("date"),
            author=Author(
                handle=sender.text("username") or None,
                name=name or None,
                platform_id=sender.id("id"),
            ),
            place=place,
            media=media,
            revision=message.need_id("edit_date") if edited else FIRST_REVISION,
            conversation=identity,
            public=not private and chat.has("username"),
            own=sender.flag("is_bot"),
            language=sender.text("language_code")[:2] or None,
            reply=Reply(in_public=not private),
        )
        return Edited(said) if edited else Posted(said)

    def _noted(self, kind: str) -> Noted:
        return Noted(self.channel, self.name, kind)


def _media(message: Node) -> tuple[Attachment, ...]:
    photos: list[Any] = message.parts("photo")
    if photos:
        largest = max(photos, key=lambda size: size.number("width") or 0)
        return (Attachment(f"{_FILE}{largest.need_id('file_id')}", "image/jpeg"),)
    for kind in _MEDIA:
        if message.has(kind):
            file = message.part(kind)
            return (
                Attachment(f"{_FILE}{file.need_id('file_id')}", file.text("mime_type") or None),
            )
    return ()


def _place(message: Node) -> Place | None:
    venue = message.part("venue")
    spot = venue.part("location") if venue else message.part("location")
    lat, lon = spot.number("latitude"), spot.number("longitude")
    if lat is None or lon is None:
        return None
    address = ", ".join(filter(None, (venue.text("title"), venue.text("address"))))
    return Place(lat=lat, lon=lon, address=address or None)


def _found(answer: bytes, files: str) -> Found:
    path = answered(answer).part("result").text("file_path")
    if not path:
        raise Unreadable
    return Found(Question(f"{files}/{quote(path)}", {}))
