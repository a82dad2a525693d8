"""Which addresses may be asked: nothing that is, or may lead to, a network of our own."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from lintas.vocabulary.errors import FieldError, Invalid

#: a port's number → the addresses of a name
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# `is_global` of the standard library lets several of these pass, so what is closed is listed
_CLOSED_4 = [
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
]
#: everything else in IPv6 is local, reserved, multicast or another network's address in disguise
_OPEN_6 = ip_network("2000::/3")
_CLOSED_6 = [
    ip_network(net)
    for net in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]


class AddressBlocked(Invalid):
    """The address is not one we may call (422)."""

    code = "address-blocked"

    def __init__(self, expected: str) -> None:
        super().__init__(
            "The address is not one we may call.", [FieldError("/url", "blocked", expected)]
        )


def is_blocked(address: str) -> bool:
    """Whether an IP address may not be connected to; what is no address may not either."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return True
    if isinstance(parsed, IPv4Address):
        return any(parsed in net for net in _CLOSED_4)
    return _is_blocked_6(parsed)


def _is_blocked_6(address: IPv6Address) -> bool:
    # a zone names an interface of this machine
    return (
        address.scope_id is not None
        or address not in _OPEN_6
        or any(address in net for net in _CLOSED_6)
    )


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system finds them; odd spellings of numbers come out plain."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [*dict.fromkeys(str(address[0]) for *_, address in found)]
