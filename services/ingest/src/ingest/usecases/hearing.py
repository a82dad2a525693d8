"""What channels tell: one delivery, one transaction, kept as a whole or not at all."""

from collections.abc import Sequence
from datetime import datetime

from ingest.domain.heard import Heard, Posted
from ingest.domain.mentions import Acceptance, Arrival
from ingest.usecases.intake import Intake
from lintas.vocabulary.terms import Origin


class Hearing:
    """Takes what a channel was told in one delivery.

    A delivery may come again, in parallel and in any order: each thing told counts once.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def hear(
        self,
        heard: Sequence[Heard],
        *,
        client: str,
        received_at: datetime,
        traceparent: str,
        origin: Origin = Origin.LIVE,
    ) -> list[Acceptance | None]:
        """What each thing told became, in order: an acceptance for a post, else None.

        Raises:
            Unavailable: nothing of the delivery is known to be written; it may be sent again.
        """
        arrivals = [
            Arrival(one.said, client, received_at, traceparent, origin=origin)
            for one in heard
            if isinstance(one, Posted)
        ]
        outcomes = iter(await self._intake.accept(arrivals) if arrivals else ())
        became: list[Acceptance | None] = []
        for one in heard:
            outcome = next(outcomes) if isinstance(one, Posted) else None
            became.append(outcome if isinstance(outcome, Acceptance) else None)
        return became
