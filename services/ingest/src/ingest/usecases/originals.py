"""What only the vault keeps of a mention, read back as what was said."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ingest.domain.mentions import Attachment, Author, Place, Reply, Said
from lintas.contracts.events.mentions import Media
from lintas.vocabulary.terms import Anonymity, MentionClass, PrivateWay, Stakeholder


def told_besides(said: Said) -> dict[str, Any]:
    """What an event tells of a mention beyond its words, while files of it are still to come."""
    if not said.media:
        return {}
    reply = said.reply
    return {
        "besides": {
            "posted_at": said.posted_at,
            "stated_class": said.stated_class,
            "stated_category": said.stated_category,
            "anonymity": said.anonymity,
            "public": said.public,
            "own": said.own,
            "language": said.language,
            "reply": None if reply is None else [reply.in_public, reply.until, *reply.in_private],
        }
    }


def files_of(original: Mapping[str, Any]) -> tuple[Media, ...]:
    """The files that are kept of a mention."""
    return tuple(Media.model_validate(one) for one in original.get("files", ()))


def named_in(original: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The files a mention names that are not kept here."""
    return tuple(Attachment(one["url"], one["media_type"]) for one in original.get("media", ()))


def still_named(original: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Those that may still come, and be told of."""
    return named_in(original) if "besides" in original else ()


def said_again(original: Mapping[str, Any], revision: str) -> Said:
    """What was said, where files of it may still come."""
    besides, way = original["besides"], original["reply_to"]
    author = dict(original["author"])
    stakeholder = Stakeholder(author.pop("stakeholder"))
    stated, reply = besides["stated_class"], besides["reply"]
    return Said(
        channel=way["channel"],
        account=way["account"],
        text=original["text"],
        external_id=way["external_id"],
        in_reply_to=way["in_reply_to"],
        posted_at=_moment(besides["posted_at"]),
        author=Author(**author, stakeholder=stakeholder),
        place=_place(original),
        media=named_in(original),
        files=files_of(original),
        stated_class=None if stated is None else MentionClass(stated),
        # what was kept before there was one holds none
        stated_category=besides.get("stated_category"),
        anonymity=Anonymity(besides["anonymity"]),
        revision=revision,
        conversation=way["conversation"],
        public=besides["public"],
        own=besides["own"],
        language=besides["language"],
        reply=None if reply is None else _reply(*reply),
        unabridged=original.get("unabridged"),
    )


def _place(original: Mapping[str, Any]) -> Place | None:
    lat, lon = original.get("point", (None, None))
    address = original["address"]
    return None if lat is None and address is None else Place(lat, lon, address)


def _reply(in_public: bool, until: str | None, *ways: Sequence[str]) -> Reply:  # as kept
    in_private = tuple((PrivateWay(way), _moment(end)) for way, end in ways)
    return Reply(in_public=in_public, until=_moment(until), in_private=in_private)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
