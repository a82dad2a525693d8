"""What turns while the service runs."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

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
from ingest.settings import SERVICE, IngestSettings
from ingest.usecases.deps import Deps
from ingest.usecases.imports import ImportWork
from ingest.usecases.upkeep import Keep
from ingest.workers import CommitLoop, DueLoop, ImportLoop, UpkeepLoop
from ingest.workers.listener import ListenerLoop
from ingest.workers.mailbox import MailboxLoop
from ingest.workers.mastodon import MastodonLoop
from lintas.config import key_bytes
from lintas.database.parking import SqlParking
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop, Loop, RelayLoop
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.reader import TopicReader
from lintas.messaging.relay import Relay
from lintas.messaging.runner import Runner
from lintas.privacy import seal

#: one full set is prepared while another is on its way to the disk
_SETS_AT_ONCE = 2


def loops(
    settings: IngestSettings,
    deps: Deps,
    import_work: ImportWork,
    relay: Relay,
    producer: KafkaProducer,
) -> Iterator[Loop]:
    """Every loop of the service, once."""
    for _ in range(_SETS_AT_ONCE):
        yield CommitLoop(deps)
    yield RelayLoop(relay)
    yield ImportLoop(deps, import_work)
    yield DueLoop(deps.fetching.due)
    yield DueLoop(deps.collecting.due)
    yield DueLoop(deps.collecting.due_public)
    yield UpkeepLoop(deps, _keep(settings))
    yield _directory_loop(settings, deps)
    yield _erased_loop(settings, deps)
    yield _status_loop(settings, deps, producer)
    yield CatchUpLoop(deps, lambda: TopicReader(settings.kafka, SERVICE, STATUS_TOPICS))
    yield from _feeds(settings, deps)


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
