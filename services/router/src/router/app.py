"""The router, put together."""

import hmac
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import text

from lintas import faults
from lintas.auth import KeyAuthenticator, KeyRing, Pepper
from lintas.config import key_bytes
from lintas.contracts.events.envelope import canonical_json
from lintas.contracts.topics import COMPLAINTS, MENTIONS, RULES, STATEMENTS
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.outbox import SqlOutbox
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop, Loops, RelayLoop
from lintas.messaging.ports import Producer
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.reader import TopicReader
from lintas.messaging.relay import Relay
from lintas.messaging.runner import Runner
from lintas.net import Neighbour
from lintas.privacy import seal
from lintas.telemetry import configure_logging
from lintas.vocabulary.errors import Invalid
from lintas.web import MIB, BodyLimits, Cursors, Probe, create_service, parse_json
from router import api, consumer, pages
from router.channels.gateway import Gateway
from router.domain import (
    Case,
    Compiled,
    Confusion,
    LabelScore,
    Mention,
    RuleSet,
    RuleSetUnusable,
    Tally,
    Trial,
    advise,
    compile_document,
    compile_ruleset,
    decide,
    lint,
    measure,
    suggesting,
    unusable,
)
from router.schemas import BacktestOut, Explained, ExplainIn, ResultOut
from router.settings import RouterSettings
from router.usecases import collecting
from router.usecases.backtesting import Backtesting, Runs
from router.usecases.collecting import Collector
from router.usecases.following import Rules
from router.usecases.modelling import Models
from router.usecases.publishing import Publishing
from router.usecases.replaying import replay
from router.usecases.statements import Statements, wanted
from router.workers import BacktestLoop, DropLoop, FollowLoop

#: `suggesting` reads texts and suggests by a trained model: what training shares with deciding;
#: `measure` says how good answers are: what evaluating shares with backtests
__all__ = ["Confusion", "LabelScore", "measure", "suggesting"]

#: what can be configured, for the generated page
SETTINGS = RouterSettings
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
SERVICE = "router"
#: a rule set as it is sent may be more spacious than its canonical form
_LARGEST_RULESET = 4 * MIB
_LARGEST_MODEL = 32 * MIB


