r"""Addresses: which sockets one stands for, and how it is written.

Rules of this file:

- No question to the system: an address in, an answer or a text out.
- Hosts are compared as bytes, because one host has several spellings: `::1` and `0:0::1`,
  and the IPv4 host that is mapped into IPv6 (`::ffff:127.0.0.1`).
- A path or a host is hostile input. What is not printable becomes a visible escape (`\x1b`)
  here, so nothing later has to think of it.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from helpers.text import cut, distinct, visible

End: TypeAlias = tuple[str, int]
"""The host and the port of one end, as the system's own lists give them."""

_MAPPED: Final = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, RFC 4291 section 2.5.5.2


@dataclass(frozen=True, slots=True)
class Address:
    """What the learner asked for, in the form in which two hosts can be compared."""

    host: bytes
    port: int
    peer: Address | None = None
    """The other end, where one connection is meant."""

    def __str__(self) -> str:
        family = socket.AF_INET if len(self.host) == 4 else socket.AF_INET6
        text = address_text((socket.inet_ntop(family, self.host), self.port))
        return f"{text} and the peer {self.peer}" if self.peer else text

    def is_at(self, end: End) -> bool:
        """Whether it stands for this end. A host of zeros stands for any host."""
        host, port = end
        return port == self.port and (not any(self.host) or _packed(host) == self.host)

    def stands_for(self, local: End, remote: End, state: str) -> bool:
        """Whether it stands for the socket with these ends."""
        at_local, at_remote = self.is_at(local), self.is_at(remote)
        if self.peer is not None:
            return (at_local and self.peer.is_at(remote)) or (at_remote and self.peer.is_at(local))
        if at_local or at_remote:
            return True
        on_every_interface = not any(_packed(local[0]) or b"-")
        return state == "LISTEN" and local[1] == self.port and on_every_interface


def parsed(argument: tuple[Any, ...]) -> Address:
    """The address that `('127.0.0.1', 8080)`, or a pair of such tuples, stands for.

    Raises ValueError for a tuple that is no address.
    """
    if len(argument) == 2 and all(isinstance(end, tuple) for end in argument):
        local, remote = map(_parsed_end, argument)
        return Address(local.host, local.port, remote)
    return _parsed_end(argument)


def _parsed_end(argument: tuple[Any, ...]) -> Address:
    if not 2 <= len(argument) <= 4:
        raise ValueError(f"An address has a host and a port, and this tuple has {len(argument)}.")
    host, port = argument[:2]
    if type(port) is not int or not 1 <= port <= 65535:
        raise ValueError(
            f"The port of an address is a number from 1 to 65535, not {described(port)}."
        )
    packed = _packed(host) if isinstance(host, str) else None
    if packed is None:
        raise ValueError(
            f"The host of an address is an IP address such as '127.0.0.1', not {described(host)}."
        )
    return Address(packed, port)


def described(value: object) -> str:
    """A value in an error message: its type, and the value itself where that is short."""
    kind = type(value).__name__
    if type(value) in (int, bool, float, str, bytes):
        try:
            return f"the {kind} {cut(visible(repr(value)), 40)}"
        except ValueError:  # an int of more than 4,300 digits
            return f"a huge {kind}"
    return "None" if value is None else f"an object of type {distinct(kind)}"


def address_text(address: object) -> str:
    """`127.0.0.1:40213`, `[::1]:40213`, a path, or `-`."""
    if not address:
        return "-"
    if isinstance(address, bytes):
        return distinct(os.fsdecode(address))
    if isinstance(address, str):
        return distinct(address)
    if not isinstance(address, tuple) or not isinstance(address[0], str):
        return distinct(str(address))
    host, port = address[0], address[1]
    if port == 0:
        return "-"
    return distinct(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def _packed(host: str) -> bytes | None:
    """The 4 or 16 bytes of an IP address; None for anything else, such as a host name."""
    if host == "":
        return bytes(4)
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, host.partition("%")[0])
        except (OSError, ValueError):
            continue
        return packed.removeprefix(_MAPPED)
    return None
