"""Reads mentions (`router.decide`), requests to decide anew (`router.reroute`), what became of them.

The first two answer on the routing topic. No database on their path; `router.corpus` is off it.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy.exc import DBAPIError

from lintas.contracts.codec import decoding, encode
from lintas.contracts.events import Event
from lintas.contracts.events.complaints import RerouteRequested
from lintas.contracts.events.routing import ComplaintRerouted, ComplaintRouted, MentionForwarded
from lintas.contracts.records import OutRecord
from lintas.contracts.topics import COMPLAINTS, ROUTING
from lintas.messaging.handling import Poison, Process, Received, Retry
from lintas.messaging.ports import Producer
from lintas.telemetry import count, gauge, observe
from router.usecases.collecting import Collector, UnusableWords
from router.usecases.deciding import answer
from router.usecases.following import Rules
from router.usecases.rerouting import Returns, reroute
from router.usecases.statements import Statements

GROUP = "router.decide"
CORPUS_GROUP = "router.corpus"
CORPUS_TOPICS = (ROUTING, COMPLAINTS)
#: nobody waits for the corpus, and large sets cost least; one holds up deciding for some ms
CORPUS_BATCH = 500
CORPUS_GATHERS_MS = 1_000
GATHERS_BYTES = 1_048_576
#: data exceptions and integrity violations (PostgreSQL Appendix A): the same every time
_UNSTORABLE = frozenset({"22", "23"})
REROUTE_GROUP = "router.reroute"
#: a return was a person's act; that its answer comes half a second later nobody notices
REROUTE_GATHERS_MS = 500
#: of all that happens to complaints
only_reroutes = decoding(RerouteRequested)
_SOURCE = "router"
_WAIT_S = 5.0
#: so many decisions at most before other work of the process gets its turn
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Deps:
    """What deciding needs."""

    rules: Rules
    producer: Producer
    #: None: nothing is suggested
    statements: Statements | None = None


def decider(deps: Deps) -> Process:
    """Decides events and returns once their answers are acknowledged.

    An event may be answered twice (a crash before its offset moved, a time-out that was none),
    under the same event id and in the same bytes. None is lost: the offset moves afterwards.
    """

    async def process(received: Sequence[Received[Event]]) -> None:
        await _known(deps.rules, received)
        started = perf_counter()
        answers = await _answers(deps.rules, received)
        records: list[OutRecord] = [encode(event, ROUTING, _SOURCE) for event in answers]
        observe("lintas_decide_seconds", perf_counter() - started)
        gauge("lintas_decide_batch", len(received))
        await deps.producer.send(records)
        _count(answers)
        if deps.statements is not None:
            await _suggest(deps, deps.statements, received, answers)

    return process


def keep_corpus(collector: Collector) -> Process:
    """Takes events into the corpus, a batch in one transaction; the same again changes nothing."""

    async def process(received: Sequence[Received[Event]]) -> None:
        try:
            await collector.collect(received)
        except UnusableWords as refusal:
            raise Poison(str(refusal)) from None
        except DBAPIError as error:
            state = str(getattr(error.orig, "sqlstate", None) or "")
            if state[:2] in _UNSTORABLE:
                raise Poison(f"sqlstate_{state}") from None
            raise

    return process


async def _suggest(
    deps: Deps,
    statements: Statements,
    received: Sequence[Received[Event]],
    answers: Sequence[ComplaintRouted | MentionForwarded],
) -> None:
    # behind the decisions, which wait for nothing; of one complaint they keep their order
    await statements.look_once(_WAIT_S)
    suggested = []
    for item, event in zip(received, answers, strict=True):
        if isinstance(event, ComplaintRouted):
            time_ms = item.record.timestamp_ms
            found = statements.suggested(event, deps.rules.at(time_ms), time_ms)
            suggested += [encode(found, ROUTING, _SOURCE)] if found else []
    if suggested:
        await deps.producer.send(suggested)


def rerouter(deps: Deps, read: Returns) -> Process:
    """Decides anew what agencies gave back; while the gateway is away, requests wait in their topic.

    A request may be answered twice, under the same event id; the gateway takes the first answer.
    None is lost: the offset moves after the answer was acknowledged.
    """

    async def process(received: Sequence[Received[Event]]) -> None:
        requests = [
            Received(item.event, item.record)
            for item in received
            if isinstance(item.event, RerouteRequested)
        ]
        if not requests:
            return
        await _known(deps.rules, requests)
        answers = await reroute(deps.rules, read, requests)
        await deps.producer.send([encode(event, ROUTING, _SOURCE) for event in answers])
        _count(answers)

    return process


async def _known(rules: Rules, received: Sequence[Received[Event]]) -> None:
    latest_ms = max(item.record.timestamp_ms for item in received)
    if not await rules.wait_for(latest_ms, _WAIT_S):
        raise Retry("the rules topic has not been read up to now")


async def _answers(
    rules: Rules, received: Sequence[Received[Event]]
) -> list[ComplaintRouted | MentionForwarded]:
    answers: list[ComplaintRouted | MentionForwarded] = []
    for number, item in enumerate(received, start=1):
        event = answer(rules, item)
        if event is None:
            raise Poison("not_about_a_complaint")
        answers.append(event)
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return answers


def _count(answers: Sequence[ComplaintRouted | ComplaintRerouted | MentionForwarded]) -> None:
    decisions = [one.decision for one in answers if not isinstance(one, MentionForwarded)]
    kinds = Counter((one.mention_class.value, one.outcome.value) for one in decisions)
    for (mention_class, outcome), number in kinds.items():
        labels = {"class": mention_class, "outcome": outcome}
        count("lintas_decisions_total", number, **labels)
    for version, number in Counter(one.rules_version for one in decisions).items():
        count("lintas_rules_decisions_total", number, version=version)
