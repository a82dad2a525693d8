from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from ingest.domain.city import City
from ingest.domain.joining import Candidate, continued, may_join
from ingest.domain.mentions import Arrival, Continued, Said, revision_order
from lintas.testing.builders import complaint_id
from lintas.vocabulary.terms import Anonymity, Joined, PublicStatus
from lintas.vocabulary.ticket import Ticket

NOW = datetime(2026, 3, 17, 8, tzinfo=UTC)
CITY = City("BGR", "Asia/Jakarta")
SITI, BUDI = b"s" * 32, b"b" * 32


def named(joined: Joined, number: int, reporter: bytes = SITI) -> Candidate:
    about = Continued(
        complaint_id(number), Ticket("BGR-2222-2222-2"), "door", Anonymity.ANONYMOUS, joined
    )
    return Candidate(about, reporter, PublicStatus.RECEIVED, NOW - timedelta(days=1))


REPLY, THREAD, TICKET = (
    named(joined, n) for n, joined in enumerate((Joined.REPLY, Joined.CONVERSATION, Joined.TICKET))
)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], None),
        ([REPLY, THREAD, TICKET], REPLY),
        ([THREAD, TICKET], TICKET),
        ([THREAD], THREAD),
        ([named(Joined.REPLY, 4, BUDI), THREAD], THREAD),
        ([named(Joined.TICKET, 5, BUDI)], named(Joined.TICKET, 5, BUDI)),
        ([named(Joined.CONVERSATION, 6, BUDI)], None),
    ],
)
def test_a_reply_tells_more_than_a_ticket_and_a_ticket_more_than_the_thread(candidates, chosen):
    arrival = Arrival(Said("x", "k", "Masih", conversation="t"), "door", NOW, "trace")
    found = {one.joined: one for one in candidates}
    assert continued(arrival, SITI, found, CITY) == chosen


@pytest.mark.parametrize(
    ("status", "refers", "joins"),
    [
        (PublicStatus.RECEIVED, None, True),
        (PublicStatus.ANSWERED, None, True),
        (PublicStatus.RESOLVED, None, True),
        # an officer takes these up again
        (PublicStatus.NO_ACTION, None, True),
        (PublicStatus.REJECTED, None, True),
        (PublicStatus.CLOSED, None, False),
        (PublicStatus.WITHDRAWN, None, False),
        # said where only more of a complaint can be said
        (PublicStatus.CLOSED, False, True),
    ],
)
def test_a_ticket_of_what_nobody_has_on_a_desk_any_more_opens_a_complaint(status, refers, joins):
    found = {Joined.TICKET: replace(TICKET, status=status)}
    arrival = Arrival(Said("x", "k", "BGR-2222-2222-2", refers=refers), "door", NOW, "trace")
    assert (continued(arrival, BUDI, found, CITY) is not None) == joins


def test_most_mentions_need_not_be_looked_at():
    assert not may_join(Said("x", "k", "Lampu mati di jalan"), "BGR")
    assert may_join(Said("x", "k", "tiket bgr 7k2m"), "BGR")
    assert may_join(Said("x", "k", "Masih", in_reply_to="1"), "BGR")
    assert not may_join(Said("x", "k", "BGR-7K2M", in_reply_to="1", own=True), "BGR")
    assert not may_join(Said("web", "lapor", "BGR-7K2M", refers=True), "BGR")


@pytest.mark.parametrize(
    "revisions",
    [
        ("0", "1", "2", "10", "11"),
        ("0", "1700000000", "1700000001"),
        ("0", "2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00.001Z"),
        ("0", "1930000000000000001", "1930000000000000009"),
    ],
)
def test_revisions_are_in_the_order_of_a_posts_states(revisions):
    for order in permutations(revisions):
        assert sorted(order, key=revision_order) == list(revisions)
