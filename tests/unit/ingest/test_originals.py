from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from ingest.domain.mentions import Attachment, Author, Place, Reply, Said
from ingest.usecases.originals import said_again
from ingest.usecases.preparing import Preparing
from lintas.contracts.events.mentions import Media
from lintas.privacy import redact, unseal
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.terms import Anonymity, MentionClass, PrivateWay, Stakeholder

AT = datetime(2026, 3, 17, 8, tzinfo=UTC)
KEY = bytes(32)
COMPLAINT = ComplaintId(UUID(int=7))
SAID = Said(
    channel="whatsapp",
    account="kota",
    text="Jalan berlubang",
    external_id="m-1",
    in_reply_to="m-0",
    posted_at=AT,
    author=Author("siti_b", "Siti", "0812", "siti@contoh.example", Stakeholder.MEDIA, "ID.1"),
    place=Place(-6.6, 106.8, "Jl. Dadali 5"),
    media=(Attachment("whatsapp:f-1", "image/jpeg"),),
    files=(Media(reference="ab", media_type="image/png", sha256="0" * 64, size_bytes=5),),
    stated_class=MentionClass.COMPLAINT,
    stated_category="road_damage",
    anonymity=Anonymity.SECRET,
    revision="3",
    conversation="c-1",
    public=False,
    own=True,
    language="su",
    reply=Reply(in_public=True, until=AT, in_private=((PrivateWay.FREE, AT),)),
    unabridged="Jalan berlubang > kutipan",
)
#: what came along is kept before anything is sealed; what it continues is decided by then
NEVER_SEALED = {"enclosures", "refers"}


def again(said: Said) -> Said:
    preparing = Preparing(None, None, redact=redact, random_bytes=bytes)
    sealed = preparing.seal(COMPLAINT, KEY, said)
    return said_again(orjson.loads(unseal(KEY, sealed, COMPLAINT.bytes)), said.revision)


def test_what_waits_for_a_file_is_read_back_as_it_was_said():
    assert again(SAID) == SAID


@pytest.mark.parametrize("part", [SAID, SAID.author, SAID.place, SAID.reply], ids=type)
def test_the_said_of_these_tests_leaves_no_field_out(part):
    """So that a field added later cannot be forgotten where it is read back."""
    usual = [one.name for one in fields(part) if getattr(part, one.name) == one.default]
    assert set(usual) <= NEVER_SEALED


def test_what_a_channel_did_not_tell_is_not_told_again_either():
    bare = Said("whatsapp", "kota", "", media=(Attachment("whatsapp:f-1"),))
    assert again(bare) == bare
