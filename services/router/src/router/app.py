"""The router, put together."""

import hmac
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from lintas import faults
from lintas.auth import KeyAuthenticator, KeyRing, Pepper
from lintas.config import key_bytes
from lintas.contracts.events.envelope import canonical_json
from lintas.contracts.topics import MENTIONS, RULES
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.outbox import SqlOutbox
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop, Loops, RelayLoop
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.reader import TopicReader
from lintas.messaging.relay import Relay
from lintas.messaging.runner import Runner
from lintas.privacy import seal
from lintas.telemetry import configure_logging
from lintas.web import MIB, BodyLimits, Cursors, Probe, create_service, parse_json
from router import api, consumer
from router.domain import (
    Mention,
    RuleSet,
    RuleSetUnusable,
    advise,
    compile_document,
    compile_ruleset,
    decide,
    lint,
    suggesting,
    unusable,
)
from router.schemas import Explained, ExplainIn
from router.settings import RouterSettings
from router.usecases.following import Rules
from router.usecases.publishing import Publishing
from router.workers import RulesLoop

#: reads texts and suggests by a trained model: what training shares with deciding
__all__ = ["suggesting"]

#: what can be configured, for the generated page
SETTINGS = RouterSettings
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
SERVICE = "router"
#: a rule set as it is sent may be more spacious than its canonical form
_LARGEST_RULESET = 4 * MIB


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
    rules = Rules(reader.read_on, notice=settings.rules_notice)
    deciding = _decide_loop(settings, rules, producer, work)
    loops = Loops(
        [RulesLoop(rules, poll_s=settings.rules_poll_s), RelayLoop(relay), deciding],
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
            await producer.stop()
            await engine.dispose()

    async def rules_known() -> str | None:
        return None if rules.known else "the rules topic has not been read to its end yet"

    async def nothing_stands_still() -> str | None:
        stopped = deciding.runner and deciding.runner.stopped
        return "too many records of a partition could not be read" if stopped else None

    async def database_answers() -> str | None:
        async with work.begin() as tx:
            await tx.connection.execute(text("SELECT 1"))
        return None

    pepper = Pepper(settings.key_pepper, settings.key_pepper_previous)
    deps = api.Deps(
        publishing=Publishing(work, settings.rules_notice),
        rules=rules,
        cursors=Cursors(_cursor_key(settings)),
    )
    return create_service(
        name=SERVICE,
        title="Lintas router: the right agencies, explained",
        routers=[api.routes(deps)],
        lifespan=lifespan,
        probes=[
            Probe("rules", rules_known),
            Probe("partitions", nothing_stands_still),
            Probe("database", database_answers),
        ],
        authenticator=KeyAuthenticator([KeyRing.from_file(settings.keys_file)], pepper),
        limits=BodyLimits(
            larger={"/v1/rulesets": _LARGEST_RULESET, "/v1/rulesets/lint": _LARGEST_RULESET}
        ),
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

    What is returned takes what `POST /v1/explain` takes and gives what that answers.
    """
    compiled = compile_document(document)

    def explain(body: Mapping[str, Any]) -> dict[str, Any]:
        said = parse_json(canonical_json(dict(body)), ExplainIn)
        decision = decide(said.mention(datetime.now(UTC)), compiled)
        return Explained.of(decision).model_dump(mode="json")

    return explain


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


def _decide_loop(
    settings: RouterSettings, rules: Rules, producer: KafkaProducer, work: UnitOfWork
) -> ConsumerLoop:
    process = consumer.decider(consumer.Deps(rules, producer))
    key = key_bytes(settings.quarantine_key)
    aside = Quarantine(producer, SERVICE, lambda value: seal(key, value, SERVICE.encode()))
    return ConsumerLoop(
        lambda: KafkaConsumer(
            settings.kafka, consumer.GROUP, [MENTIONS], max_records=settings.decide_batch
        ),
        lambda client: Runner(
            client,
            process,
            group=consumer.GROUP,
            aside=aside,
            parking=SqlParking(work, consumer.GROUP),
        ),
    )


def _cursor_key(settings: RouterSettings) -> bytes:
    return hmac.digest(settings.key_pepper.get_secret_value().encode(), b"cursors", "sha256")
