"""`city.yaml`: what is the city called, and how does it answer?"""

from datetime import date
from typing import Literal

from pydantic import Field

from lintas_local.pack.models.fields import (
    Channel,
    Code,
    Domain,
    LocalText,
    PackModel,
    PlaceCode,
    Text,
    TicketPrefix,
)


class Joining(PackModel):
    """When a later mention of the same reporter continues a complaint instead of opening one."""

    #: a reply in the same thread or conversation joins within this many days
    reply_window_days: int = Field(ge=0, le=365)
    #: a messenger has no threads: after so many silent hours what is said is another matter
    conversation_pause_hours: int = Field(default=72, ge=0, le=8_760)


class OwnAccount(PackModel):
    """An account that speaks for the city: what it posts is an own post, never a complaint."""

    channel: Channel
    #: as the channel writes them, without a leading @, lower case
    handles: tuple[Text, ...] = Field(min_length=1)


class Open311(PackModel):
    """What others are told who want to connect to the city's Open311 server."""

    #: whom to write to
    contact: Text
    #: how to get a key
    keys: Text
    #: whether what is posted reaches the city
    type: Literal["production", "test"] = "production"
    #: whether lists also show, redacted, what people wrote to the city alone (messages, e-mail)
    lists_private: bool = False


class City(PackModel):
    """One city, and the settings that hold for all of it."""

    code: Code
    name: LocalText
    #: the place code of the whole city
    place: PlaceCode
    #: the letters before every ticket
    ticket_prefix: TicketPrefix
    #: IANA name of the zone in which days begin
    zone: Text
    #: also the Open311 jurisdiction_id
    domain: Domain
    #: language of public pages and answers where nothing else is asked for
    language: Code
    joining: Joining
    #: whether a resolved complaint already reads as closed outside
    resolved_reads_closed: bool
    own_accounts: tuple[OwnAccount, ...] = ()
    open311: Open311 | None = None
    effective_from: date
    known_from: date


class Templates(PackModel):
    """`templates.yaml`: the texts sent without a person writing them.

    The only placeholders are `{ticket}` and `{link}`.
    """

    #: receipt of a complaint, aspiration or information request
    acknowledgement: LocalText
    #: receipt of a complaint that cannot be shown in public
    acknowledgement_secret: LocalText
