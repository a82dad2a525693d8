"""Direct messages on Facebook and Instagram: one format, two accounts."""

from collections.abc import Iterator
from datetime import datetime

from ingest.channels.meta import MetaAccount
from ingest.channels.reading import Node, Unknown
from ingest.domain.heard import Edited, Heard, Noted, Posted, Reported, Withdrawn
from ingest.domain.mentions import Attachment, Author, Place, Said

#: what our apps and pages do with each other; nobody waits for an answer
_NOTICES = frozenset(
    {
        "account_linking",
        "app_roles",
        "optin",
        "pass_thread_control",
        "policy_enforcement",
        "postback",
        "referral",
        "request_thread_control",
        "take_thread_control",
    }
)


def read_message(account: MetaAccount, own_id: str, item: Node) -> Iterator[Heard]:
    """What one element of `messaging` tells."""
    at = item.at("timestamp")
    if item.has("message"):
        yield from _message(account, own_id, item, at)
    elif item.has("message_edit"):
        edit = item.part("message_edit")
        said = _said(account, own_id, item, edit, at, revision=edit.need_id("num_edit"))
        yield Edited(said)
    elif item.has("reaction"):
        yield account.noted("reaction")
    elif item.has("delivery") or item.has("read"):
        yield from _receipts(account, item, at)
    elif not _NOTICES.isdisjoint(item.names()):
        yield account.noted("notice")
    else:
        raise Unknown


def _message(account: MetaAccount, own_id: str, item: Node, at: datetime | None) -> Iterator[Heard]:
    message = item.part("message")
    if message.flag("is_deleted"):
        yield Withdrawn(account.channel, account.name, message.need_id("mid"), at)
        return
    said = _said(account, own_id, item, message, at)
    yield Posted(said)
    if said.own:
        # comes back with what we gave along, so that a send that timed out can be found
        reference = message.text("metadata") or None
        yield Reported(
            account.channel, account.name, message.need_id("mid"), "sent", at, reference=reference
        )


def _said(
    account: MetaAccount,
    own_id: str,
    item: Node,
    message: Node,
    at: datetime | None,
    revision: str = "0",
) -> Said:
    sender = item.part("sender").need_id("id", "user_ref")
    own = message.flag("is_echo") or sender == own_id
    person = item.part("recipient").id("id") if own else sender
    attachments = message.parts("attachments")
    return Said(
        channel=account.channel,
        account=account.name,
        text=message.text("text"),
        external_id=message.need_id("mid"),
        in_reply_to=message.part("reply_to").id("mid"),
        posted_at=at,
        author=Author(platform_id=sender),
        place=_place(attachments),
        media=tuple(
            Attachment(url)
            for attachment in attachments
            if (url := attachment.part("payload").text("url"))
        ),
        revision=revision,
        # there are no threads: one conversation per person
        conversation=person,
        public=False,
        own=own,
        reply=None if own else account.to_message(at),
    )


def _place(attachments: list[Node]) -> Place | None:
    for attachment in attachments:
        coordinates = attachment.part("payload").part("coordinates")
        lat, lon = coordinates.number("lat"), coordinates.number("long")
        if lat is not None and lon is not None:
            return Place(lat=lat, lon=lon)
    return None


def _receipts(account: MetaAccount, item: Node, at: datetime | None) -> Iterator[Reported | Noted]:
    state = "delivered" if item.has("delivery") else "read"
    receipt = item.part("delivery") if item.has("delivery") else item.part("read")
    single = receipt.id("mid")
    mids = receipt.ids("mids") or ([single] if single else [])
    for mid in mids:
        yield Reported(account.channel, account.name, mid, state, at)
    if not mids:
        # everything up to a moment, and no ids
        yield account.noted("receipt")
