"""The day's mentions, sent through the front doors at a multiple of their speed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from lintas_local.demo.calls import Service
from lintas_local.demo.progress import DayProgress
from lintas_local.pack.demo import DemoMention

#: sources that arrive in lots; the others come one by one
_IN_LOTS = frozenset({"email"})
_LOT = 25
_AT_ONCE = 16


@dataclass
class Accepted:
    """What the front door answered."""

    #: complaint id → ticket
    tickets: dict[str, str] = field(default_factory=dict)
    #: complaint id → the first mention that opened it
    mentions: dict[str, DemoMention] = field(default_factory=dict)

    def note(self, mention: DemoMention, answer: dict[str, str]) -> None:
        """Remember one 202."""
        self.tickets[answer["complaint_id"]] = answer["ticket"]
        self.mentions.setdefault(answer["complaint_id"], mention)


async def speak(
    ingest: Service,
    mentions: Sequence[DemoMention],
    accepted: Accepted,
    progress: DayProgress,
    *,
    seconds: float,
) -> None:
    """Send every mention once, in the day's order, over about `seconds`."""
    last_s = max(mention.demo.at_s for mention in mentions) or 1
    gate = asyncio.Semaphore(_AT_ONCE)
    started = asyncio.get_running_loop().time()

    async def one(mention: DemoMention) -> None:
        async with gate:
            await asyncio.sleep(
                started + mention.demo.at_s / last_s * seconds - asyncio.get_running_loop().time()
            )
            accepted.note(mention, await ingest.post("/v1/mentions", mention.body()))
            progress.add("accepted")

    async def lot(number: int, part: Sequence[DemoMention]) -> None:
        lines = b"\n".join(orjson.dumps(mention.body()) for mention in part)
        answer = await ingest.post_lines("/v1/mentions/batch", lines, about=f"lot/{number}")
        for result in answer["results"]:
            accepted.note(part[result["line"] - 1], result)
        progress.add("accepted", len(answer["results"]))

    singles = [mention for mention in mentions if mention.channel not in _IN_LOTS]
    lots = [mention for mention in mentions if mention.channel in _IN_LOTS]
    async with asyncio.TaskGroup() as tasks:
        for mention in singles:
            tasks.create_task(one(mention))
        for start in range(0, len(lots), _LOT):
            tasks.create_task(lot(start // _LOT, lots[start : start + _LOT]))
