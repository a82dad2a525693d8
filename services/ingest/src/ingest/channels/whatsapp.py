"""WhatsApp Cloud API: messages to a number of ours, and what became of those we sent."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal
from urllib.parse import quote

from typing_extensions import override

from ingest.channels.accounts import Found, Question, Search, Unread
from ingest.channels.meta import MetaAccount
from ingest.channels.reading import Node, Unknown, Unsupported, answered, each, whole
from ingest.domain.heard import Edited, Heard, Posted, Renamed, Reported, Withdrawn
from ingest.domain.mentions import FIRST_REVISION, Attachment, Author, Place, Said
from lintas.vocabulary.terms import PrivateWay

_MEDIA = ("audio", "document", "image", "sticker", "video")
#: `played`: a voice note that was listened to
_STATES = frozenset({"sent", "delivered", "read", "played", "failed"})
_CHANGED_IDENTITY = frozenset({"user_changed_number", "user_changed_user_id"})
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: what comes before the id of a file
_FILE = "whatsapp:"
_PHONE = re.compile(r"\+?[0-9]{5,20}")


#: the words in each kind of message
_WORDS: Mapping[str, Callable[[Node], Sequence[str]]] = {
    "text": lambda part: [part.text("body")],
    **dict.fromkeys(_MEDIA, lambda part: [part.text("caption")]),
    "location": lambda part: [part.text("name"), part.text("address")],
    "button": lambda part: [part.text("text")],
    "order": lambda part: [part.text("text")],
    "interactive": lambda part: [
        part.part(name).text("title") for name in ("button_reply", "list_reply")
    ],
}


@dataclass(frozen=True, slots=True)
class _Contact:
    name: str | None
    username: str | None


class WhatsAppAccount(MetaAccount):
    """A number, subscribed to `messages` and `user_id_update`."""

    channel: Literal["whatsapp"]

    @override
    def afterwards(
        self, at: datetime, until: datetime
    ) -> Iterator[tuple[PrivateWay, datetime | None]]:
        """See `MetaAccount.afterwards`."""
        yield PrivateWay.TEMPLATE, None

    @override
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """See `WebhookAccount.translate`."""
        return whole(body, self._body)

    @override
    def locate(self, url: str) -> Search | None:
        """An id opens a file for seven days; the address it is exchanged for, five minutes."""
        if self.access_token_file is None:
            return None
        headers = self.bearer
        identity = quote(url.removeprefix(_FILE), safe="")
        return Search(
            Question(f"{self.graph_url}/{identity}", headers), partial(_found, headers=headers)
        )

    def _body(self, body: Node) -> Iterator[Heard | Unread]:
        if body.text("object") != "whatsapp_business_account":
            raise Unknown
        yield from each(body.listed("entry"), self._entry)

    def _entry(self, entry: Node) -> Iterator[Heard | Unread]:
        yield from each(entry.listed("changes"), self._change)

    def _change(self, change: Node) -> Iterator[Heard | Unread]:
        field, value = change.text("field"), change.part("value")
        number = value.part("metadata").id("phone_number_id")
        if number is not None:
            self.check_id(number)
        if field == "messages":
            contacts = _contacts(value.listed("contacts"))
            yield from each(value.listed("messages"), partial(self._message, contacts))
            yield from each(value.listed("statuses"), self._status)
            if value.has("errors"):
                yield self.noted("notice")
        elif field == "user_id_update":
            yield from each(value.one_or_more("user_id_update") or [value], self._changed_id)
        elif field in _NOTICES:
            yield self.noted("notice")
        else:
            raise Unknown

    def _changed_id(self, update: Node) -> Iterator[Heard]:
        # parent_user_id changes too, and names the same person for the whole business
        ids = update.part("user_id")
        yield Renamed(self.channel, self.name, ids.need_id("previous"), ids.need_id("current"))

    def _status(self, status: Node) -> Iterator[Heard]:
        state = status.text("status")
        if state not in _STATES:
            raise Unknown
        errors = status.parts("errors")
        yield Reported(
            self.channel,
            self.name,
            status.need_id("id"),
            state,
            status.at("timestamp"),
            reason=errors[0].id("code") if errors else None,
            reference=status.text("biz_opaque_callback_data") or None,
        )

    def _message(self, contacts: Mapping[str, _Contact], message: Node) -> Iterator[Heard]:
        kind = message.text("type")
        if kind == "reaction":
            yield self.noted("reaction")
        elif kind == "revoke":
            original = message.part("revoke").need_id("original_message_id")
            yield Withdrawn(self.channel, self.name, original, message.at("timestamp"))
        elif kind == "edit":
            edit = message.part("edit")
            yield Edited(
                self._said(
                    contacts,
                    message,
                    edit.part("message"),
                    identity=edit.need_id("original_message_id"),
                    revision=message.need_id("timestamp"),
                )
            )
        elif kind == "system":
            yield from self._system(message)
        else:
            said = self._said(contacts, message, message, identity=message.need_id("id"))
            yield Posted(said)

    def _system(self, message: Node) -> Iterator[Heard]:
        system = message.part("system")
        if system.text("type") not in _CHANGED_IDENTITY:
            # such as customer_identity_changed: a new phone, the same person
            yield self.noted("notice")
            return
        numbers = (message.id("from"), system.id("wa_id", "new_wa_id"))
        ids = (message.id("from_user_id"), system.id("user_id"))
        renamed: list[Heard] = [
            Renamed(self.channel, self.name, previous, current)
            for previous, current in (ids, numbers)
            if previous and current and previous != current
        ]
        yield from renamed or [self.noted("notice")]

    def _said(
        self,
        contacts: Mapping[str, _Contact],
        message: Node,
        content: Node,
        *,
        identity: str,
        revision: str = FIRST_REVISION,
    ) -> Said:
        """`message` says who and when, `content` what: in an edit they are not the same."""
        at, group = message.at("timestamp"), message.id("group_id")
        number, user = message.id("from"), message.id("from_user_id")
        person = user or number
        contact = contacts.get(user or "") or contacts.get(number or "") or _Contact(None, None)
        kind = content.text("type")
        location = content.part("location") if kind == "location" else Node({})
        return Said(
            channel=self.channel,
            account=self.name,
            text=_text(kind, content),
            external_id=identity,
            in_reply_to=message.part("context").id("id"),
            posted_at=at,
            author=Author(
                handle=contact.username,
                name=contact.name,
                # who has a username may hide the number
                phone=number if number and _PHONE.fullmatch(number) else None,
                platform_id=person,
            ),
            place=_place(location) if location else None,
            media=_attachments(kind, content),
            revision=revision,
            conversation=group or person,
            public=False,
            reply=self.to_message(at),
        )


#: fields about our own account, which its administrators see in Meta's tools
_NOTICES = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_update",
        "business_capability_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "template_category_update",
    }
)


def _contacts(listed: list[object]) -> dict[str, _Contact]:
    known: dict[str, _Contact] = {}
    for one in listed:
        contact = Node(one)
        profile = contact.part("profile")
        described = _Contact(profile.text("name") or None, profile.text("username") or None)
        for identity in (contact.id("wa_id"), contact.id("user_id")):
            if identity:
                known[identity] = described
    return known


def _text(kind: str, content: Node) -> str:
    if kind == "contacts":
        return "\n".join(_card(card) for card in content.parts("contacts"))
    if kind == "unsupported":
        raise Unsupported
    if kind not in _WORDS:
        raise Unknown
    return "\n".join(filter(None, _WORDS[kind](content.part(kind))))


def _card(card: Node) -> str:
    numbers = [phone.text("phone", "wa_id") for phone in card.parts("phones")]
    return " ".join(filter(None, (card.part("name").text("formatted_name"), *numbers)))


def _attachments(kind: str, content: Node) -> tuple[Attachment, ...]:
    if kind not in _MEDIA:
        return ()
    part = content.part(kind)
    found = _TYPE.match(part.text("mime_type"))
    # the id opens the file for seven days, an address only for minutes
    return (Attachment(f"{_FILE}{part.need_id('id')}", found[0] if found else None),)


def _place(location: Node) -> Place:
    address = ", ".join(filter(None, (location.text("name"), location.text("address"))))
    return Place(
        lat=location.number("latitude"), lon=location.number("longitude"), address=address or None
    )


def _found(answer: bytes, *, headers: Mapping[str, str]) -> Found:
    file = answered(answer)
    digest = file.text("sha256")
    return Found(Question(file.text("url"), headers), digest if _SHA256.fullmatch(digest) else None)
