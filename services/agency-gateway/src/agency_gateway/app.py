"""What is wired: the composition root and what the launcher may call."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from agency_gateway import api, pages
from agency_gateway.api.history import HISTORY_PATH
from agency_gateway.channels.ingest import Ingest
from agency_gateway.consumer import GROUP, TOPICS, follow_routing
from agency_gateway.settings import GatewaySettings
from agency_gateway.usecases import probes
from agency_gateway.usecases.asking import Front
from agency_gateway.usecases.cities import CityRules
from agency_gateway.usecases.complaints import Complaints, Files, Reading
from agency_gateway.usecases.deps import Deps
from agency_gateway.usecases.documents import Documents
from agency_gateway.usecases.people import People, StoredKeys, StoredSessions
from agency_gateway.usecases.queues import Queues
from agency_gateway.usecases.routing import Imports, Registrar, Returns
from agency_gateway.usecases.sight import Sights
from agency_gateway.usecases.statements import Ledger, Releasing, Writing
from agency_gateway.workers import UpkeepLoop
from lintas import faults
from lintas.auth import (
    Authenticators,
    KeyAuthenticator,
    KeyRing,
    Passwords,
    Pepper,
    SessionAuthenticator,
)
from lintas.config import key_bytes
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.outbox import SqlOutbox
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop, Loop, Loops, RelayLoop
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.relay import Relay
from lintas.messaging.runner import Runner
from lintas.net import Neighbour
from lintas.privacy import seal
from lintas.telemetry import configure_logging
from lintas.web import MIB, BodyLimits, Cursors, Probe, create_service

#: what can be configured, for the generated page
SETTINGS = GatewaySettings
SERVICE = "agency-gateway"
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def from_environment() -> FastAPI:
    """The service as the process's environment describes it."""
    return create_app(os.environ)


async def migrate(environ: Mapping[str, str]) -> None:
    """Bring the database to the newest schema; LINTAS_DATABASE_OWNER_URL says as whom."""
    settings = GatewaySettings.load(environ)
    if settings.database_owner_url is None:
        raise ValueError("LINTAS_DATABASE_OWNER_URL is needed for migrations")
    await migrations.migrate(settings.database_owner_url.get_secret_value(), _MIGRATIONS)


def create_app(environ: Mapping[str, str]) -> FastAPI:
    """The service; unless pinned to agencies, its consumer and workers run while it does.

    Kafka may be away: HTTP goes on, and events wait in the outbox.
    """
    settings = GatewaySettings.load(environ)
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
    pepper = Pepper(settings.key_pepper, settings.key_pepper_previous)
    ingest = Neighbour("ingest", settings.ingest_url, settings.ingest_key.get_secret_value())
    deps = _deps(settings, work, pepper, ingest)
    # a pinned instance may be near its agency and far from Kafka: its outbox rows are in the one
    # database, and an unpinned instance's relay publishes them
    turning: list[Loop] = [] if settings.is_pinned else [
        RelayLoop(relay),
        # two members of the group: while one waits for the database, the other decides
        _routing_loop(settings, deps, producer),
        _routing_loop(settings, deps, producer),
        UpkeepLoop(
            work,
            outbox=timedelta(hours=settings.outbox_keep_hours),
            answers=timedelta(hours=settings.answers_keep_hours),
        ),
    ]  # fmt: skip
    loops = Loops(turning, is_outage=is_outage)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loops.start()
        try:
            yield
        finally:
            await loops.stop()
            await ingest.close()
            await producer.stop()
            await engine.dispose()

    app = create_service(
        name=SERVICE,
        title="Lintas: agencies",
        routers=[*api.ROUTERS, pages.router(deps)],
        lifespan=lifespan,
        probes=[Probe("database", partial(probes.database, work))],
        authenticator=Authenticators(
            keys=KeyAuthenticator(
                [KeyRing.from_file(settings.keys_file), StoredKeys(work)], pepper
            ),
            sessions=SessionAuthenticator(StoredSessions(work)),
        ),
        static=pages.STATIC,
        limits=BodyLimits(larger={HISTORY_PATH: 8 * MIB}),
    )
    app.state.engine = engine
    app.state.deps = deps
    app.state.cursors = Cursors(pepper.derive("cursors"))
    app.state.public_url = settings.public_url
    return app


def _deps(settings: GatewaySettings, work: UnitOfWork, pepper: Pepper, ingest: Neighbour) -> Deps:
    front, city = Front(work), CityRules()
    sights = Sights(frozenset(settings.agencies))
    return Deps(
        work=work,
        queues=Queues(front, sights),
        complaints=Complaints(front, sights, city),
        reading=Reading(work, sights),
        files=Files(work, sights, Ingest(ingest)),
        writing=Writing(front, sights),
        releasing=Releasing(front, sights),
        ledger=Ledger(work),
        people=People(
            front,
            sights,
            city,
            pepper=pepper,
            environment=settings.environment,
            session=timedelta(hours=settings.session_hours),
            passwords=Passwords(),
        ),
        documents=Documents(work, sights),
        registrar=Registrar(work, city, consumer=GROUP),
        imports=Imports(work, city),
        returns=Returns(work),
    )


def _routing_loop(settings: GatewaySettings, deps: Deps, producer: KafkaProducer) -> ConsumerLoop:
    key = key_bytes(settings.quarantine_key)
    aside = Quarantine(producer, SERVICE, lambda value: seal(key, value, SERVICE.encode()))

    def runner(consumer: KafkaConsumer) -> Runner:
        return Runner(
            consumer,
            follow_routing(deps.registrar),
            group=GROUP,
            aside=aside,
            parking=SqlParking(deps.work, GROUP),
        )

    return ConsumerLoop(lambda: KafkaConsumer(settings.kafka, GROUP, TOPICS), runner)
