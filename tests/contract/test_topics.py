from pathlib import Path

from lintas.contracts import topics
from lintas.contracts.events import EVENTS

REGISTRY = {
    spec.name: spec for spec in topics.load(Path(__file__).parents[2] / "deploy" / "topics.yaml")
}
#: an agency asks for its own topic, so its name is not known beforehand
PER_AGENCY = {"lintas.agency.notified.v1"}


def test_every_topic_the_code_names_is_registered():
    named = {
        value
        for name, value in vars(topics).items()
        if name.isupper() and isinstance(value, str) and value.startswith("lintas.")
    }
    quarantine = {
        topics.quarantine_topic(service)
        for service in ("ingest", "router", "agency-gateway", "metrics")
    }
    assert named | quarantine == REGISTRY.keys()


def test_every_event_has_exactly_one_topic():
    carried = [event for spec in REGISTRY.values() for event in spec.events]
    assert sorted(carried) == sorted(EVENTS.keys() - PER_AGENCY)


def test_topics_of_complaint_facts_have_the_same_number_of_partitions():
    partitions = {
        REGISTRY[name].partitions for name in (topics.MENTIONS, topics.ROUTING, topics.COMPLAINTS)
    }
    assert len(partitions) == 1


def test_what_is_kept_for_ever_has_no_retention_and_reference_data_is_compacted():
    assert REGISTRY[topics.COMPLAINTS].retention_days is None
    assert REGISTRY[topics.STATEMENTS].retention_days is None
    assert REGISTRY[topics.DIRECTORY].compact
    assert REGISTRY[topics.RULES].compact
    assert REGISTRY[topics.MENTIONS].retention_days == 30


def test_a_single_broker_gets_one_copy_that_must_be_in_sync():
    spec = REGISTRY[topics.COMPLAINTS]
    assert spec.configuration(brokers=1)["min.insync.replicas"] == "1"
    assert spec.configuration(brokers=3)["min.insync.replicas"] == "2"
