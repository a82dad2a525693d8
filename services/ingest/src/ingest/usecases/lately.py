"""What was heard on an account lately, as it may have changed there since, unheard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from ingest.channels.mastodon import MastodonAccount
from ingest.store import lately as store
from ingest.usecases.deps import Deps
from lintas.privacy import unseal
from lintas.vocabulary.ids import MentionId

_LAST = MentionId(UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Heard:
    """A status that is kept and stands."""

    external_id: str
    revision: str
    #: what `heard` goes on below
    place: tuple[datetime, MentionId]


async def heard(
    deps: Deps,
    account: MastodonAccount,
    since: datetime,
    below: tuple[datetime, MentionId] | None,
    most: int,
) -> Sequence[Heard]:
    """At most so many statuses that were received `since`, newest first; erased ones are not among them."""
    before = below or (deps.work.clock(), _LAST)
    async with deps.work.begin() as tx:
        found = await store.on_mastodon(tx, account.name, since=since, before=before, most=most)
    return [
        Heard(_external_id(deps, one), one.revision, (one.received_at, one.mention_id))
        for one in found
    ]


def _external_id(deps: Deps, one: store.Sealed) -> str:
    content = unseal(deps.vault.open_key(one.key), one.sealed, one.complaint_id.bytes)
    return str(orjson.loads(content)["reply_to"]["external_id"])
