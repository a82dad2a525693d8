import socket
from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.net import AddressBlocked, Asking, Unanswered, is_blocked, resolve

_PUBLIC = "93.184.215.14"


def naming(*addresses: str):
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  # the case
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
    ],
)
def test_an_address_inside_or_reserved_is_blocked(address):
    assert is_blocked(address)


@pytest.mark.parametrize("address", [_PUBLIC, "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_an_address_outside_is_not(address):
    assert not is_blocked(address)


@given(st.ip_addresses(v=4))
def test_what_the_standard_library_calls_private_is_blocked(address):
    if not address.is_global:
        assert is_blocked(str(address))


@given(st.ip_addresses(v=4))
def test_no_disguise_of_an_ipv4_address_in_ipv6_passes(address: IPv4Address):
    number = int(address)
    disguises = [
        ip_address(number),
        ip_address((0xFFFF << 32) | number),
        ip_network("64:ff9b::/96")[number],
        ip_address((0x2002 << 112) | (number << 80)),
    ]
    assert all(is_blocked(f"::{one}" if one.version == 4 else str(one)) for one in disguises)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org:22/",
        "https://example.org:80/",
        "https://",
        "//example.org/",
        "example.org",
        "",
        "https://exa mple.org/",
        "https://example.org:port/",
        "https://[::1/",
        "https://example.org\x00/",
    ],
)
async def test_a_form_that_is_not_plain_https_is_blocked_before_any_name_is_asked(url):
    asked = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [_PUBLIC]

    with pytest.raises(AddressBlocked):
        await Asking(resolve=resolve).check(url)
    assert asked == []


@pytest.mark.parametrize(
    "host",
    ["127.1", "0177.0.0.1", "2130706433", "0x7f.1", "127.0.0.1", "[::1]", "[::ffff:10.0.0.1]"],
)
async def test_odd_spellings_of_loopback_are_found_out_by_the_system_itself(host):
    with pytest.raises(AddressBlocked):
        await Asking().check(f"https://{host}/")


async def test_the_systems_resolver_gives_each_address_once():
    assert await resolve("127.0.0.1", 443) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "addresses", [("10.0.0.1",), (_PUBLIC, "10.0.0.1"), ("::1", _PUBLIC), ("fe80::1%2",)]
)
async def test_a_name_with_any_address_inside_is_blocked(addresses):
    asking = Asking(resolve=naming(*addresses))
    for ask in (asking.check, lambda url: asking.ask("GET", url)):
        with pytest.raises(AddressBlocked):
            await ask("https://rebinding.example/")


async def test_a_name_with_addresses_outside_only_passes():
    await Asking(resolve=naming(_PUBLIC, "2606:4700::1111")).check("https://ok.example:8443/x?y=1")


async def test_a_name_without_address_is_no_refusal_but_a_reason_to_come_again():
    async def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    for resolving in (resolve, naming()):
        with pytest.raises(Unanswered):
            await Asking(resolve=resolving).check("https://gone.example/")


async def test_what_is_open_for_tests_is_one_origin_exactly():
    asking = Asking(resolve=naming("127.0.0.1"), also=["http://127.0.0.1:8080"])
    await asking.check("http://127.0.0.1:8080/any")
    for url in ("http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "http://a@127.0.0.1:8080/"):
        with pytest.raises(AddressBlocked):
            await asking.check(url)


def test_the_refusal_says_what_is_expected_and_not_what_was_given():
    refusal = AddressBlocked("an https address")
    assert refusal.errors[0].detail == "an https address"
    assert refusal.errors[0].pointer == "/url"
