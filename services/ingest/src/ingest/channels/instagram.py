"""Instagram professional account: comments, mentions (ids only) and direct messages."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Literal

from typing_extensions import override

from ingest.channels.accounts import FetchingAccount, Question, Unread
from ingest.channels.messenger import read_message
from ingest.channels.meta import PageAccount
from ingest.channels.reading import Node, Unknown, each, whole, written_at
from ingest.domain.heard import Heard, Pointed, Posted
from ingest.domain.mentions import Author, Reply, Said


class InstagramAccount(PageAccount, FetchingAccount):
    """A professional account, subscribed to `comments`, `live_comments`, `mentions`, `messages`."""

    channel: Literal["instagram"]

    @override
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """See `WebhookAccount.translate`."""
        return whole(body, self._body)

    @override
    def question(self, pointed: Pointed) -> Question | None:
        """Ask for the comment, or for the caption, in which we are mentioned."""
        ids = dict(pointed.ids)
        if "comment_id" in ids:
            wanted = "mentioned_comment.comment_id({comment_id}){{text,timestamp,id,username}}"
        else:
            wanted = "mentioned_media.media_id({media_id}){{caption,timestamp,media_type,username}}"
        return self.graph(ids["user_id"], wanted.format(**ids))

    @override
    def answer(self, pointed: Pointed, body: bytes) -> list[Heard | Unread]:
        """See `FetchingAccount.answer`."""
        return whole(body, partial(self._fetched, pointed))

    def _fetched(self, pointed: Pointed, body: Node) -> Iterator[Heard]:
        ids = dict(pointed.ids)
        comment = body.part("mentioned_comment")
        found = comment or body.part("mentioned_media")
        if not found:
            raise Unknown
        yield Posted(
            Said(
                channel=self.channel,
                account=self.name,
                text=found.text("text", "caption"),
                external_id=pointed.external_id,
                in_reply_to=ids["media_id"] if comment else None,
                posted_at=written_at(found.text("timestamp")),
                author=Author(handle=found.text("username") or None),
                conversation=pointed.external_id,
                reply=Reply(in_public=True),
            )
        )

    def _body(self, body: Node) -> Iterator[Heard | Unread]:
        if body.text("object") != "instagram":
            raise Unknown
        yield from each(body.listed("entry"), self._entry)

    def _entry(self, entry: Node) -> Iterator[Heard | Unread]:
        own_id = entry.need_id("id")
        self.check_id(own_id)
        yield from each(entry.listed("changes"), partial(self._change, own_id, entry.at("time")))
        for name in ("messaging", "standby"):
            yield from each(entry.listed(name), partial(read_message, self, own_id))

    def _change(self, own_id: str, at: datetime | None, change: Node) -> Iterator[Heard]:
        field, value = change.text("field"), change.part("value")
        if field in {"comments", "live_comments"}:
            yield Posted(self._comment(own_id, at, value, live=field == "live_comments"))
        elif field == "mentions":
            media, comment = value.need_id("media_id"), value.id("comment_id")
            ids = [("user_id", own_id), ("media_id", media)]
            if comment:
                ids.append(("comment_id", comment))
            # a comment's id is unique by itself, and the same where it also comes as a comment
            yield Pointed(self.channel, self.name, comment or media, tuple(ids))
        else:
            raise Unknown

    def _comment(self, own_id: str, at: datetime | None, value: Node, *, live: bool) -> Said:
        identity, parent = value.need_id("id"), value.id("parent_id")
        author = value.part("from")
        own = author.id("id") == own_id
        # only comments at the top can be answered in public; others once, in private
        in_public = parent is None and not live
        return Said(
            channel=self.channel,
            account=self.name,
            text=value.text("text"),
            external_id=identity,
            in_reply_to=parent or value.part("media").id("id"),
            posted_at=at,
            author=Author(
                handle=author.text("username") or None,
                platform_id=author.id("id", "self_ig_scoped_id"),
            ),
            conversation=parent or identity,
            own=own,
            reply=None if own else self.to_comment(at, in_public=in_public),
        )
