"""What is wired: the composition root."""

import hmac
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import text

from lintas import faults
from lintas.auth import KeyAuthenticator, KeyRing, Pepper
from lintas.contracts.topics import RULES, STATEMENTS
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.outbox import SqlOutbox
from lintas.database.work import UnitOfWork
from lintas.messaging.loops import Loops, RelayLoop
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import TopicReader
from lintas.messaging.relay import Relay
from lintas.net import Neighbour
from lintas.telemetry import configure_logging
from lintas.web import MIB, BodyLimits, Cursors, Probe, create_service
from lintas.web.memory import set_aside
from router import api, consumer, pages
from router.app.loops import consuming
from router.channels.gateway import Gateway
from router.settings import SERVICE, RouterSettings
from router.usecases.backtesting import Backtesting, Runs
from router.usecases.exporting import Exporting
from router.usecases.following import Rules
from router.usecases.modelling import Models
from router.usecases.publishing import Publishing
from router.usecases.statements import Statements, wanted
from router.workers import BacktestLoop, DropLoop, FollowLoop

#: what can be configured, for the generated page
SETTINGS = RouterSettings
_MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
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
    rules = Rules(
        reader.read_on, fetch=models.content, notice=settings.rules_notice, settle=set_aside
    )
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
    reads = consuming(settings, reading, Gateway(gateway), work)
    loops = Loops(
        [
            FollowLoop(rules, poll_s=settings.rules_poll_s),
            FollowLoop(statements, poll_s=settings.statements_notice_s / 3),
            RelayLoop(relay),
            *reads,
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
        stopped = any(loop.runner and loop.runner.stopped for loop in reads)
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
            *(api.ruleset_routes(deps), api.publication_routes(deps), api.model_routes(deps)),
            pages.routes(deps.publishing),
            api.corpus_routes(api.CorpusDeps(Exporting(work), deps.cursors)),
            api.backtest_routes(
                api.BacktestDeps(
                    Backtesting(work), rules, pages.report, pages.listing, deps.cursors
                )
            ),
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


def _cursor_key(settings: RouterSettings) -> bytes:
    return hmac.digest(settings.key_pepper.get_secret_value().encode(), b"cursors", "sha256")
