"""One way to read an address: every spelling of it, and what has none."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.addresses import (
    address_key,
    address_text,
    covers,
    has_host_name,
    ip_of,
    is_at_any,
    is_elsewhere,
    is_ipv6,
    is_on_loopback,
    to_connect_to,
)

NOT_IP: list[Any] = [
    None,
    "",
    b"",
    (),
    "/tmp/a socket",
    b"\0abstract",
    (0, 0),
    (2, 1234),
    ("can0",),
    (b"127.0.0.1", 80),
]
"""Addresses of other families, and what stands for none."""

hosts = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda ip: f"::ffff:{ip}"),
    st.ip_addresses(v=6).map(lambda ip: ip.exploded.upper()),
    st.sampled_from(["", "0.0.0.0", "::", "::1", "127.0.0.1", "localhost", "fe80::1%2", "1.2.3"]),
    st.text(max_size=8),
)
ends = st.tuples(hosts, st.integers(0, 65535))


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (("127.0.0.1", 80), ("127.0.0.1", 80)),
        (("::ffff:127.0.0.1", 80, 0, 0), ("127.0.0.1", 80)),
        (("::FFFF:7f00:1", 80), ("127.0.0.1", 80)),
        (("::1", 80, 0, 0), ("::1", 80)),
        (("0:0::1", 80), ("::1", 80)),
        (("FE80::1%eth0", 80, 0, 2), ("fe80::1", 80)),
        (("", 80), ("", 80)),
        (("localhost", 80), ("localhost", 80)),
        ("/tmp/s", b"/tmp/s"),
        ("/tmp/\udcff", b"/tmp/\xff"),
        (b"\0abstract", b"\0abstract"),
        (None, None),
    ],
)
def test_each_spelling_of_an_address_has_the_same_key(address: Any, key: Any) -> None:
    assert address_key(address) == key


@given(ends)
def test_a_key_is_its_own_key(end: tuple[str, int]) -> None:
    assert address_key(address_key(end)) == address_key(end)


@given(hosts)
def test_an_ip_address_is_what_the_system_takes_for_one(host: str) -> None:
    bare = host.partition("%")[0]

    def taken(family: int) -> bool:
        try:
            socket.inet_pton(family, bare)
        except (OSError, ValueError):
            return False
        return True

    assert (ip_of(host) is not None) == any(map(taken, (socket.AF_INET, socket.AF_INET6)))


@pytest.mark.parametrize(
    ("listening", "asked", "gets"),
    [
        (("127.0.0.1", 80), ("127.0.0.1", 80), True),
        (("127.0.0.1", 80), ("127.0.0.1", 81), False),
        (("127.0.0.1", 80), ("127.0.0.2", 80), False),
        (("127.0.0.1", 80), ("", 80), True),
        (("127.0.0.1", 80), ("0.0.0.0", 80), True),
        (("127.0.0.1", 80), ("::", 80), False),
        (("::1", 80), ("::", 80), True),
        (("::1", 80), ("0.0.0.0", 80), False),
        (("0.0.0.0", 80), ("192.0.2.1", 80), True),
        (("0.0.0.0", 80), ("::1", 80), False),
        (("::", 80), ("::1", 80), True),
        (("::", 80), ("127.0.0.1", 80), True),
        (b"/tmp/s", b"/tmp/s", True),
        (b"/tmp/s", b"/tmp/t", False),
        (b"/tmp/s", ("0.0.0.0", 80), False),
        ((2, 80), ("", 80), False),
    ],
)
def test_who_gets_what_is_sent_to_an_address(listening: Any, asked: Any, gets: bool) -> None:
    assert covers(listening, asked) is gets


@pytest.mark.parametrize(
    ("local", "remote", "elsewhere"),
    [
        (("192.0.2.1", 5), ("198.51.100.1", 80), True),
        (("192.0.2.1", 5), ("192.0.2.1", 80), False),
        (("127.0.0.1", 5), ("127.0.0.2", 80), False),
        (("0.0.0.0", 5), ("198.51.100.1", 80), False),
        (("::1", 5), ("2001:db8::1", 80), False),
        (("2001:db8::2", 5), ("2001:db8::1", 80), True),
        (b"", b"/tmp/s", False),
        (None, ("198.51.100.1", 80), False),
    ],
)
def test_which_connection_leads_to_another_computer(
    local: Any, remote: Any, elsewhere: bool
) -> None:
    assert is_elsewhere(local, remote) is elsewhere


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.9", "::1", "0:0::1", "::ffff:127.0.0.1"])
def test_only_this_machine_reaches_a_loopback_address(host: str) -> None:
    assert is_on_loopback((host, 80))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "::127.0.0.1", ""])
def test_other_computers_may_reach_any_other_address(host: str) -> None:
    assert not is_on_loopback((host, 80))


def test_only_this_machine_reaches_a_path() -> None:
    assert is_on_loopback("/tmp/s")


@pytest.mark.parametrize(
    ("listening", "client"),
    [
        (("0.0.0.0", 80), ("127.0.0.1", 80)),
        (("", 80), ("127.0.0.1", 80)),
        (("::", 80, 0, 0), ("::1", 80, 0, 0)),
        (("192.0.2.1", 80), ("192.0.2.1", 80)),
        ("/tmp/s", "/tmp/s"),
        (None, None),
    ],
)
def test_where_a_client_connects_to_a_listener(listening: Any, client: Any) -> None:
    assert to_connect_to(listening) == client


@pytest.mark.parametrize(
    ("address", "six"),
    [
        (("::1", 80), True),
        (("localhost", 80, 0, 0), True),
        (("127.0.0.1", 80), False),
        (("localhost", 80), False),
        ("/tmp/a:b", False),
        (None, False),
    ],
)
def test_which_family_an_address_needs(address: Any, six: bool) -> None:
    assert is_ipv6(address) is six


@pytest.mark.parametrize(
    "host", ["localhost", "<broadcast>", "127.1", "1.2.3", "::1::", "a.example"]
)
def test_a_host_name_must_be_looked_up(host: str) -> None:
    assert has_host_name((host, 80))


@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1", "::1", "fe80::1%eth0"])
def test_an_ip_address_is_not_looked_up(host: str) -> None:
    assert not has_host_name((host, 80))


@pytest.mark.parametrize("address", NOT_IP)
def test_what_is_no_ip_address_is_taken_as_it_is(address: Any) -> None:
    assert not has_host_name(address)
    assert not is_at_any(address)
    assert to_connect_to(address) == address
    assert covers(address, address)
    assert not is_elsewhere(address, ("198.51.100.1", 80))
    assert address_text(address).isprintable()


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (("127.0.0.1", 40213), "127.0.0.1:40213"),
        (("::1", 40213, 0, 0), "[::1]:40213"),
        (("::ffff:127.0.0.1", 40213, 0, 0), "[::ffff:127.0.0.1]:40213"),
        (("fe80::1", 40213, 0, 2), "[fe80::1%2]:40213"),
        (("fe80::1%eth0", 40213, 0, 2), "[fe80::1%eth0]:40213"),
        (("fe80::1%eth0", 40213), "[fe80::1%eth0]:40213"),
        (("fe80::1", 40213), "[fe80::1]:40213"),
        (("0.0.0.0", 0), "-"),
        ("/tmp/s", "/tmp/s"),
        ("/tmp/\\x1b", r"/tmp/\\x1b"),
        ("/tmp/\x1b", r"/tmp/\x1b"),
        (os.fsencode("/tmp/\udcff"), r"/tmp/\xff"),
        (b"\0abstract", r"\x00abstract"),
        ("", "-"),
        (b"", "-"),
        (None, "-"),
        ((), "-"),
        (("can0",), "('can0',)"),
        ((2, 1234), "(2, 1234)"),
    ],
)
def test_how_an_address_is_written(address: Any, text: str) -> None:
    assert address_text(address) == text


def test_another_word_may_stand_for_no_address() -> None:
    assert address_text(None, "an unnamed socket") == "an unnamed socket"
    assert address_text(("0.0.0.0", 0), "an unnamed socket") == "an unnamed socket"


@given(ends)
def test_no_host_can_change_the_line_in_which_it_is_written(end: tuple[str, int]) -> None:
    assert address_text(end).isprintable()
