"""Asking addresses that others chose: platforms' media, agencies' webhooks."""

from lintas.net.addresses import AddressBlocked, is_blocked, resolve
from lintas.net.asking import Answer, Asking, TooLong, Unanswered

__all__ = ["AddressBlocked", "Answer", "Asking", "TooLong", "Unanswered", "is_blocked", "resolve"]
