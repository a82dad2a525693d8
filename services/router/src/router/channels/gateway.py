"""What the agency-gateway tells of complaints that agencies gave back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ValidationError

from lintas.net import Neighbour
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.terms import MentionClass, Stakeholder, Suspicion
from router.domain import Mention

_PATH = "/v1/returns"
#: of one question
_MOST = 200


class _Item(BaseModel):
    standing: Literal["open", "superseded", "unknown"]
    text: str | None = None
    note: str = ""
    mention_class: MentionClass | None = None
    channel: str | None = None
    stakeholder: Stakeholder | None = None
    suspected: Suspicion | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    received_at: datetime | None = None


class _Answer(BaseModel):
    items: tuple[_Item, ...]


class Gateway:
    """Asks for the words behind requests for routing, many at once."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def returned(self, requests: Sequence[tuple[UUID, int]]) -> list[Mention | None]:
        """For each complaint and round the mention to decide anew; None where nobody waits for it.

        Raises:
            Unavailable: there is no answer now.
        """
        found: list[Mention | None] = []
        for start in range(0, len(requests), _MOST):
            lot = requests[start : start + _MOST]
            items = [{"complaint_id": str(id_), "round": number} for id_, number in lot]
            answer = await self._neighbour.ask(_PATH, {"items": items})
            try:
                told = _Answer.model_validate(answer).items
                found += [_mention(item) for _, item in zip(lot, told, strict=True)]
            except (ValidationError, ValueError) as error:
                # of another age than we: it must not cost a decision
                raise Unavailable("The gateway's answer cannot be read.") from error
        return found


def _mention(item: _Item) -> Mention | None:
    if item.standing != "open":
        return None
    if item.received_at is None or item.mention_class is None:
        raise ValueError("an open request without its complaint")
    return Mention(
        text=item.text or "",
        note=item.note,
        received_at=item.received_at,
        channel=item.channel or "",
        address=item.address,
        stated_class=item.mention_class,
        latitude=item.lat,
        longitude=item.lon,
        stakeholder=item.stakeholder,
        suspected=item.suspected,
    )
