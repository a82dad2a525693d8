"""What is wired: the composition root."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from ingest import api, pages
from ingest.api import open311 as open311_api
from ingest.api.imports import IMPORTS_PATH
from ingest.api.mentions import BATCH_PATH
from ingest.app.deps import build
from ingest.app.loops import loops
from ingest.channels import CHANNELS, files
from ingest.channels.accounts import WebhookAccount, load_accounts
from ingest.settings import SERVICE, IngestSettings
from ingest.usecases import probes
from ingest.usecases.quotas import by_the_minute
from lintas import faults
from lintas.auth import KeyAuthenticator, KeyRing, Pepper
from lintas.config import describe_fields
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.outbox import SqlOutbox
from lintas.database.work import UnitOfWork
from lintas.messaging.loops import Loops
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.relay import Relay
from lintas.net import Asking
from lintas.telemetry import configure_logging
from lintas.web import MIB, BodyLimits, Probe, create_service

#: what the launcher may use; it reads histories with `files`
__all__ = ["SERVICE", "SETTINGS", "create_app", "files", "from_environment", "migrate"]

#: what can be configured, for the generated page
SETTINGS = IngestSettings
#: what an account of each channel may have in LINTAS_ACCOUNTS_FILE, for the same page
ACCOUNTS = {channel: describe_fields(kind) for channel, kind in CHANNELS.items()}
_MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
#: a statement of the front door that runs longer is answered 503
_STATEMENT_TIMEOUT_MS = 2_000


def from_environment() -> FastAPI:
    """The service as the process's environment describes it."""
    return create_app(os.environ)


async def migrate(environ: Mapping[str, str]) -> None:
    """Bring the database to the newest schema; LINTAS_DATABASE_OWNER_URL says as whom."""
    settings = IngestSettings.load(environ)
    if settings.database_owner_url is None:
        raise ValueError("LINTAS_DATABASE_OWNER_URL is needed for migrations")
    await migrations.migrate(settings.database_owner_url.get_secret_value(), _MIGRATIONS)


def create_app(environ: Mapping[str, str]) -> FastAPI:
    """The service; its loops run while it does. Kafka may be away, the key ring may not."""
    settings = IngestSettings.load(environ)
    accounts = load_accounts(settings.accounts_file, CHANNELS)
    configure_logging(
        service=SERVICE,
        level=settings.log_level,
        secrets=(*settings.secrets(), *accounts.secrets()),
    )
    faults.arm(settings.fault, environment=settings.environment)
    engine = create_engine(
        settings.database_url.get_secret_value(),
        application=SERVICE,
        pool_size=settings.database_pool,
        statement_timeout_ms=_STATEMENT_TIMEOUT_MS,
    )
    producer = KafkaProducer(settings.kafka, SERVICE)
    relay = Relay(SqlOutbox(engine), producer)
    asking = Asking(also=settings.ask_also)
    work = UnitOfWork(engine, SERVICE, on_published=relay.wake)
    deps, import_work = build(settings, accounts, work, asking)
    turning = Loops([*loops(settings, deps, import_work, relay, producer)], is_outage=is_outage)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        turning.start()
        try:
            yield
        finally:
            await turning.stop()
            await producer.stop()
            await asking.close()
            await engine.dispose()

    app = create_service(
        name=SERVICE,
        title="Lintas: intake",
        routers=[*api.routers(deps), *pages.routers(deps)],
        lifespan=lifespan,
        probes=[Probe(name, partial(check, deps)) for name, check in probes.PROBES.items()],
        authenticator=KeyAuthenticator(
            [KeyRing.from_file(settings.keys_file)],
            Pepper(settings.key_pepper, settings.key_pepper_previous),
        ),
        limits=BodyLimits(
            larger={
                BATCH_PATH: 8 * MIB,
                IMPORTS_PATH: settings.import_most_mib * MIB,
                pages.SEND_PATH: 2 * settings.media_most_bytes + MIB,
                **open311_api.LARGER,
                **_larger_webhooks(),
            }
        ),
        static=pages.STATIC,
        error_formats={open311_api.PREFIX: open311_api.refusal, **pages.error_formats()},
        quota=by_the_minute("key", settings.quota_key),
    )
    app.state.deps = deps
    return app


def _larger_webhooks() -> dict[str, int]:
    return {
        f"/v1/webhooks/{channel}/": kind.body_limit
        for channel, kind in CHANNELS.items()
        if issubclass(kind, WebhookAccount) and kind.body_limit > MIB
    }
