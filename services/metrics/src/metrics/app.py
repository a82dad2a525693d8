"""metrics, put together."""

import gc
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from lintas import faults
from lintas.auth import KeyAuthenticator, KeyRing, Pepper
from lintas.config import key_bytes
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import Loops
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import Runner
from lintas.privacy import seal
from lintas.telemetry import configure_logging
from lintas.web import Probe, create_service
from metrics import api, consumer, pages
from metrics.settings import MetricsSettings
from metrics.usecases import reporting
from metrics.usecases.board import Boards
from metrics.usecases.folding import Folder, PositionMoved
from metrics.workers import FoldLoop, GaugeLoop, RebuildLoop

#: what can be configured, for the generated page
SETTINGS = MetricsSettings
_MIGRATIONS = Path(__file__).parents[2] / "migrations"
_QUARANTINED = b"quarantine/metrics"
_REPORT_CONNECTIONS = 4


def create_app(environ: Mapping[str, str]) -> FastAPI:
    """The service as `environ` describes it; its loops turn while it runs."""
    settings = MetricsSettings.load(environ)
    configure_logging(service="metrics", level=settings.log_level, secrets=settings.secrets())
    faults.arm(settings.fault, environment=settings.environment)
    url = settings.database_url.get_secret_value()
    engine = create_engine(url, application="metrics", pool_size=settings.database_pool)
    # reports read for longer than anything else may, so they never wait for its connections
    patient = create_engine(
        url,
        application="metrics.reports",
        pool_size=_REPORT_CONNECTIONS,
        statement_timeout_ms=int(settings.report_timeout_s * 1000),
    )
    work, reports = UnitOfWork(engine, "metrics"), UnitOfWork(patient, "metrics")
    boards = Boards(reports, refresh_s=settings.board_refresh_s)
    producer = KafkaProducer(settings.kafka, "metrics")
    key = key_bytes(settings.quarantine_key)
    aside = Quarantine(producer, "metrics", lambda value: seal(key, value, _QUARANTINED))

    def client(group: str) -> KafkaConsumer:
        return KafkaConsumer(
            settings.kafka,
            group,
            consumer.TOPICS,
            max_records=settings.fold_batch,
            gather_ms=consumer.GATHERS_MS,
        )

    def runner(group: str, kafka: KafkaConsumer, folder: Folder) -> Runner:
        return consumer.make_runner(kafka, work, folder, group=group, aside=aside)

    fold = FoldLoop(work, partial(client, consumer.GROUP), partial(runner, consumer.GROUP))
    loops = Loops(
        [
            fold,
            RebuildLoop(
                work,
                partial(client, consumer.REBUILD_GROUP),
                partial(runner, consumer.REBUILD_GROUP),
            ),
            GaugeLoop(work),
        ],
        is_outage=lambda error: isinstance(error, PositionMoved) or is_outage(error),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loops.start()
        try:
            yield
        finally:
            await boards.stop()
            await loops.stop()
            await producer.stop()
            await engine.dispose()
            await patient.dispose()

    async def database_answers() -> str | None:
        await reporting.standing(work)
        return None

    async def fold_turns() -> str | None:
        if fold.stopped:
            return "a partition stands still: too many of its records could not be read"
        return None if fold.turns else "the log is not being read"

    pepper = Pepper(settings.key_pepper, settings.key_pepper_previous)
    clock = partial(datetime.now, UTC)
    return create_service(
        name="metrics",
        title="Lintas metrics: how long it took, and for whom",
        routers=[
            api.routes(api.Deps(reports, work, clock)),
            pages.router(
                pages.Deps(boards, clock, settings.board_refresh_s, settings.stale_after_s)
            ),
        ],
        lifespan=lifespan,
        probes=[Probe("database", database_answers), Probe("fold", fold_turns)],
        authenticator=KeyAuthenticator([KeyRing.from_file(settings.keys_file)], pepper),
        static=pages.STATIC,
        # reports may read for long; their statements are bounded
        answer_within_s=settings.report_timeout_s + 3,
    )


def from_environment() -> FastAPI:
    """The service as this process's environment describes it (`uvicorn --factory`)."""
    # a report holds hundreds of thousands of objects and no cycles; to look for some among them
    # again and again would take a third of its time
    gc.set_threshold(100_000, 50, 100)
    return create_app(os.environ)


async def migrate(environ: Mapping[str, str]) -> None:
    """Bring the database to the newest schema, as its owner."""
    settings = MetricsSettings.load(environ)
    owner = settings.database_owner_url or settings.database_url
    await migrations.migrate(owner.get_secret_value(), _MIGRATIONS)
