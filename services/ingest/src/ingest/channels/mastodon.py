"""Mastodon: what its streams and its list of notifications tell."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from typing_extensions import override

from ingest.channels.accounts import Account, SecretFile, Unread
from ingest.channels.reading import Node, NotRead, Unknown, Unreadable, whole
from ingest.domain.heard import Edited, Heard, Noted, Posted, Withdrawn
from ingest.domain.markup import plain_text
from ingest.domain.mentions import (
    FIRST_REVISION,
    Attachment,
    Author,
    Reply,
    Said,
    revision_order,
)

CHANNEL = "mastodon"

#: kinds of notifications that bring the text of a status
_MENTIONED, _UPDATED = "mention", "update"
#: whoever is not named here said it to fewer than everybody
_PUBLIC = frozenset({"public", "unlisted"})
#: kinds that ask nothing of us, by the name under which they are counted
_KINDS: Mapping[str, str] = {
    "favourite": "reaction",
    "reblog": "reaction",
    "quote": "reaction",
    "follow": "follow",
    "follow_request": "follow",
    "poll": "notice",
    "status": "notice",
    "severed_relationships": "notice",
    "moderation_warning": "notice",
    "admin.sign_up": "notice",
    "admin.report": "notice",
    "quoted_update": "notice",
    "added_to_collection": "notice",
    "collection_update": "notice",
}
#: events of a stream that bring nothing to answer
_EVENTS = frozenset(
    {
        "announcement",
        "announcement.delete",
        "announcement.reaction",
        "encrypted_message",
        "filters_changed",
        "notifications_merged",
        "update",
    }
)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class MastodonAccount(Account):
    """An account on a server; its notifications are followed, as the server posts to nobody."""

    channel: Literal["mastodon"]
    server: str = Field(
        pattern=r"^https?://[^\s/]+$", description="Address of the server, without a final slash."
    )
    token_file: SecretFile = Field(
        description="File with an access token that may `read:notifications` and `read:statuses`."
    )
    # an id in YAML looks like a number
    id: Annotated[str, BeforeValidator(lambda one: str(one) if type(one) is int else one)] = Field(
        pattern=r"^[A-Za-z0-9]{1,64}$", description="The account's id on its server."
    )

    look_again_days: int = Field(
        7, ge=0, le=90, description="Days a status is looked at again, as its end may be missed."
    )
    look_again_most: int = Field(
        100, ge=1, le=250, description="Statuses looked at in one go; the next ones in the next."
    )

    def event(
        self, kind: str, data: str, known: Mapping[str, Node] | None = None
    ) -> list[Heard | Unread]:
        """What one event of a stream tells; `known` are statuses that stand above it."""
        if kind == "delete":
            return [self.gone(data.strip())] if data.strip().isalnum() else []
        if kind in _EVENTS:
            return [Noted(CHANNEL, self.name, "notice")]
        if kind == "conversation":
            return whole(data.encode(), lambda node: self._direct(node, known or {}))
        if kind == "notification":
            return whole(data.encode(), lambda node: self.notification(node, known or {}))
        if kind == "status.update":
            return whole(data.encode(), lambda node: self._edited(node, known or {}))
        return [Unread("unknown", f"{kind}\n{data}".encode("utf-8", "replace"))]

    @override
    def read_again(self, content: bytes) -> list[Heard | Unread]:
        """An event as `as_kept` writes it; what stands above a status is not known any more."""
        kind, _, data = content.decode("utf-8", "replace").partition("\n")
        return self.event(kind, data)

    def notification(self, node: Node, known: Mapping[str, Node]) -> Iterator[Heard]:
        """What one notification tells."""
        kind = node.text("type")
        if kind == _MENTIONED:
            yield Posted(self._said(node.part("status"), known))
        elif kind == _UPDATED:
            yield from self._edited(node.part("status"), known)
        elif kind in _KINDS:
            yield Noted(CHANNEL, self.name, _KINDS[kind])
        else:
            raise Unknown

    def again(self, node: Node, revision: str) -> Iterator[Heard]:
        """What a status says by now, if that is later than `revision`."""
        said = self._said(node, {})
        if revision_order(said.revision) > revision_order(revision):
            yield Edited(said)

    def gone(self, status: str) -> Withdrawn:
        """A status is not there any more."""
        return Withdrawn(CHANNEL, self.name, status)

    def replied_to(self, notification: object) -> str | None:
        """The status of this notification that answers one of ours: what is above it is needed."""
        with suppress(NotRead):
            status = Node(notification).part("status")
            if status.id("in_reply_to_account_id") == self.id:
                return status.id("id")
        return None

    def told_at(self, notification: object) -> datetime:
        """When the server noted it; long ago where that cannot be read."""
        with suppress(NotRead):
            return _moment(Node(notification), "created_at") or _LONG_AGO
        return _LONG_AGO

    def _direct(self, conversation: Node, known: Mapping[str, Node]) -> Iterator[Heard]:
        """The last words of a private conversation; most are notified as well and count once."""
        last = conversation.part("last_status")
        if last and last.part("account").id("id") == self.id:
            yield Noted(CHANNEL, self.name, "own")
        elif any(one.id("id") == self.id for one in last.parts("mentions")):
            yield Posted(self._said(last, known))
        else:
            yield Noted(CHANNEL, self.name, "notice")

    def _edited(self, status: Node, known: Mapping[str, Node]) -> Iterator[Heard]:
        said = self._said(status, known)
        if said.revision == FIRST_REVISION:
            # such as a poll that got a vote
            yield Noted(CHANNEL, self.name, "notice")
        else:
            yield Edited(said)

    def _said(self, status: Node, known: Mapping[str, Node]) -> Said:
        author, visibility = status.part("account"), status.text("visibility")
        identity, edited = status.need_id("id"), _moment(status, "edited_at")
        public = visibility in _PUBLIC
        warning = status.text("spoiler_text")
        text = plain_text(status.text("content"))
        return Said(
            channel=CHANNEL,
            account=self.name,
            text=f"{warning}\n\n{text}".strip() if warning else text,
            external_id=identity,
            in_reply_to=status.id("in_reply_to_id"),
            posted_at=_moment(status, "created_at"),
            author=Author(
                handle=author.text("acct") or None,
                name=author.text("display_name") or None,
                platform_id=author.need_id("id"),
            ),
            media=tuple(_media(status)),
            revision=FIRST_REVISION if edited is None else _revision(edited),
            conversation=self._conversation(status, known),
            public=public,
            own=author.id("id") == self.id,
            language=status.text("language")[:2] or None,
            # an answer goes to no more people than the question
            reply=Reply(in_public=public),
        )

    def _conversation(self, status: Node, known: Mapping[str, Node]) -> str:
        """The first status of this person in an unbroken line of theirs and ours.

        Walks up as far as the statuses are known; a stranger's status ends it, so strangers under
        one post stay apart.
        """
        person, first, at = status.part("account").need_id("id"), status.need_id("id"), status
        seen = {first}
        while True:
            above, whose = at.id("in_reply_to_id"), at.id("in_reply_to_account_id")
            if above is None or above in seen or whose not in {person, self.id}:
                return first
            seen.add(above)
            if whose == person:
                first = above
            if above not in known:
                return first
            at = known[above]


def _media(status: Node) -> Iterator[Attachment]:
    for file in status.parts("media_attachments"):
        url = file.text("url", "remote_url")
        if url.startswith(("https://", "http://")):
            yield Attachment(url)


def _moment(status: Node, name: str) -> datetime | None:
    text = status.text(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _revision(edited: datetime) -> str:
    """Texts of one length, so that later states are greater."""
    return edited.strftime("%Y%m%dT%H%M%S.%fZ")


def as_kept(kind: str, data: bytes) -> bytes:
    """An event of a stream, or a notification, as it is kept to be read again."""
    return kind.encode("utf-8", "replace") + b"\n" + data
