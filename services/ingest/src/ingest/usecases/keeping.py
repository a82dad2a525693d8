"""Keeping what a channel tells, also where a part of it breaks us."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.channels.accounts import Unread
from ingest.domain.heard import Edited, Heard, Noted, Posted
from ingest.domain.mentions import Acceptance
from ingest.usecases.aside import Aside
from ingest.usecases.collecting import Collecting
from ingest.usecases.enclosing import Enclosing
from ingest.usecases.hearing import Hearing
from lintas.telemetry import count, get_logger
from lintas.vocabulary.errors import Unavailable

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """Where parts come from, and when they came."""

    channel: str
    account: str
    received_at: datetime
    traceparent: str


class Keeping:
    """Hears what was translated, and sets aside what was not; nothing is dropped."""

    def __init__(
        self, hearing: Hearing, aside: Aside, enclosing: Enclosing, collecting: Collecting
    ) -> None:
        self._hearing = hearing
        self._enclosing = enclosing
        self._aside = aside
        self._collecting = collecting

    async def keep(self, source: Source, parts: Sequence[Heard | Unread]) -> None:
        """Return once all parts are durable.

        Raises:
            Unavailable: some are not known to be; all of them may be kept again.
        """
        for part in parts:
            if isinstance(part, Unread):
                await self.set_aside(source, part.reason, part.content)
        heard = [
            await self._with_files(source, part) for part in parts if not isinstance(part, Unread)
        ]
        await self._hear(source, heard)
        kinds = Counter(map(_kind, parts))
        for kind, number in kinds.items():
            count("lintas_heard_total", number, channel=source.channel, kind=kind)

    async def set_aside(self, source: Source, reason: str, content: bytes) -> None:
        """Keep content that nobody could translate, or fetch."""
        await self._aside.keep(source.channel, source.account, reason, content, source.received_at)

    async def _with_files(self, source: Source, part: Heard) -> Heard:
        """Keep what came along; what is no picture or the like waits, sealed, for a person."""
        if not isinstance(part, Posted | Edited) or not part.said.enclosures:
            return part
        said, refused = await self._enclosing.keep(part.said)
        for one in refused:
            await self.set_aside(source, "unsupported", one.content)
        return replace(part, said=said)

    async def _hear(self, source: Source, heard: Sequence[Heard]) -> None:
        if not heard:
            return
        try:
            kept = await self._hearing.hear(
                heard,
                client=f"{source.channel}:{source.account}",
                received_at=source.received_at,
                traceparent=source.traceparent,
            )
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  # one part that breaks us must not cost the others
            _log.exception("delivery_broken", channel=source.channel, parts=len(heard))
            if len(heard) > 1:
                for one in heard:
                    await self._hear(source, [one])
            else:
                await self.set_aside(source, "unforeseen", repr(heard[0]).encode())
        else:
            await self._await_files(source, heard, kept)

    async def _await_files(
        self, source: Source, heard: Sequence[Heard], kept: Sequence[Acceptance | None]
    ) -> None:
        """An end before this loses no file: the delivery is not acknowledged, and comes again."""
        waiting = [
            acceptance.mention_id
            for part, acceptance in zip(heard, kept, strict=True)
            if acceptance is not None and isinstance(part, Posted | Edited) and part.said.media
        ]
        if waiting:
            await self._collecting.remember(
                waiting, source.channel, source.account, source.traceparent
            )


def _kind(part: Heard | Unread) -> str:
    if isinstance(part, Unread):
        return part.reason
    return part.kind if isinstance(part, Noted) else type(part).__name__.lower()
