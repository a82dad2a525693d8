"""What is wired: the composition root."""

import os
import random
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI

from ingest import api, pages
from ingest.api import open311 as open311_api
from ingest.api.imports import IMPORTS_PATH
from ingest.api.mentions import BATCH_PATH
from ingest.channels import CHANNELS, files
from ingest.channels.accounts import Accounts, WebhookAccount, load_accounts
from ingest.channels.email import EmailAccount
from ingest.channels.mastodon import MastodonAccount
from ingest.consumer import (
    DIRECTORY_TOPICS,
    ERASED_TOPICS,
    STATUS_GATHERS_MS,
    STATUS_GROUP,
    STATUS_TOPICS,
    CatchUpLoop,
    DirectoryLoop,
    ErasedLoop,
    follow_status,
    is_erasure,
)
from ingest.domain.identity import Identities
from ingest.domain.links import Links
from ingest.schemas import read_said
from ingest.settings import IngestSettings
from ingest.usecases import probes
from ingest.usecases.aside import Aside
from ingest.usecases.backlog import Backlog
from ingest.usecases.bodies import Bodies
from ingest.usecases.changing import Changing
from ingest.usecases.cities import Cities
from ingest.usecases.collecting import Collecting
from ingest.usecases.committing import SharedCommit
from ingest.usecases.deps import Deps, Front
from ingest.usecases.enclosing import Enclosing
from ingest.usecases.feedback import Feedback
from ingest.usecases.fetching import Fetching
from ingest.usecases.hearing import Hearing
from ingest.usecases.imports import Importing, ImportWork
from ingest.usecases.intake import Intake
from ingest.usecases.keeping import Keeping
from ingest.usecases.media import SealedMedia
from ingest.usecases.open311 import Bounds, Open311
from ingest.usecases.open311.posting import Posting
from ingest.usecases.open311.reading import Reading
from ingest.usecases.open311.services import Services
from ingest.usecases.preparing import Preparing
from ingest.usecases.quotas import SourceQuota
from ingest.usecases.reference import Reference
from ingest.usecases.reporting import Reporting
from ingest.usecases.restored import Restored
from ingest.usecases.upkeep import Keep
from ingest.usecases.vault import Vault, vault_key
from ingest.workers import CollectLoop, CommitLoop, FetchLoop, ImportLoop, UpkeepLoop
from ingest.workers.listener import ListenerLoop
from ingest.workers.mailbox import MailboxLoop
from ingest.workers.mastodon import MastodonLoop
from lintas import faults
from lintas.auth import KeyAuthenticator, KeyRing, Pepper
from lintas.blobs import FolderBlobs
from lintas.config import describe_fields, key_bytes
from lintas.database import migrations
from lintas.database.engine import create_engine, is_outage
from lintas.database.outbox import SqlOutbox
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop, Loop, Loops, RelayLoop
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.reader import TopicReader
from lintas.messaging.relay import Relay
from lintas.messaging.runner import Runner
from lintas.net import Asking
from lintas.privacy import redact, seal
from lintas.telemetry import configure_logging
from lintas.web import MIB, BodyLimits, Probe, Room, create_service

#: what the launcher may use; it reads histories with `files`
__all__ = ["SERVICE", "SETTINGS", "create_app", "files", "from_environment", "migrate"]

#: what can be configured, for the generated page
SETTINGS = IngestSettings
#: what an account of each channel may have in LINTAS_ACCOUNTS_FILE, for the same page
ACCOUNTS = {channel: describe_fields(kind) for channel, kind in CHANNELS.items()}
SERVICE = "ingest"
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
#: a statement of the front door that runs longer is answered 503
_STATEMENT_TIMEOUT_MS = 2_000
#: one full set is prepared while another is on its way to the disk
_SETS_AT_ONCE = 2


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
    deps, import_work = _deps(settings, accounts, work, asking)
    loops = Loops(
        [
            *(CommitLoop(deps) for _ in range(_SETS_AT_ONCE)),
            RelayLoop(relay),
            ImportLoop(deps, import_work),
            FetchLoop(deps),
            CollectLoop(deps),
            UpkeepLoop(deps, _keep(settings)),
            _directory_loop(settings, deps),
            _erased_loop(settings, deps),
            _status_loop(settings, deps, producer),
            CatchUpLoop(deps, lambda: TopicReader(settings.kafka, SERVICE, STATUS_TOPICS)),
            *_feeds(settings, deps),
        ],
        is_outage=is_outage,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loops.start()
        try:
            yield
        finally:
            await loops.stop()
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
        quota=SourceQuota("key", settings.quota_key, 60),
    )
    app.state.deps = deps
    return app


def _larger_webhooks() -> dict[str, int]:
    return {
        f"/v1/webhooks/{channel}/": kind.body_limit
        for channel, kind in CHANNELS.items()
        if issubclass(kind, WebhookAccount) and kind.body_limit > MIB
    }