def create_app(environ: Mapping[str, str]) -> FastAPI:
    """The service as `environ` describes it; its loops turn while it runs."""
    settings = RouterSettings.load(environ)
    configure_logging(service=SERVICE, level=settings.log_level, secrets=settings.secrets())
    faults.arm(settings.fault, environment=settings.environment)
    engine = create_engine(
        settings.database_url.get_secret_value(),
        application=SERVICE,
        pool_size=settings.database_pool,
    )
    producer = KafkaProducer(settings.kafka, SERVICE)
    relay = Relay(SqlOutbox(engine), producer)
    work = UnitOfWork(engine, SERVICE, on_published=relay.wake)
    reader = TopicReader(settings.kafka, "router.rules", [RULES])
    models = Models(work)
    rules = Rules(reader.read_on, fetch=models.content, notice=settings.rules_notice)
    ledger = TopicReader(settings.kafka, "router.statements", [STATEMENTS], wanted=wanted)
    statements = Statements(
        ledger.read_on,
        notice=timedelta(seconds=settings.statements_notice_s),
        threshold=settings.suggest_from,
    )
    gateway = Neighbour(
        "agency-gateway", settings.agency_gateway_url, settings.gateway_key.get_secret_value()
    )
    reading = consumer.Deps(rules, producer, statements)
    deciding = _decide_loop(settings, reading, work)
    rerouting = _reroute_loop(settings, reading, Gateway(gateway), work)
    corpus = _corpus_loop(settings, producer, work)
    consuming = (deciding, rerouting, corpus)
    loops = Loops(
        [
            FollowLoop(rules, poll_s=settings.rules_poll_s),
            FollowLoop(statements, poll_s=settings.statements_notice_s / 3),
            RelayLoop(relay),
            *consuming,
            BacktestLoop(Runs(work)),
            DropLoop(work, settings.corpus_kept),
        ],
        is_outage=is_outage,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loops.start()
        try:
            yield
        finally:
            await loops.stop()
            await reader.stop()
            await ledger.stop()
            await gateway.close()
            await producer.stop()
            await engine.dispose()

    async def rules_known() -> str | None:
        if rules.halted:
            return "the rules that apply by now wait for their model"
        return None if rules.known else "the rules topic has not been read to its end yet"

    async def nothing_stands_still() -> str | None:
        stopped = any(loop.runner and loop.runner.stopped for loop in consuming)
        return "too many records of a partition could not be read" if stopped else None

    async def database_answers() -> str | None:
        async with work.begin() as tx:
            await tx.connection.execute(text("SELECT 1"))
        return None

    pepper = Pepper(settings.key_pepper, settings.key_pepper_previous)
    deps = api.Deps(
        publishing=Publishing(work, settings.rules_notice),
        models=models,
        rules=rules,
        cursors=Cursors(_cursor_key(settings)),
    )
    return create_service(
        name=SERVICE,
        title="Lintas router: the right agencies, explained",
        routers=[
            *(api.routes(deps), api.publishing(deps), api.models(deps)),
            pages.routes(deps.publishing),
            api.backtest_routes(api.BacktestDeps(Backtesting(work), rules, pages.report)),
        ],
        lifespan=lifespan,
        probes=[
            Probe("rules", rules_known),
            Probe("partitions", nothing_stands_still),
            Probe("database", database_answers),
        ],
        authenticator=KeyAuthenticator([KeyRing.from_file(settings.keys_file)], pepper),
        limits=BodyLimits(
            larger={
                **dict.fromkeys(
                    ("/v1/rulesets", "/v1/rulesets/lint", "/v1/backtests"), _LARGEST_RULESET
                ),
                api.MODELS_PATH: _LARGEST_MODEL,
            }
        ),
        static=pages.STATIC,
    )


def from_environment() -> FastAPI:
    """The service as this process's environment describes it (`uvicorn --factory`)."""
    return create_app(os.environ)


async def migrate(environ: Mapping[str, str]) -> None:
    """Bring the database to the newest schema, as its owner."""
    settings = RouterSettings.load(environ)
    if settings.database_owner_url is None:
        raise ValueError("LINTAS_DATABASE_OWNER_URL is needed for migrations")
    await migrations.migrate(settings.database_owner_url.get_secret_value(), _MIGRATIONS)


def offline(document: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The decisions of one rule set document, without a running service.

    What is returned takes what `POST /v1/explain` takes and gives what that answers. Invalid if
    the document is no rule set.
    """
    compiled = _compiled(document)

    def explain(body: Mapping[str, Any]) -> dict[str, Any]:
        said = parse_json(canonical_json(dict(body)), ExplainIn)
        decision = decide(said.mention(datetime.now(UTC)), compiled)
        return Explained.of(decision).model_dump(mode="json")

    return explain


def replaying(
    document: Mapping[str, Any] | None,
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Makes decisions once more by a rule set document (None: by no rules at all).

    What is returned takes the body of a routed event and says whether the decision in it is the
    same, byte for byte, or where it differs; Invalid if there is none.
    """
    return partial(replay, _compiled(document))


def _compiled(document: Mapping[str, Any] | None) -> Compiled:
    try:
        return compile_ruleset(RuleSet.empty()) if document is None else compile_document(document)
    except RuleSetUnusable as unusable:
        raise Invalid("The rule set cannot be compiled.") from unusable


def linted(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Faults and advice of a rule set document: `{path, code, expected, rule, advice}` each.

    Raises RuleSetUnusable where the document is no rule set at all.
    """
    ruleset = RuleSet.from_document(document)
    try:
        compile_ruleset(ruleset)
    except RuleSetUnusable as error:
        return [asdict(unusable(ruleset, error))]
    return [asdict(finding) for finding in (*lint(ruleset), *advise(ruleset))]


def deciding(document: Mapping[str, Any], texts: Sequence[str]) -> Callable[[], int]:
    """Decides each of `texts` once per call and says how many that were: for benchmarks."""
    compiled = compile_document(document)
    mentions = [Mention(text, received_at=datetime.now(UTC)) for text in texts]

    def run() -> int:
        return len([decide(mention, compiled) for mention in mentions])

    return run


def backtest(
    candidate: Mapping[str, Any],
    against: Mapping[str, Any] | None,
    rows: Mapping[str, Mapping[str, Any]],
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, Any]:
    """What `GET /v1/backtests/{id}` answers as `result`, for rows that somebody labelled.

    Each row has `text`, `final` (the agency that is right) and `received_at`. Against nothing,
    nobody led before.
    """
    trial = Trial(compile_document(candidate), compile_document(against) if against else None)
    tally = Tally()
    for done, (key, row) in enumerate(rows.items(), start=1):
        mention = Mention(row["text"], received_at=row["received_at"])
        trial.hold(tally, Case(UUID(int=0), mention, final=row["final"]), key)
        progress(done)
    texts = {flip.key: rows[flip.key]["text"] for flip in tally.result().flips}
    return ResultOut.of(tally.result(), texts).model_dump(mode="json")


def backtest_page(shown: Mapping[str, Any], language: str) -> str:
    """The page of what `GET /v1/backtests/{id}` answers."""
    return pages.render(BacktestOut.model_validate(shown), language)


def _decide_loop(settings: RouterSettings, deps: consumer.Deps, work: UnitOfWork) -> ConsumerLoop:
    process = consumer.decider(deps)
    return ConsumerLoop(
        lambda: KafkaConsumer(
            settings.kafka, consumer.GROUP, [MENTIONS], max_records=settings.decide_batch
        ),
        lambda client: Runner(
            client,
            process,
            group=consumer.GROUP,
            aside=_aside(settings, deps.producer),
            parking=SqlParking(work, consumer.GROUP),
        ),
    )


def _corpus_loop(
    settings: RouterSettings, producer: KafkaProducer, work: UnitOfWork
) -> ConsumerLoop:
    collector = Collector(work)
    return ConsumerLoop(
        lambda: KafkaConsumer(
            settings.kafka,
            consumer.CORPUS_GROUP,
            consumer.CORPUS_TOPICS,
            max_records=consumer.CORPUS_BATCH,
            gather_ms=consumer.CORPUS_GATHERS_MS,
            gather_bytes=consumer.GATHERS_BYTES,
        ),
        lambda client: Runner(
            client,
            consumer.keep_corpus(collector),
            group=consumer.CORPUS_GROUP,
            aside=_aside(settings, producer),
            parking=SqlParking(work, consumer.CORPUS_GROUP),
            positions=collector,
            read=collecting.read,
        ),
    )


def _reroute_loop(
    settings: RouterSettings, deps: consumer.Deps, gateway: Gateway, work: UnitOfWork
) -> ConsumerLoop:
    """A group of its own: while the gateway is away, new mentions are decided all the same."""
    process = consumer.rerouter(deps, gateway.returned)
    group = consumer.REROUTE_GROUP
    return ConsumerLoop(
        lambda: KafkaConsumer(
            settings.kafka,
            group,
            [COMPLAINTS],
            gather_ms=consumer.REROUTE_GATHERS_MS,
            gather_bytes=consumer.GATHERS_BYTES,
        ),
        lambda client: Runner(
            client,
            process,
            group=group,
            aside=_aside(settings, deps.producer),
            parking=SqlParking(work, group),
            read=consumer.only_reroutes,
        ),
    )


def _aside(settings: RouterSettings, producer: Producer) -> Quarantine:
    key = key_bytes(settings.quarantine_key)
    return Quarantine(producer, SERVICE, lambda value: seal(key, value, SERVICE.encode()))


def _cursor_key(settings: RouterSettings) -> bytes:
    return hmac.digest(settings.key_pepper.get_secret_value().encode(), b"cursors", "sha256")
