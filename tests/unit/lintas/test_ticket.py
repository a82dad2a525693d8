import secrets
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.vocabulary.ticket import check_symbol, find_tickets, new_ticket, parse_ticket

TICKET = "BGR-7K2M-4QXA-9"
SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
bodies = st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("body", "check"),
    [("A12425GABC1234002", "M"), ("7K2M4QXA", "9")],
    ids=["a published example", "design"],
)
def test_the_check_symbol_is_iso_7064_mod_37_36(body, check):
    assert check_symbol(body) == check


def test_a_new_ticket_reads_back_and_avoids_symbols_that_look_alike():
    for _ in range(200):
        ticket = new_ticket("BGR", secrets.token_bytes)
        assert parse_ticket(ticket) == ticket
        assert not set("01OI") & set(ticket[4:-2])


def test_the_same_choices_make_the_same_ticket():
    assert new_ticket("BGR", Random(7).randbytes) == new_ticket("BGR", Random(7).randbytes)


@pytest.mark.parametrize(
    "text",
    [
        "BGR-7K2M-4QXA-9",
        " bgr-7k2m-4qxa-9\n",
        "BGR7K2M4QXA9",
        "bgr 7k2m 4qxa 9",
        "BGR\u20137K2M\u20134QXA\u20139",
    ],
)
def test_a_ticket_is_read_as_people_type_it(text):
    assert parse_ticket(text) == TICKET


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BGR",
        "BGR-7K2M-4QXA-8",
        "BGR-7K2M-4QX-9",
        "B-7K2M-4QXA-9",
        "BGR-7K2M-4QXA-9-9",
        "\ud800",
        "BGR--7K2M-4QXA-9",
    ],
)
def test_what_is_no_ticket_is_none(text):
    assert parse_ticket(text) is None


@given(bodies, st.integers(0, 7), st.sampled_from(SYMBOLS))
def test_one_wrong_symbol_is_noticed(body, at, other):
    check = check_symbol(body)
    wrong = body[:at] + other + body[at + 1 :]
    spoilt = f"BGR-{wrong[:4]}-{wrong[4:]}-{check}"
    # 0 and O, 1 and I are one symbol at the end, so a few slips pass there, never one within reach
    if other != body[at] and check not in "01OI":
        assert parse_ticket(spoilt) is None


def test_a_check_symbol_typed_as_its_look_alike_is_read():
    random = Random(36)
    tickets = [new_ticket("BGR", random.randbytes) for _ in range(400)]
    ambiguous = [ticket for ticket in tickets if ticket[-1] in "01OI"]
    assert len({ticket[-1] for ticket in ambiguous}) == 4
    for ticket in ambiguous:
        alike = ticket[:-1] + dict(zip("01OI", "OI01", strict=True))[ticket[-1]]
        assert parse_ticket(alike) == ticket


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Kapan selesai? {TICKET}.", [TICKET]),
        ("tiket saya bgr7k2m4qxa9 belum ada kabar", [TICKET]),
        (f"{TICKET} dan {TICKET.lower()} sama saja", [TICKET]),
        ("BGR-7K2M-4QXA-8 salah ketik", []),
        ("XBGR-7K2M-4QXA-9 bukan tiket", []),
        ("SMG-7K2M-4QXA-9 dari kota lain", []),
        ("BGR-7K2M-4QXA-95 terlalu panjang", []),
        ("jalan rusak", []),
    ],
)
def test_tickets_of_the_city_are_found_in_a_text(text, found):
    assert list(find_tickets(text, "BGR")) == found
