"""One run of one fault in a running city: load, fault, healing, drain, judgement."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from tests.faults.checker import Violation, check
from tests.faults.citizens import Citizens
from tests.faults.city import City
from tests.faults.clients import Door
from tests.faults.history import History
from tests.faults.observe import Final, Watcher, observe
from tests.faults.officers import Office
from tests.faults.pack import AGENCIES

_FIRST_ACCEPT_S = 90.0
_DRAIN_S = 180.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much happens while a fault happens."""

    rate: float = 40.0
    steady_s: float = 10.0
    #: how many send each mention at the same time
    at_once: int = 1


@dataclass
class Scene:
    """What a fault works with."""

    city: City
    run: int
    seed: int
    history: History
    citizens: Citizens
    watcher: Watcher
    random: random.Random
    #: figures of the fault's own, for the evidence
    measured: dict[str, Any] = field(default_factory=dict)
    #: what its own pass line forbids
    violations: list[Violation] = field(default_factory=list)

    def refuse(self, invariant: str, what: str, *examples: object) -> None:
        """The fault's own pass line is not kept."""
        self.violations.append(
            Violation(invariant, what, max(1, len(examples)), tuple(map(str, examples[:4])))
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the fault matrix."""

    number: int
    name: str
    #: what happens, in a sentence
    title: str
    #: seconds from the end of the fault to lag 0 and empty outboxes, for a release
    goal_s: float
    #: begins it, and returns when it is over: from then on recovery is measured
    happen: Callable[[Scene], Awaitable[None]]
    #: its own pass line, judged on the final state
    judge: Callable[[Scene, Final], Awaitable[None]] | None = None
    load: Load = Load()
    instances: dict[str, int] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """Its file name."""
        return f"{self.number:02d}-{self.name}"


@dataclass
class Played:
    """What came of a run."""

    run: int
    seed: int
    counts: dict[str, int]
    recovery_s: float | None
    measured: dict[str, Any]
    violations: list[Violation]


async def play(
    city: City, fault: Fault, run: int, seed: int, folder: Path, *, drain_s: float = _DRAIN_S
) -> Played:
    """Run `fault` once; history and final state are kept in `folder`."""
    history = History(folder / "history.jsonl")
    doors = {service: Door(history, city.addresses(service)) for service in city.services}
    citizens = Citizens(
        history,
        doors["ingest"],
        city.stack.key("front-door"),
        run,
        fault.load.rate,
        seed,
        fault.load.at_once,
    )
    watcher = Watcher(city)
    scene = Scene(city, run, seed, history, citizens, watcher, random.Random(seed))
    stop = asyncio.Event()
    clients = _start_clients(scene, doors["agency-gateway"], stop)
    try:
        await _until(lambda: history.now_s() > fault.load.steady_s, 60)
        await _until(lambda: any(one.ok for one in history.of("publish")), 60)
        history.note("fault begins")
        await fault.happen(scene)
        healed = history.note("fault ends")
        await _until(lambda: _accepted_since(history, healed.at_s), _FIRST_ACCEPT_S)
        scene.measured["first accept after it, s"] = _first_accept(history, healed.at_s)
        stop.set()
        undrained = await watcher.drained(drain_s, history)
        drained = history.note("drained")
        await asyncio.wait_for(asyncio.gather(*clients), 60)
        # what was in hand when the clients were told to stop
        undrained = undrained or await watcher.drained(drain_s, history)
        final = await observe(city, since=history.began_at, undrained=undrained, seed=seed)
        final.write(folder / "final.json.gz")
        if fault.judge is not None:
            await fault.judge(scene, final)
    finally:
        stop.set()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await watcher.close()
        for door in doors.values():
            await door.close()
        history.close()
    recovery_s = None if undrained else round(drained.at_s - healed.at_s, 2)
    violations = await asyncio.to_thread(check, history, final)
    return Played(
        run,
        seed,
        _counts(history, final),
        recovery_s,
        scene.measured,
        violations + scene.violations,
    )


def _start_clients(scene: Scene, gateway: Door, stop: asyncio.Event) -> list[asyncio.Task[None]]:
    offices = [
        Office(
            scene.history,
            gateway,
            agency,
            scene.city.session(f"petugas.{agency}"),
            scene.city.session(f"penyetuju.{agency}"),
            scene.citizens,
            scene.seed,
            scene.run,
        )
        for agency in AGENCIES
    ]
    return [
        asyncio.create_task(scene.citizens.speak(stop)),
        *(asyncio.create_task(office.work(stop)) for office in offices),
        asyncio.create_task(_ask_for_figures(scene, stop)),
    ]


async def _ask_for_figures(scene: Scene, stop: asyncio.Event) -> None:
    door = Door(scene.history, scene.city.addresses("metrics"))
    try:
        while not stop.is_set():
            operation = scene.history.invoke("reader", "figures")
            await door.send(operation, "GET", "/v1/kpis?metric=counts")
            await asyncio.sleep(2)
    finally:
        await door.close()


async def _until(condition: Callable[[], bool], within_s: float) -> None:
    """Return when it holds, or when patience ends: what follows judges."""
    try:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.02)
    except TimeoutError:
        return


def _accepted_since(history: History, since_s: float) -> bool:
    return _first_accept(history, since_s) is not None


def _first_accept(history: History, since_s: float) -> float | None:
    """Seconds until a mention that was sent after a moment was accepted."""
    ended = [
        one.ended_s
        for one in history.of("mention")
        if one.ok and one.began_s >= since_s and one.ended_s is not None
    ]
    return round(min(ended) - since_s, 2) if ended else None


def _counts(history: History, final: Final) -> dict[str, int]:
    mentions = list(history.of("mention"))
    return {
        "operations": len(history.operations),
        "ok": sum(one.ok for one in history.operations),
        "unknown": sum(one.outcome == "info" for one in history.operations),
        "answers 503": sum(
            one.status == httpx2.codes.SERVICE_UNAVAILABLE for one in history.operations
        ),
        "complaints": len({one.told["complaint_id"] for one in mentions if one.ok}),
        "published": sum(one.ok for one in history.of("publish")),
        "events": len(final.records),
    }
