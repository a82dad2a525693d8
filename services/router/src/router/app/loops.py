"""What turns while the service runs."""

from lintas.config import key_bytes
from lintas.contracts.topics import COMPLAINTS, MENTIONS
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop
from lintas.messaging.ports import Producer
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import Runner
from lintas.privacy import seal
from router import consumer
from router.channels.gateway import Gateway
from router.settings import SERVICE, RouterSettings
from router.usecases import collecting
from router.usecases.collecting import Collector


def consuming(
    settings: RouterSettings, deps: consumer.Deps, gateway: Gateway, work: UnitOfWork
) -> tuple[ConsumerLoop, ...]:
    """The loops of the router's consumer groups."""
    return (
        _decide_loop(settings, deps, work),
        _reroute_loop(settings, deps, gateway, work),
        _corpus_loop(settings, deps.producer, work),
    )


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


def _corpus_loop(settings: RouterSettings, producer: Producer, work: UnitOfWork) -> ConsumerLoop:
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
