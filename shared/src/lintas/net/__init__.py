"""Asking over HTTP: addresses that others chose (platforms' media, webhooks), and our own services."""

from lintas.net.addresses import AddressBlocked, is_blocked, resolve
from lintas.net.asking import Answer, Asking, TooLong, Unanswered
from lintas.net.neighbours import Incoming, Neighbour

__all__ = [
    "AddressBlocked",
    "Answer",
    "Asking",
    "Incoming",
    "Neighbour",
    "TooLong",
    "Unanswered",
    "is_blocked",
    "resolve",
]
