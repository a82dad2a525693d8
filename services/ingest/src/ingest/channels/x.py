"""X: the X Activity API, and the older Account Activity API while accounts migrate."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import orjson
from pydantic import Field
from typing_extensions import override

from ingest.channels import signing
from ingest.channels.accounts import Greeting, Ids, SecretFiles, Unread, WebhookAccount
from ingest.channels.reading import Node, OtherAccount, Unknown, Unreadable, each, whole, written_at
from ingest.domain.heard import Edited, Heard, Noted, Posted, Withdrawn
from ingest.domain.mentions import FIRST_REVISION, Attachment, Author, Place, Reply, Said
from lintas.vocabulary.errors import Malformed

SIGNATURE = "x-twitter-webhooks-signature"
#: `sha256=` and a digest in base64
_SIGNATURE_LENGTH = 51
LONGEST_CRC_TOKEN = 1024

_POSTS = frozenset({"post.create", "post.mention.create", "post.quote.create", "post.reply.create"})
#: by their kind the author has called us
_CALLS = frozenset({"post.mention.create", "post.quote.create"})
_NOTED = {
    "chat.received": "encrypted",
    "chat.sent": "encrypted",
    "dm.read": "receipt",
    "dm.indicate_typing": "notice",
    "dm.sent": "notice",
    "follow.follow": "notice",
    "follow.unfollow": "notice",
    "like.create": "reaction",
    "oauth.revoke": "notice",
    "post.repost.create": "share",
}
#: lists of the older body that nobody has to answer
_OLD_NOTED = {
    "favorite_events": "reaction",
    "follow_events": "notice",
    "block_events": "notice",
    "mute_events": "notice",
    "user_event": "notice",
    "direct_message_indicate_typing_events": "notice",
    "direct_message_mark_read_events": "receipt",
}
#: X writes some languages by codes that ISO has withdrawn
_LANGUAGES = {"in": "id", "iw": "he"}


class XAccount(WebhookAccount):
    """An account whose posts, mentions, replies, quotes and messages an app of ours follows."""

    channel: Literal["x"]
    consumer_secret_files: SecretFiles = Field(
        description="Files with the app's consumer secret, and with the one before it."
    )
    ids: Ids = Field((), description="The account's user id; empty: any the signature covers.")

    @override
    def greet(self, query: Mapping[str, str]) -> Greeting:
        """Sign the token of the challenge-response check."""
        token = query.get("crc_token", "")
        if not 0 < len(token) <= LONGEST_CRC_TOKEN:
            raise Malformed(f"A crc_token of 1 to {LONGEST_CRC_TOKEN} characters is expected.")
        signed = self._signature(0, token.encode())
        return Greeting(orjson.dumps({"response_token": signed}), "application/json")

    @override
    def may_be_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether it has something like a signature."""
        return len(headers.get(SIGNATURE, "")) == _SIGNATURE_LENGTH

    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the app's consumer secret signed it: in base64, where Meta has hex."""
        expected = [
            self._signature(place, body) for place in range(len(self.consumer_secret_files))
        ]
        return signing.is_one_of(headers.get(SIGNATURE), expected)

    def _signature(self, place: int, content: bytes) -> str:
        digest = signing.signature(self.consumer_secret_files[place], content)
        return f"sha256={b64encode(digest).decode()}"

    @override
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """See `WebhookAccount.translate`."""
        return whole(body, self._body)

    def _body(self, body: Node) -> Iterator[Heard | Unread]:
        if body.has("data"):
            yield from each(body.one_or_more("data"), self._event)
            return
        own_id = body.id("for_user_id")
        if own_id is not None:
            self._check_id(own_id)
        users = body.part("users")
        yield from each(body.listed("tweet_create_events"), partial(self._old_post, own_id))
        yield from each(body.listed("tweet_delete_events"), self._old_delete)
        messages = body.listed("direct_message_events")
        yield from each(messages, partial(self._message, own_id, users))
        for name, kind in _OLD_NOTED.items():
            for _ in body.one_or_more(name):
                yield self._noted(kind)

    def _event(self, event: Node) -> Iterator[Heard | Unread]:
        kind, payload = event.text("event_type"), event.part("payload")
        own_id = event.part("filter").id("user_id")
        if own_id is not None:
            self._check_id(own_id)
        if kind in _POSTS:
            yield self._post(own_id, kind, payload, event.part("includes"))
        elif kind == "post.delete":
            deleted = payload.id("id", "post_id", "tweet_id") or payload.part("post").need_id("id")
            yield Withdrawn(self.channel, self.name, deleted, payload.at("timestamp_ms"))
        elif kind == "dm.received":
            messages = payload.listed("direct_message_events")
            if not messages:
                raise Unreadable
            yield from each(messages, partial(self._message, own_id, payload.part("users")))
        elif kind in _NOTED:
            yield self._noted(_NOTED[kind])
        else:
            raise Unknown

    def _post(self, own_id: str | None, kind: str, post: Node, includes: Node) -> Heard:
        identity, author = post.need_id("id"), post.need_id("author_id")
        person = _included(includes, "users", author)
        own = author == own_id
        mentioned = [one.id("id") for one in post.part("entities").parts("mentions")]
        called = kind in _CALLS or own_id in mentioned or _quotes(own_id, post, includes)
        history = post.ids("edit_history_tweet_ids")
        # an edited post is another post: the first one names it
        first = history[0] if history else identity
        said = Said(
            channel=self.channel,
            account=self.name,
            text=post.part("note_tweet").text("text") or post.text("text"),
            external_id=first,
            in_reply_to=post.id("in_reply_to_tweet_id") or _replied_to(post),
            posted_at=written_at(post.text("created_at")),
            author=Author(
                handle=person.text("username") or None,
                name=person.text("name") or None,
                platform_id=author,
            ),
            revision=identity if identity != first else FIRST_REVISION,
            # under a post of ours it holds many people, and still joins only one person's replies
            conversation=post.id("conversation_id") or first,
            own=own,
            language=_language(post),
            reply=None if own else Reply(in_public=called),
        )
        return Edited(said) if identity != first else Posted(said)

    def _message(self, own_id: str | None, users: Node, event: Node) -> Iterator[Heard]:
        create = event.part("message_create")
        if not create:
            # somebody joined a conversation, or reacted
            yield self._noted("notice")
            return
        sender, data = create.need_id("sender_id"), create.part("message_data")
        own = sender == own_id
        person = users.part(sender)
        yield Posted(
            Said(
                channel=self.channel,
                account=self.name,
                text=data.text("text"),
                external_id=event.need_id("id"),
                posted_at=event.at("created_timestamp"),
                author=Author(
                    handle=person.text("screen_name", "username") or None,
                    name=person.text("name") or None,
                    platform_id=sender,
                ),
                media=_attached(data.part("attachment").part("media")),
                conversation=create.part("target").id("recipient_id") if own else sender,
                public=False,
                own=own,
                reply=None if own else Reply(in_public=False),
            )
        )

    def _old_post(self, own_id: str | None, post: Node) -> Iterator[Heard]:
        if post.has("retweeted_status"):
            yield self._noted("share")
            return
        user, full = post.part("user"), post.part("extended_tweet")
        author, identity = user.need_id("id_str", "id"), post.need_id("id_str", "id")
        own = author == own_id
        quoted = post.part("quoted_status").part("user").id("id_str", "id")
        called = own_id is not None and (own_id in _old_mentions(post, full) or quoted == own_id)
        coordinates = post.part("coordinates").listed("coordinates")
        yield Posted(
            Said(
                channel=self.channel,
                account=self.name,
                text=full.text("full_text") or post.text("full_text", "text"),
                external_id=identity,
                in_reply_to=post.id("in_reply_to_status_id_str", "in_reply_to_status_id"),
                posted_at=post.at("timestamp_ms") or _old_written(post.text("created_at")),
                author=Author(
                    handle=user.text("screen_name") or None,
                    name=user.text("name") or None,
                    platform_id=author,
                ),
                place=_point(coordinates),
                media=_attached(*(full or post).part("extended_entities").parts("media")),
                conversation=post.id("in_reply_to_status_id_str", "in_reply_to_status_id")
                or identity,
                own=own,
                language=_language(post),
                reply=None if own else Reply(in_public=called),
            )
        )

    def _old_delete(self, deletion: Node) -> Iterator[Heard]:
        post = deletion.part("status").need_id("id", "id_str")
        yield Withdrawn(self.channel, self.name, post, deletion.at("timestamp_ms"))

    def _check_id(self, identity: str) -> None:
        if self.ids and identity not in self.ids:
            raise OtherAccount

    def _noted(self, kind: str) -> Noted:
        return Noted(self.channel, self.name, kind)