def _deps(
    settings: IngestSettings, accounts: Accounts, work: UnitOfWork, asking: Asking
) -> tuple[Deps, ImportWork]:
    previous, key = settings.vault_key_previous, key_bytes(settings.quarantine_key)
    vault = Vault(
        [
            vault_key(key_bytes(secret))
            for secret in (settings.vault_key, previous)
            if secret is not None
        ]
    )
    identities = Identities(settings.complaint_id_key.get_secret_value().encode())
    cities = Cities(work.clock)
    backlog = Backlog(settings.outbox_bound)
    preparing = Preparing(identities, vault, redact=redact, random_bytes=secrets.token_bytes)
    changing = Changing(vault, preparing)
    intake = Intake(work, cities, identities, preparing, backlog)
    hearing = Hearing(intake, identities, changing, at_once=max(1, settings.database_pool // 2))
    aside = Aside(work, lambda content: seal(key, content, b"set_aside"))
    media = SealedMedia(FolderBlobs(settings.media_folder), most_bytes=settings.media_most_bytes)
    collecting = Collecting(
        work,
        accounts,
        intake,
        changing,
        vault,
        media,
        asking,
        most_bytes=settings.media_most_bytes,
        spread=random.random,
    )
    keeping = Keeping(hearing, aside, Enclosing(work, vault, identities, media), collecting)
    commit = SharedCommit(intake.accept, most=settings.commit_size)
    contacts = SourceQuota("contact", settings.quota_contact, 86_400)
    deps = Deps(
        work=work,
        cities=cities,
        identities=identities,
        vault=vault,
        backlog=backlog,
        commit=commit,
        hearing=hearing,
        feedback=Feedback(work, backlog, changing),
        aside=aside,
        bodies=Bodies(work, identities, key, timedelta(hours=settings.bodies_keep_hours)),
        links=Links(settings.public_url, settings.agency_gateway_url),
        media=media,
        accounts=accounts,
        keeping=keeping,
        fetching=Fetching(work, accounts, keeping, asking, key=key, spread=random.random),
        collecting=collecting,
        open311=Open311(
            services=Services(work.clock),
            reading=Reading(work, vault, cities, redact),
            posting=Posting(
                work,
                commit,
                hearing,
                identities,
                vault,
                media,
                repeat_window=timedelta(seconds=settings.open311_repeat_s),
                fresh_id=uuid4,
            ),
            bounds=Bounds(
                calls=SourceQuota("open311", settings.quota_open311, 60),
                downloads=SourceQuota("downloads", settings.quota_downloads, 3_600),
            ),
        ),
        importing=Importing(work, vault, report_days=settings.import_report_days),
        cursor_key=identities.cursor_key,
        reference=Reference(work.clock),
        reporting=Reporting(work, vault, identities, media, commit, contacts=contacts),
        restored=Restored(work),
        front=Front(
            visits=SourceQuota("visits", settings.quota_visits, 60),
            reports=SourceQuota("reports", settings.quota_reports, 600),
            room=Room("front", settings.front_room),
        ),
    )
    import_work = ImportWork(
        work,
        vault,
        cities,
        identities,
        commit,
        read_said=read_said,
        limits=files.Limits(unpacked_bytes=settings.import_unpacked_mib * MIB),
    )
    return deps, import_work


def _feeds(settings: IngestSettings, deps: Deps) -> Iterator[Loop]:
    """What is read where nobody posts to us: mailboxes, a mail server's deliveries, Mastodon."""
    letters = [one for one in deps.accounts if isinstance(one, EmailAccount)]
    for account in letters:
        if account.imap_host is not None:
            yield MailboxLoop(deps, account, most_bytes=settings.mail_most_bytes)
    if settings.mail_listen is not None:
        host, _, port = settings.mail_listen.rpartition(":")
        yield ListenerLoop(
            deps,
            letters,
            address=(host.strip("[]"), int(port)),
            protocol=settings.mail_protocol,
            most_bytes=settings.mail_most_bytes,
            most_connections=settings.mail_connections,
        )
    for one in deps.accounts:
        if isinstance(one, MastodonAccount):
            yield MastodonLoop(deps, one)


def _directory_loop(settings: IngestSettings, deps: Deps) -> DirectoryLoop:
    return DirectoryLoop(deps, lambda: TopicReader(settings.kafka, SERVICE, DIRECTORY_TOPICS))


def _erased_loop(settings: IngestSettings, deps: Deps) -> ErasedLoop:
    def reader(known: Mapping[str, int]) -> TopicReader:
        return TopicReader(settings.kafka, SERVICE, ERASED_TOPICS, known=known, wanted=is_erasure)

    return ErasedLoop(deps.restored, reader)


def _keep(settings: IngestSettings) -> Keep:
    return Keep(
        published=timedelta(hours=settings.outbox_keep_hours),
        set_aside=timedelta(hours=settings.aside_keep_hours),
        requests=timedelta(days=settings.request_keep_days),
        originals=timedelta(days=settings.original_keep_days),
    )


def _status_loop(settings: IngestSettings, deps: Deps, producer: KafkaProducer) -> ConsumerLoop:
    key = key_bytes(settings.quarantine_key)
    aside = Quarantine(producer, SERVICE, lambda value: seal(key, value, SERVICE.encode()))

    def runner(consumer: KafkaConsumer) -> Runner:
        return Runner(
            consumer,
            follow_status(deps),
            group=STATUS_GROUP,
            aside=aside,
            parking=SqlParking(deps.work, STATUS_GROUP),
        )

    def consumer() -> KafkaConsumer:
        return KafkaConsumer(
            settings.kafka, STATUS_GROUP, STATUS_TOPICS, gather_ms=STATUS_GATHERS_MS
        )

    return ConsumerLoop(consumer, runner)
