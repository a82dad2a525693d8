"""One request of one caller: in one transaction, once per Idempotency-Key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from agency_gateway.store import answers
from agency_gateway.store.answers import Answer
from agency_gateway.usecases.sight import Settings, actor_of
from lintas.auth import Principal
from lintas.database.work import Transaction, UnitOfWork

V = TypeVar("V")

__all__ = ["Answer", "Asked", "Front", "Repeatable"]


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What makes a request the same request."""

    #: method and path
    operation: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Asked(Generic[V]):
    """Who asks, how the answer looks, and whether it may be repeated."""

    who: Principal
    #: the result as what is sent, and kept for a repetition
    render: Callable[[V], Answer]
    repeatable: Repeatable | None = None
    #: given the version of the thing to change; raises if the caller saw another one
    seen: Callable[[str, int], None] = lambda _id, _version: None


class Front:
    """Runs what callers ask for.

    Effect and answer commit together, so a repeated request gets the first one's answer. A refusal
    leaves nothing behind: the same request may be sent again with the same key.
    """

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work

    async def run(
        self, asked: Asked[V], settings: Settings, act: Callable[[Transaction], Awaitable[V]]
    ) -> Answer:
        """Do `act` with the sight of `settings`, or answer as before."""
        async with self.work.begin(settings) as tx:
            if asked.repeatable is None:
                return asked.render(await act(tx))
            once = answers.Once(
                actor_of(asked.who),
                asked.repeatable.operation,
                asked.repeatable.key,
                asked.repeatable.fingerprint,
            )
            before = await answers.begin(tx.connection, once, self.work.clock())
            if before is not None:
                return before
            answer = asked.render(await act(tx))
            await answers.finish(tx.connection, once, answer)
            return answer