def _included(includes: Node, name: str, identity: str) -> Node:
    """One included object; some events wrap each of them in `data`, some include none."""
    for one in includes.parts(name):
        found = one.part("data") or one
        if found.id("id") == identity:
            return found
    return Node({})


def _quotes(own_id: str | None, post: Node, includes: Node) -> bool:
    return own_id is not None and any(
        _included(includes, "tweets", quoted).id("author_id") == own_id
        for quoted in _referenced(post, "quoted")
    )


def _replied_to(post: Node) -> str | None:
    return next(iter(_referenced(post, "replied_to")), None)


def _referenced(post: Node, kind: str) -> list[str]:
    return [
        one.need_id("id") for one in post.parts("referenced_tweets") if one.text("type") == kind
    ]


def _old_mentions(post: Node, full: Node) -> list[str]:
    """Who is mentioned by the author's own words, not by the platform in front of a reply."""
    shown = (full or post).listed("display_text_range")
    start = shown[0] if shown and type(shown[0]) is int else 0
    mentions = (full or post).part("entities").parts("user_mentions")
    return [
        identity
        for mention in mentions
        if (identity := mention.id("id_str", "id")) and _begins(mention) >= start
    ]


def _begins(mention: Node) -> int:
    span = mention.listed("indices")
    return span[0] if span and type(span[0]) is int else 0


def _attached(*media: Node) -> tuple[Attachment, ...]:
    urls = [one.text("media_url_https", "media_url") for one in media]
    return tuple(Attachment(url) for url in urls if url)


def _point(coordinates: list[object]) -> Place | None:
    # GeoJSON: the longitude comes first
    if len(coordinates) == 2 and all(type(one) in {int, float} for one in coordinates):  # noqa: PLR2004  # a pair
        lon, lat = (float(str(one)) for one in coordinates)
        return Place(lat=lat, lon=lon)
    return None


def _language(post: Node) -> str | None:
    given = post.text("lang")
    # `und`, `qme` and the like say that X does not know
    known = len(given) == 2  # noqa: PLR2004  # ISO 639-1
    return _LANGUAGES.get(given, given) if known else None


def _old_written(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    except ValueError:
        raise Unreadable from None
