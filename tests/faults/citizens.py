"""Those who speak: mentions at a steady rate, repeated, keyed, malformed, and read back."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from tests.faults.clients import Door, canary
from tests.faults.history import History, Outcome
from tests.faults.pack import AGENCIES, TOGETHER

_ANSWER = ("mention_id", "complaint_id", "ticket")
_TRIES = 4
_PAUSE_S = 0.4
#: more than this many unanswered requests, and the source waits, as any source would
_MOST_IN_FLIGHT = 300


@dataclass(frozen=True, slots=True)
class Said:
    """A mention somebody wants to get rid of; sent again it is the same one."""

    #: what makes it the same mention
    identity: str
    canary: str
    body: dict[str, Any]
    #: of mentions without an identity of their own
    key: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the body."""
        return {"Idempotency-Key": f'"{self.key}"'} if self.key else {}


@dataclass
class Citizens:
    """An open-loop source of `rate` mentions a second; the same seed says the same in the same order."""

    history: History
    ingest: Door
    key: str
    run: int
    rate: float
    seed: int
    #: how many send each mention at the same time
    at_once: int = 1
    #: what was accepted, to be repeated and read back
    accepted: list[tuple[Said, dict[str, Any]]] = field(default_factory=list)
    _said: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _broken: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def speak(self, until: asyncio.Event) -> None:
        """Send mentions until told to stop, and return when each has its answer."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not until.is_set():
            due += 1 / self.rate
            if len(self._tasks) < _MOST_IN_FLIGHT:
                self._spawn(self._next())
            # after a pause of ours there is no burst of what was missed
            due = max(due, loop.time() - 0.25)
            await asyncio.sleep(max(0.0, due - loop.time()))
        while self._tasks:
            await asyncio.gather(*self._tasks)
        if self._broken:
            raise ExceptionGroup("citizens that could not speak", self._broken)

    def say(self) -> Said:
        """Something new to say."""
        self._said += 1
        agency = self._random.choice(AGENCIES)
        words = f"{TOGETHER} {agency}" if self._random.random() < 0.25 else agency
        mark = canary(self.run, self._said)
        body: dict[str, Any] = {"channel": "web", "text": f"Mohon {words} perbaiki, {mark}."}
        identity = f"run-{self.run}-{self._said}"
        if self._random.random() < 0.15:
            return Said(identity, mark, body, key=identity)
        return Said(identity, mark, body | {"external_id": identity})

    async def send(self, said: Said, client: str = "citizen") -> bool:
        """One try to hand it over; whether it was accepted."""
        operation = self.history.invoke(
            client, "mention", identity=said.identity, canary=said.canary
        )
        await self.ingest.send(
            operation,
            "POST",
            "/v1/mentions",
            credential=self.key,
            headers=said.headers,
            keep=_ANSWER,
            json=said.body,
        )
        if operation.ok:
            self.accepted.append((said, operation.told))
        return operation.outcome is not Outcome.INFO

    def _next(self) -> Any:
        chance = self._random.random()
        if self.accepted and chance < 0.06:
            return self._redeliver(self._random.choice(self.accepted)[0])
        if self.accepted and chance < 0.10:
            return self._look(self._random.choice(self.accepted)[1]["ticket"])
        if chance < 0.12:
            return self._misspeak(self.say())
        # a few give up after a failed try, so that what nobody knows stays unknown
        tries = 1 if self._random.random() < 0.2 else _TRIES
        return self._insist(self.say(), tries)

    async def _insist(self, said: Said, tries: int) -> None:
        for _ in range(tries):
            if all(await asyncio.gather(*(self.send(said) for _ in range(self.at_once)))):
                return
            await asyncio.sleep(_PAUSE_S)

    async def _redeliver(self, said: Said) -> None:
        await self.send(said, "redelivery")

    async def _look(self, ticket: str) -> None:
        operation = self.history.invoke("reader", "look", ticket=ticket)
        await self.ingest.send(operation, "GET", f"/v1/complaints/{ticket}", keep=("status",))

    async def _misspeak(self, said: Said) -> None:
        operation = self.history.invoke(
            "misspeaker", "mention", identity=said.identity, canary=said.canary
        )
        await self.ingest.send(
            operation,
            "POST",
            "/v1/mentions",
            credential=self.key,
            headers=said.headers,
            keep=_ANSWER,
            json=said.body | {"is_admin": True},
        )

    def _spawn(self, what: Any) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._broken.append(error)
