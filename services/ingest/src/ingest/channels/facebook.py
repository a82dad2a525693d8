"""Facebook Page: posts and comments of visitors, mentions of the page, Messenger."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Literal

from typing_extensions import override

from ingest.channels.accounts import FetchingAccount, Question, Unread
from ingest.channels.messenger import read_message
from ingest.channels.meta import PageAccount
from ingest.channels.reading import Node, Unknown, each, whole, written_at
from ingest.domain.heard import Edited, Heard, Pointed, Posted, Withdrawn
from ingest.domain.mentions import FIRST_REVISION, Attachment, Author, Reply, Said

#: kinds of post beside comments
_POSTS = frozenset({"album", "photo", "post", "share", "status", "video"})
_COUNTED = frozenset({"like", "reaction"})
_EDITS = frozenset({"edit", "edited", "unhide", "update"})
_WITHDRAWALS = frozenset({"hide", "remove"})


class FacebookAccount(PageAccount, FetchingAccount):
    """A page, subscribed to `feed`, `mention` and `messages`."""

    channel: Literal["facebook"]

    @override
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """See `WebhookAccount.translate`."""
        return whole(body, self._body)

    @override
    def question(self, pointed: Pointed) -> Question | None:
        """Ask for a post or comment that came without its words."""
        return self.graph(pointed.external_id, "message,from,created_time,attachments,parent")

    @override
    def answer(self, pointed: Pointed, body: bytes) -> list[Heard | Unread]:
        """See `FetchingAccount.answer`."""
        return whole(body, partial(self._fetched, pointed))

    def _fetched(self, pointed: Pointed, found: Node) -> Iterator[Heard]:
        sender, parent = found.part("from"), found.part("parent").id("id")
        pictures = [
            one.part("media").part("image").text("src")
            for one in found.part("attachments").parts("data")
        ]
        found.need_id("id")
        yield Posted(
            Said(
                channel=self.channel,
                account=self.name,
                text=found.text("message"),
                external_id=pointed.external_id,
                in_reply_to=parent,
                posted_at=written_at(found.text("created_time")),
                author=Author(platform_id=sender.id("id"), name=sender.text("name") or None),
                media=tuple(Attachment(url) for url in pictures if url),
                conversation=parent or pointed.external_id,
                own=sender.id("id") == dict(pointed.ids)["page_id"],
                reply=Reply(in_public=True),
            )
        )

    def _body(self, body: Node) -> Iterator[Heard | Unread]:
        if body.text("object") != "page":
            raise Unknown
        yield from each(body.listed("entry"), self._entry)

    def _entry(self, entry: Node) -> Iterator[Heard | Unread]:
        page = entry.need_id("id")
        self.check_id(page)
        yield from each(entry.listed("changes"), partial(self._change, page, entry.at("time")))
        for name in ("messaging", "standby"):
            yield from each(entry.listed(name), partial(read_message, self, page))

    def _change(self, page: str, at: datetime | None, change: Node) -> Iterator[Heard]:
        field, value = change.text("field"), change.part("value")
        item, verb = value.text("item"), value.text("verb") or "add"
        if field not in {"feed", "mention"}:
            raise Unknown
        if item in _COUNTED:
            yield self.noted("reaction")
            return
        if item and item != "comment" and item not in _POSTS:
            raise Unknown
        identity = value.id("comment_id") or value.need_id("post_id")
        if verb in _WITHDRAWALS:
            yield Withdrawn(self.channel, self.name, identity, at or value.at("created_time"))
        elif verb in _EDITS:
            # one that is shown again may come without its text, which has not changed then
            said = self._said(page, identity, value, at)
            if verb == "unhide" and not said.text:
                yield self.noted("notice")
            else:
                yield Edited(said)
        elif verb == "add":
            said = self._said(page, identity, value, None)
            yield Posted(said) if said.text or said.media else self._pointed(page, identity)
        else:
            raise Unknown

    def _said(self, page: str, identity: str, value: Node, edited_at: datetime | None) -> Said:
        comment, parent = value.id("comment_id"), value.id("parent_id")
        post = value.id("post_id")
        sender = value.part("from")
        author = sender.id("id") or value.id("sender_id")
        # below another comment it belongs to that one, never to the post: a post holds many people
        top = parent if comment and parent and parent != post else identity
        return Said(
            channel=self.channel,
            account=self.name,
            text=value.text("message"),
            external_id=identity,
            in_reply_to=(parent or post) if comment else None,
            posted_at=value.at("created_time"),
            author=Author(
                platform_id=author, name=sender.text("name") or value.text("sender_name") or None
            ),
            media=tuple(Attachment(url) for url in _media(value)),
            revision=str(int(edited_at.timestamp())) if edited_at else FIRST_REVISION,
            conversation=top,
            public=not value.flag("is_hidden"),
            own=author == page,
            reply=None if author == page else self._reply(page, value),
        )

    def _reply(self, page: str, value: Node) -> Reply:
        # in private only to what stands on our page; elsewhere we are merely mentioned
        here = (value.id("post_id") or "").startswith(f"{page}_")
        return self.to_comment(value.at("created_time") if here else None)

    def _pointed(self, page: str, identity: str) -> Pointed:
        return Pointed(self.channel, self.name, identity, (("page_id", page),))


def _media(value: Node) -> Iterator[str]:
    single = [value.text("photo"), value.text("video")]
    if not any(single) and value.text("item") in {"photo", "video"}:
        single = [value.text("link")]
    listed: list[Any] = value.listed("photos")
    seen = dict.fromkeys(url for url in [*single, *listed] if isinstance(url, str) and url)
    yield from seen
