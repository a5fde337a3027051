r"""One way to read the address of a socket: which it is, whom it reaches, how it is written.

An address is what the socket module gives or takes: `(host, port)`, for IPv6 with two numbers
more; the path of a Unix socket as str, or as bytes where it is an abstract name (unix(7)); None or
"" where a socket has no address. What other families have is compared as it is.

Rules of this file:

- No question to the system: an address in, an answer or a text out. A host name stays a name.
- One host has several spellings: `::1` and `0:0::1`, an IPv4 host that is mapped into IPv6
  (`::ffff:127.0.0.1`, RFC 4291 section 2.5.5.2), a scope behind it (`fe80::1%eth0`). `address_key`
  brings them to one. Only keys are compared.
- A path or a host is hostile input. What is not printable becomes a visible escape (`\x1b`) in
  `address_text`.
"""

from __future__ import annotations

import os
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from helpers.text import distinct

ANY_HOST = ("0.0.0.0", "::")
"""The hosts of a socket that is bound at every interface (ip(7), ipv6(7))."""


@lru_cache(maxsize=256)
def ip_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address in a text, without scope and mapping; None for "" and for a host name."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=256)
def _plain(host: str) -> str:
    return str(ip_of(host) or host)


def address_key(address: Any) -> Any:
    """The same value for each spelling of one address: `("127.0.0.1", 8888)`, or a path in bytes.

    The host "" stays, as it stands for every interface of either IP version.
    """
    if _has_host(address):
        return _plain(address[0]), address[1]
    if isinstance(address, str):
        return os.fsencode(address)
    return address


def covers(listening: Any, asked: Any) -> bool:
    """Whether a socket bound to the first key gets what is sent to the second."""
    if listening == asked:
        return True
    if not (_has_host(listening) and _has_host(asked)) or listening[1] != asked[1]:
        return False
    here, there = listening[0], asked[0]
    if here == "::":
        return True  # IPv4 too, unless IPV6_V6ONLY is set
    alike = (":" in here) == (":" in there)
    return there == "" or (alike and (here == "0.0.0.0" or there in ANY_HOST))


def is_at_any(key: Any) -> bool:
    """Whether a socket with this key is bound at every interface."""
    return _has_host(key) and key[0] in ANY_HOST


def is_for_many(key: Any) -> bool:
    """Whether each socket there gets what is sent to this key: a multicast group, or all hosts.

    All hosts of a network have its last address, as far as the key tells: it ends in 255.
    """
    ip = ip_of(key[0]) if _has_host(key) else None
    return ip is not None and (ip.is_multicast or (ip.version == 4 and ip.packed[-1] == 255))


def is_elsewhere(local: Any, remote: Any) -> bool:
    """Whether a connection between these keys leads to another computer, as far as they tell.

    To itself a computer speaks from the address that it speaks to, or from a loopback one.
    """
    if not (_has_host(local) and _has_host(remote)) or local[0] == remote[0]:
        return False
    return not any(key[0] == "" or is_at_any(key) or is_on_loopback(key) for key in (local, remote))


def is_on_loopback(address: Any) -> bool:
    """Whether only this machine can reach the address: 127.0.0.0/8, ::1 (RFC 6890), or a path."""
    if not _has_host(address):
        return True
    ip = ip_of(address[0])
    return ip is not None and ip.is_loopback


def to_connect_to(address: Any) -> Any:
    """Where a client of this machine connects to a listener: at every interface, by loopback."""
    if not _has_host(address) or address[0] not in ("", *ANY_HOST):
        return address
    return ("::1" if address[0] == "::" else "127.0.0.1", *address[1:])


def is_ipv6(address: Any) -> bool:
    """Whether a socket needs the family AF_INET6 for it: four parts, or a host with colons."""
    return _has_host(address) and (len(address) == 4 or ":" in address[0])


def has_host_name(address: Any) -> bool:
    """Whether its host is a name, which the system must look up: "localhost", "<broadcast>"."""
    return _has_host(address) and address[0] != "" and ip_of(address[0]) is None


def address_text(address: Any, none: str = "-") -> str:
    """`127.0.0.1:40213`, `[::1]:40213`, a path, or `none`: a socket without an address.

    A port of 0 is none: the system gives one when the socket first needs it (ip(7)). Without its
    scope a link-local address names no interface: `[fe80::1%2]:40213` (RFC 4007, section 11).
    """
    if isinstance(address, bytes | str):
        return distinct(os.fsdecode(address)) or none
    if not _has_host(address):
        return distinct(str(address)) if address else none
    host, port = address[:2]
    if port == 0:
        return none
    if len(address) == 4 and address[3] and "%" not in host:
        host = f"{host}%{address[3]}"
    return distinct(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def _has_host(address: Any) -> bool:
    return isinstance(address, tuple) and len(address) >= 2 and isinstance(address[0], str)
